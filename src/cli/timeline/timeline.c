/* trireme timeline: a picture of a file written by `run --trace`, without a browser. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/options.h"
#include "base/program.h"
#include "cli/commands.h"
#include "cli/timeline/draw.h"
#include "cli/words.h"

struct timeline_options {
  const char *output;
  int window;
  double from, length;
};

static const trm_option table[] = {
    TRM_OPT(struct timeline_options, output, .unit = "FILE.svg",
            .help = "the picture; short form: -o"),
    TRM_OPT(struct timeline_options, window, .default_text = "-1", .min = -1,
            .max = 1e6,
            .help = "index of the recorded window, from 0 (-1: the last)"),
    TRM_OPT(struct timeline_options, from, .default_text = "0", .unit = "us",
            .min = 0, .max = 1e12,
            .help = "start this long after the start of the window"),
    TRM_OPT(struct timeline_options, length, .default_text = "0", .unit = "us",
            .min = 0, .max = 1e12,
            .help = "length to show (0: about three steps)"),
    TRM_OPT_END};

static int failed(const trm__base_error *error) {
  trm__base_error_print("%s", error->text);
  return trm_status_exit(error->status);
}

/* -- reading --------------------------------------------------------------- */

static cJSON *read_trace(const char *path, trm__base_error *error) {
  struct stat status;
  FILE *file = fopen(path, "r");
  cJSON *json = NULL;
  if (!file || fstat(fileno(file), &status) || S_ISDIR(status.st_mode)) {
    trm__base_error_set(error, TRM_EINPUT, "%s: %s", path,
                        strerror(file ? EISDIR : errno));
  } else {
    size_t size = (size_t)status.st_size;
    char *bytes = trm__base_calloc(size + 1, 1);
    if (fread(bytes, 1, size, file) == size)
      json = cJSON_ParseWithLength(bytes, size);
    free(bytes);
  }
  if (file) fclose(file);
  if (cJSON_IsArray(trm__base_json_at(json, "traceEvents")) &&
      cJSON_IsArray(
          trm__base_json_at(trm__base_json_at(json, "otherData"), "windows")))
    return json;
  trm__base_error_set(
      error, TRM_EINPUT,
      "%s: not a timeline (expected a file written by `run --trace`)", path);
  cJSON_Delete(json);
  return NULL;
}

/* -- selection ------------------------------------------------------------- */

static void choose_span(const char *path, const cJSON *json,
                        const struct timeline_options *want,
                        trm__cli_timeline_picture *t, trm__base_error *error) {
  const cJSON *windows =
      trm__base_json_at(trm__base_json_at(json, "otherData"), "windows");
  int n = cJSON_GetArraySize(windows);
  int k = want->window < 0 ? n - 1 : want->window;
  if (n == 0) {
    trm__base_error_set(error, TRM_EINPUT, "%s: no steps were recorded", path);
    return;
  }
  if (k >= n || k < 0) {
    trm__base_error_set(error, TRM_EOPTION,
                        "--window %d: the timeline has %d, counted from 0",
                        want->window, n);
    return;
  }
  const cJSON *w = cJSON_GetArrayItem(windows, k);
  double begin = trm__base_json_f64_at(w, "begin", 0),
         end = trm__base_json_f64_at(w, "end", 0);
  double steps = fmax(trm__base_json_f64_at(w, "steps", 0), 1);
  t->from = begin + want->from;
  t->to = t->from + (want->length > 0 ? want->length
                                      : fmin(3 / steps, 1) * (end - begin));
  if (t->to > end) t->to = end;
  if (!(t->to > t->from))
    trm__base_error_set(error, TRM_EOPTION,
                        "--from %g: beyond the end of the window, %g us",
                        want->from, end - begin);
}

static trm__cli_bar_kind kind_of(const cJSON *event) {
  const char *kind = trm__base_json_text_at(event, "cat"),
             *name = trm__base_json_text_at(event, "name");
  if (!strcmp(kind, "checkpoint")) return TRM__CLI_BAR_CHECKPOINT;
  if (strcmp(kind, "call")) return TRM__CLI_BAR_SITE;
  return strcmp(name, "waiting") ? TRM__CLI_BAR_TRANSFER : TRM__CLI_BAR_WAITING;
}

static void add_bar(trm__cli_timeline_picture *t, const cJSON *event) {
  double from = trm__base_json_f64_at(event, "ts", 0),
         to = from + trm__base_json_f64_at(event, "dur", 0);
  if (to <= t->from || from >= t->to) return;
  t->bar = trm__base_grow(t->bar, (size_t)t->bars + 1, sizeof *t->bar);
  t->bar[t->bars++] =
      (trm__cli_bar){(int)trm__base_json_f64_at(event, "pid", 0),
                     (int)trm__base_json_f64_at(event, "tid", 0),
                     from,
                     to,
                     kind_of(event),
                     trm__base_json_text_at(event, "name")};
}

static void add_arrow(trm__cli_timeline_picture *t, const cJSON *start,
                      const cJSON *finish) {
  double from = trm__base_json_f64_at(start, "ts", 0),
         to = trm__base_json_f64_at(finish, "ts", 0);
  if (from < t->from || to > t->to) return;
  t->arrow = trm__base_grow(t->arrow, (size_t)t->arrows + 1, sizeof *t->arrow);
  t->arrow[t->arrows++] =
      (trm__cli_arrow){(int)trm__base_json_f64_at(start, "pid", 0),
                       (int)trm__base_json_f64_at(finish, "pid", 0), from, to};
}

/* The finish of an arrow follows its start. */
static void collect(const cJSON *json, trm__cli_timeline_picture *t) {
  const cJSON *event, *start = NULL;
  cJSON_ArrayForEach(event, trm__base_json_at(json, "traceEvents")) {
    const char *phase = trm__base_json_text_at(event, "ph");
    if (!strcmp(phase, "X")) add_bar(t, event);
    if (!strcmp(phase, "f") && start) add_arrow(t, start, event);
    start = !strcmp(phase, "s") ? event : NULL;
  }
}

/* -- the picture ----------------------------------------------------------- */

static void write_picture(const trm__cli_timeline_picture *t,
                          const char *output, trm__base_error *error) {
  trm__base_atomic_file file;
  int failure = trm__base_atomic_file_open(&file, output);
  if (!failure) trm__cli_timeline_draw(t, file.to);
  int later = trm__base_atomic_file_close(&file, true);
  if (failure || later)
    trm__base_error_set(error, TRM_EFILE, "--output %s: %s", output,
                        strerror(failure ? failure : later));
}

static void draw(const char *path, const struct timeline_options *want,
                 trm__base_error *error) {
  trm__cli_timeline_picture t = {.bar = NULL};
  cJSON *json = read_trace(path, error);
  if (json) choose_span(path, json, want, &t, error);
  if (!error->status) {
    char *note = trm__base_format(
        "kept in the file: %s",
        trm__base_json_text_at(trm__base_json_at(json, "otherData"), "shown"));
    t.title =
        trm__base_json_text_at(trm__base_json_at(json, "otherData"), "title");
    t.note = note;
    collect(json, &t);
    write_picture(&t, want->output, error);
    free(note);
  }
  if (!error->status)
    printf("%s: %d bars, %d messages in %.6g us\n", want->output, t.bars,
           t.arrows, t.to - t.from);
  free(t.bar);
  free(t.arrow);
  cJSON_Delete(json);
}

static void timeline_help(void) {
  trm__base_options *options =
      trm__base_options_new(table, sizeof(struct timeline_options));
  printf(
      "\nDraws a window of a timeline (`run --trace`): what each thread did, "
      "and messages\nas arrows, in microseconds.\n\nOptions\n");
  trm__base_options_help(options, stdout);
  trm__base_options_free(&options);
}

static void check_output(const char *output, trm__base_error *error) {
  if (!output)
    trm__base_error_set(error, TRM_EUSAGE,
                        "timeline: no output given; add -o FILE.svg");
  else if (!trm__base_text_ends(output, ".svg"))
    trm__base_error_set(error, TRM_EOPTION,
                        "--output %s: the name must end in .svg", output);
}

static int timeline_main(const trm__cli *cli) {
  trm__base_error error = {TRM_OK, ""};
  if (trm__cli_wants_help(cli)) {
    printf("%s timeline TRACE.json -o FILE.svg\n", trm__base_program_path());
    timeline_help();
    return 0;
  }
  if (cli->argc < 1 || cli->argv[0][0] == '-')
    return trm__cli_usage("timeline: usage: timeline FILE.json -o FILE.svg");
  trm__base_options *options =
      trm__base_options_new(table, sizeof(struct timeline_options));
  for (int i = 1; i < cli->argc; i++)
    if (!strcmp(cli->argv[i], "-o")) cli->argv[i] = "--output";
  const struct timeline_options *want = options->values;
  if (!trm__base_options_args(options, cli->argc - 1, cli->argv + 1, &error))
    check_output(want->output, &error);
  if (!error.status) draw(cli->argv[0], want, &error);
  trm__base_options_free(&options);
  return error.status ? failed(&error) : 0;
}

const trm__cli_command trm__cli_timeline = {"timeline",
                                            "TRACE.json -o FILE.svg",
                                            "draw what run --trace wrote",
                                            timeline_main,
                                            timeline_help,
                                            false};
