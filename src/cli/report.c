/* trireme report: the page, the pictures and the tables of studies. */
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/options.h"
#include "base/program.h"
#include "cli/words.h"
#include "study/run/compare.h"
#include "study/report/report.h"

struct wanted {
  const char *output, *extrap;
};

static const trm_option table[] = {
    TRM_OPT(struct wanted, output, .unit = "DIR",
            .help = "where to; -o is short for it (default: the study's own "
                    "directory; of several: report)"),
    TRM_OPT(struct wanted, extrap, .unit = "FILE",
            .help = "write the points of one study for Extra-P, nothing else"),
    TRM_OPT_END};

static void write_report(const trm__cli *cli, const trm__words *w,
                         const struct wanted *want, const trm__study study[],
                         trm__base_error *error) {
  const trm_option *options = trm__match_options(cli->kernels, study[0].kernel);
  const char *dir = want->output     ? want->output
                    : w->npaths == 1 ? w->path[0]
                                     : "report";
  if (want->extrap) {
    if (trm__report_extrap(&study[0], want->extrap, error))
      printf("%s\n", want->extrap);
  } else if (trm__report(w->npaths, study, options, dir, error)) {
    printf("%s/report.html\n", dir);
  }
}

static void report(const trm__cli *cli, const trm__words *w,
                   const struct wanted *want, trm__base_error *error) {
  if (!error->status && !w->npaths)
    trm__base_error_set(
        error, TRM_EUSAGE,
        "report of what? want report DIR... [-o DIR], directories "
        "that `study` wrote");
  if (!error->status && want->extrap && w->npaths > 1)
    trm__base_error_set(
        error, TRM_EUSAGE,
        "--extrap %s: of which of %d studies? want one directory", want->extrap,
        w->npaths);
  if (error->status) return;
  trm__study *study = trm__base_calloc((size_t)w->npaths, sizeof *study);
  int n = 0;
  while (n < w->npaths && trm__study_load(w->path[n], &study[n], error)) n++;
  if (n == w->npaths) write_report(cli, w, want, study, error);
  for (int i = 0; i < n; i++) trm__study_clear(&study[i]);
  free(study);
}

void trm__cli_report_help(void) {
  trm__base_options *options =
      trm__base_options_new(table, sizeof(struct wanted));
  printf(
      "\nDraws a study again: report.html, one page that needs nothing else, "
      "its pictures\nas .svg and .png, points.csv, points.jsonl, laws.jsonl "
      "and verdict.jsonl.\nSeveral studies are compared: one page, their "
      "curves "
      "in the same pictures,\ntheir points side by side, with ratios where "
      "both "
      "were measured and give the\nsame answer.\n\nOptions\n");
  trm__base_options_help(options, stdout);
  trm__base_options_free(&options);
}

int trm__cli_report(const trm__cli *cli) {
  trm__base_error error = {TRM_OK, ""};
  trm__words w = trm__words_sort(cli, NULL);
  trm__base_options *options =
      trm__base_options_new(table, sizeof(struct wanted));
  if (trm__wants_help(cli)) {
    printf("%s report DIR... [-o DIR]\n", trm__program_path());
    trm__cli_report_help();
  } else {
    trm__base_options_args(options, w.noptions, w.option, &error);
    report(cli, &w, options->values, &error);
  }
  trm__base_options_free(&options);
  trm__words_clear(&w);
  if (!error.status) return 0;
  trm__error_print("%s", error.text);
  return trm_status_exit(error.status);
}
