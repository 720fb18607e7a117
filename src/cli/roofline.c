/* trireme roofline: results under the ceilings of their machine, with gnuplot. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/options.h"
#include "base/program.h"
#include "cli/commands.h"
#include "cli/help/help.h"
#include "cli/words.h"
#include "host/machine/figures.h"
#include "host/machine/machine.h"
#include "study/report/pictures/gnuplot.h"
#include "study/report/pictures/roofline.h"

struct roofline_options {
  const char *output, *machine;
  bool keep;
};

static const trm_option table[] = {
    TRM_OPT(struct roofline_options, output, .unit = "FILE.svg|FILE.png",
            .help = "the picture; short form: -o"),
    TRM_OPT(struct roofline_options, machine, .unit = "FILE",
            .help = "ceilings of this machine file, not of the results'"),
    TRM_OPT(struct roofline_options, keep,
            .help = "keep the gnuplot script as OUTPUT.gp"),
    TRM_OPT_END};

typedef struct drawing {
  trm__study_roofline_point *points;
  int n;
  trm_machine machine;
  bool machine_known, given; /* given: by --machine */
  char class_of[sizeof(((trm_machine *)0)->node_class)]; /* of a result */
  trm__base_error error;
} drawing;

static int failed(const trm__base_error *error) {
  trm__base_error_print("%s", error->text);
  return trm_status_exit(error->status);
}

/* -- one result ------------------------------------------------------------ */

static const char *flaw_of(const cJSON *result) {
  const cJSON *verified = trm__base_json_at(result, "verified");
  const char *origin = trm__base_json_text_at(result, "origin");
  if (cJSON_IsFalse(verified)) return "a wrong result";
  if (!cJSON_IsTrue(verified)) return "not verified";
  if (!strcmp(origin, "oversubscribed")) return "oversubscribed";
  return strcmp(origin, "measured") ? "not measured" : NULL;
}

static void say(const trm__study_roofline_point *p, const char *what,
                const char *why) {
  printf("%s, %s x %s: %s: %s\n", p->kernel,
         trm__base_text_count(p->ranks, "rank").s,
         trm__base_text_count(p->threads, "thread").s, what, why);
}

static trm__study_roofline_point point_of(const cJSON *result) {
  double seconds = trm__base_json_f64_at(trm__base_json_at(result, "seconds"),
                                         "advance", 0),
         flops = trm__base_json_f64_at(trm__base_json_at(result, "work"),
                                       "flops", 0),
         bytes = trm__base_json_f64_at(trm__base_json_at(result, "work"),
                                       "bytes", 0);
  trm__study_roofline_point p = {
      .ranks = trm__base_json_int_at(result, "ranks", 0),
      .threads = trm__base_json_int_at(result, "threads", 0),
      .hosts = trm__base_json_int_at(result, "hosts", 0),
      .intensity = flops / bytes,
      .rate = flops / seconds,
      .fraction = trm__base_json_f64_at(trm__base_json_at(result, "roofline"),
                                        "fraction", 0),
      .flaw = flaw_of(result)};
  if (p.hosts < 1) p.hosts = 1;
  snprintf(p.kernel, sizeof p.kernel, "%s",
           trm__base_json_text_at(result, "kernel"));
  return p;
}

static bool can_be_drawn(double value) {
  return isfinite(value) && value > 0;
}

static void add_point(drawing *plot, const cJSON *result) {
  trm__study_roofline_point p = point_of(result);
  if (!can_be_drawn(trm__base_json_f64_at(trm__base_json_at(result, "seconds"),
                                          "advance", 0))) {
    say(&p, "not drawn", "its steps took no time");
  } else if (!can_be_drawn(trm__base_json_f64_at(
                 trm__base_json_at(result, "work"), "flops", 0))) {
    say(&p, "not drawn", "it has no flops");
  } else if (!can_be_drawn(p.intensity) || !can_be_drawn(p.rate)) {
    say(&p, "not drawn", "its bytes are unknown");
  } else {
    if (p.flaw) say(&p, "drawn hollow", p.flaw);
    size_t n = (size_t)plot->n++;
    plot->points = trm__base_grow(plot->points, n + 1, sizeof p);
    plot->points[n] = p;
  }
}

/* Take the ceilings of the newest result that has some; report results of another
 * machine. */
static void take_machine(drawing *plot, const cJSON *result,
                         const char *where) {
  const cJSON *machine = trm__base_json_at(result, "machine");
  const char *class_of = trm__base_json_text_at(machine, "class");
  if (*class_of && *plot->class_of && strcmp(class_of, plot->class_of))
    printf("%s: of another machine, %s\n", where, class_of);
  if (*class_of && !*plot->class_of)
    snprintf(plot->class_of, sizeof plot->class_of, "%s", class_of);
  if (plot->given || strcmp(class_of, plot->class_of)) return;
  trm_machine m;
  if (!trm__host_figures_read(machine, &m)) return;
  if (plot->machine_known && strcmp(m.written, plot->machine.written) < 0)
    return;
  plot->machine = m;
  plot->machine_known = true;
}

/* -- files of results ------------------------------------------------------ */

static void read_line(drawing *plot, const char *path, int line,
                      const char *json) {
  cJSON *result = cJSON_Parse(json);
  char *where = trm__base_format("%s, line %d", path, line);
  if (strncmp(trm__base_json_text_at(result, "schema"), "trireme.result/", 15))
    trm__base_error_set(
        &plot->error, TRM_EINPUT,
        "%s: not a result (expected lines written by `run --result`)", where);
  else {
    take_machine(plot, result, where);
    add_point(plot, result);
  }
  cJSON_Delete(result);
  free(where);
}

static void read_results(drawing *plot, const char *path) {
  FILE *file = fopen(path, "r");
  char *line = NULL;
  size_t size = 0;
  int n = 0, lines = 0;
  if (!file) {
    trm__base_error_set(&plot->error, TRM_EINPUT, "%s: %s", path,
                        strerror(errno));
    return;
  }
  errno = 0;
  for (; !plot->error.status && getline(&line, &size, file) >= 0; n++) {
    if (!*trm__base_text_trim(line)) continue;
    lines++;
    read_line(plot, path, n + 1, line);
  }
  if (ferror(file))
    trm__base_error_set(&plot->error, TRM_EINPUT, "%s: %s", path,
                        strerror(errno ? errno : EIO));
  else if (!lines)
    trm__base_error_set(&plot->error, TRM_EINPUT,
                        "%s: empty (expected lines written by `run --result`)",
                        path);
  free(line);
  fclose(file);
}

static void read_machine(drawing *plot, const char *path) {
  trm__host_machine_file file;
  if (trm__host_machine_read(path, &file, &plot->error)) return;
  plot->machine = file.machine;
  plot->machine_known = plot->given = true;
  trm__host_machine_clear(&file);
}

/* Results without ceilings use the machine file of this host. */
static void find_machine(drawing *plot) {
  trm_machine m;
  if (plot->machine_known || plot->error.status) return;
  plot->machine_known = trm_machine_find(&m);
  plot->machine = m;
  if (!plot->machine_known)
    trm__base_error_set(
        &plot->error, TRM_EINPUT,
        "no ceilings: the results contain none and there is no machine file; "
        "run `mpirun ... %s machine` first, or give --machine FILE",
        trm__base_program_path());
  else if (*plot->class_of && strcmp(plot->class_of, m.node_class))
    printf("ceilings of this machine, %s; the results are of %s\n",
           m.node_class, plot->class_of);
}

/* -- gnuplot --------------------------------------------------------------- */

static void copy_script(FILE *script, const char *output,
                        trm__base_error *error) {
  char *path = trm__base_format("%s.gp", output);
  FILE *copy = fopen(path, "w");
  int c;
  rewind(script);
  while (copy && (c = getc(script)) != EOF) putc(c, copy);
  if (!copy || (fflush(copy), ferror(copy)))
    trm__base_error_set(error, TRM_EFILE, "%s: %s", path, strerror(errno));
  if (copy) fclose(copy);
  free(path);
}

/* -- the picture ----------------------------------------------------------- */

static void draw(drawing *plot, const struct roofline_options *want) {
  FILE *script = tmpfile();
  if (!script) {
    trm__base_error_set(&plot->error, TRM_EFILE, "a temporary file: %s",
                        strerror(errno));
    return;
  }
  int unplaced = trm__study_roofline_script(
      script, &plot->machine, plot->n, plot->points,
      trm__base_text_ends(want->output, ".png"), false);
  fflush(script);
  if (want->keep) copy_script(script, want->output, &plot->error);
  if (!plot->error.status)
    trm__study_plot_draw(script, want->output, &plot->error);
  fclose(script);
  if (plot->error.status) return;
  if (unplaced)
    printf("no room for %s\n", trm__base_text_count(unplaced, "label").s);
  printf("%s: %s\n", want->output, trm__base_text_count(plot->n, "result").s);
}

/* -- the command line ------------------------------------------------------ */

static void check_words(const trm__cli_words *w,
                        const struct roofline_options *want,
                        trm__base_error *error) {
  if (error->status) return;
  if (!w->npaths)
    trm__base_error_set(error, TRM_EUSAGE,
                        "roofline: no results given; usage: roofline "
                        "RESULT.jsonl... -o FILE.svg");
  else if (!want->output)
    trm__base_error_set(
        error, TRM_EUSAGE,
        "roofline: no output given; add -o FILE.svg or -o FILE.png");
  else if (!trm__base_text_ends(want->output, ".svg") &&
           !trm__base_text_ends(want->output, ".png"))
    trm__base_error_set(error, TRM_EOPTION,
                        "--output %s: the name must end in .svg or .png",
                        want->output);
}

static void roofline(const trm__cli_words *w,
                     const struct roofline_options *want, drawing *plot) {
  check_words(w, want, &plot->error);
  if (!plot->error.status && want->machine) read_machine(plot, want->machine);
  for (int i = 0; i < w->npaths && !plot->error.status; i++)
    read_results(plot, w->path[i]);
  find_machine(plot);
  if (!plot->error.status && !plot->n)
    trm__base_error_set(&plot->error, TRM_EINPUT,
                        "nothing to draw: no result has both flops and bytes");
  if (!plot->error.status) draw(plot, want);
}

static void explain(const char *word) {
  (void)word;
  trm__cli_print_options(table, sizeof(struct roofline_options));
}

static int roofline_main(const trm__cli *cli) {
  drawing plot = {.n = 0};
  trm__cli_words w = trm__cli_words_sort(cli, "keep");
  trm__base_options *options =
      trm__base_options_new(table, sizeof(struct roofline_options));
  if (trm__cli_wants_help(cli)) {
    trm__cli_help_command(&trm__cli_roofline);
  } else {
    trm__base_options_args(options, w.noptions, w.option, &plot.error);
    roofline(&w, options->values, &plot);
  }
  trm__base_options_free(&options);
  trm__cli_words_clear(&w);
  free(plot.points);
  return plot.error.status ? failed(&plot.error) : 0;
}

const trm__cli_command trm__cli_roofline = {
    "roofline",
    "RESULT... -o FILE.svg",
    "draw results under the ceilings of their machine",
    roofline_main,
    explain,
    false};
