/* trireme report: the page, the pictures and the tables of studies. */
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/options.h"
#include "base/program.h"
#include "cli/commands.h"
#include "cli/help/help.h"
#include "cli/words.h"
#include "study/report/data/points.h"
#include "study/report/report.h"
#include "study/plan/problem.h"
#include "study/run/compare.h"

struct report_options {
  const char *output, *extrap;
};

static const trm_option table[] = {
    TRM_OPT(struct report_options, output, .unit = "DIR",
            .help = "output directory; short form: -o (default: the study's "
                    "own; for several: report)"),
    TRM_OPT(struct report_options, extrap, .unit = "FILE",
            .help = "only write the points of one study for Extra-P"),
    TRM_OPT_END};

static void write_report(const trm__cli *cli, const trm__cli_words *w,
                         const struct report_options *want,
                         const trm__study study[], trm__base_error *error) {
  const trm_option *options =
      trm__study_kernel_options(cli->kernels, study[0].kernel);
  const char *dir = want->output     ? want->output
                    : w->npaths == 1 ? w->path[0]
                                     : "report";
  if (want->extrap) {
    if (trm__study_report_extrap(&study[0], want->extrap, error))
      printf("%s\n", want->extrap);
  } else if (trm__study_report_write(w->npaths, study, options, dir, error)) {
    printf("%s/report.html\n", dir);
  }
}

static void report(const trm__cli *cli, const trm__cli_words *w,
                   const struct report_options *want, trm__base_error *error) {
  if (!error->status && !w->npaths)
    trm__base_error_set(
        error, TRM_EUSAGE,
        "report: no study given; usage: report DIR... [-o DIR], "
        "directories written by `study`");
  if (!error->status && want->extrap && w->npaths > 1)
    trm__base_error_set(error, TRM_EUSAGE,
                        "--extrap %s: give one study, not %d", want->extrap,
                        w->npaths);
  if (error->status) return;
  trm__study *study = trm__base_calloc((size_t)w->npaths, sizeof *study);
  int n = 0;
  while (n < w->npaths && trm__study_load(w->path[n], &study[n], error)) n++;
  if (n == w->npaths) write_report(cli, w, want, study, error);
  for (int i = 0; i < n; i++) trm__study_clear(&study[i]);
  free(study);
}

static void explain(const char *word) {
  (void)word;
  trm__cli_print_options(table, sizeof(struct report_options));
}

static int report_main(const trm__cli *cli) {
  trm__base_error error = {TRM_OK, ""};
  trm__cli_words w = trm__cli_words_sort(cli, NULL);
  trm__base_options *options =
      trm__base_options_new(table, sizeof(struct report_options));
  if (trm__cli_wants_help(cli)) {
    trm__cli_help_command(&trm__cli_report);
  } else {
    trm__base_options_args(options, w.noptions, w.option, &error);
    report(cli, &w, options->values, &error);
  }
  trm__base_options_free(&options);
  trm__cli_words_clear(&w);
  if (!error.status) return 0;
  trm__base_error_print("%s", error.text);
  return trm_status_exit(error.status);
}

const trm__cli_command trm__cli_report = {
    "report",
    "DIR... [-o DIR]",
    "write page, pictures and tables of studies",
    report_main,
    explain,
    true};
