/* Machine, build and launch, as a list of facts. */
#include "study/report/machine.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"
#include "study/report/html.h"

static const cJSON *at(const cJSON *object, const char *name) {
  return cJSON_GetObjectItemCaseSensitive(object, name);
}

static void put_fact(FILE *to, const char *name, const char *value) {
  if (!value || !*value) return;
  trm__study_html_put(to, "dt", "%s", name);
  trm__study_html_put(to, "dd", "%s", value);
}

static const cJSON *any_result(const trm__study *s) {
  for (int i = 0; i < s->launches; i++)
    if (s->launch[i].result) return s->launch[i].result;
  return NULL;
}

/* Largest load of others and time taken away by the host, of all launches. */
static void put_noise(const trm__study *s, FILE *to) {
  double load = -1, steal = -1;
  for (int i = 0; i < s->launches; i++) {
    if (s->launch[i].load > load) load = s->launch[i].load;
    if (s->launch[i].steal > steal) steal = s->launch[i].steal;
  }
  char line[160] = "";
  if (load >= 0)
    snprintf(line, sizeof line,
             "load by other processes before a launch at most %.0f %%",
             100 * load);
  if (steal >= 0)
    snprintf(line + strlen(line), sizeof line - strlen(line),
             "%stime taken away by the hypervisor at most %.1f %%",
             *line ? "; " : "", 100 * steal);
  put_fact(to, "disturbance", line);
}

static void put_ceilings(const cJSON *machine, FILE *to) {
  static const struct {
    const char *key, *name, *unit;
  } rows[] = {{"triad.all", "triad", "B"},
              {"triad_stream.all", "triad with streaming stores", "B"},
              {"fma_f64.all", "double FMA", "flop"}};
  char line[256] = "";
  for (int i = 0; i < 3; i++) {
    double best = trm__base_json_f64_at(at(at(machine, "figures"), rows[i].key),
                                        "best", 0);
    if (best > 0)
      snprintf(line + strlen(line), sizeof line - strlen(line), "%s%s %s",
               *line ? "; " : "", rows[i].name,
               trm__base_text_rate(best, rows[i].unit).s);
  }
  put_fact(to, "ceilings", line);
}

static void put_hardware(const trm__study *s, const cJSON *result, FILE *to) {
  const cJSON *machine = s->machine ? s->machine : at(result, "machine");
  const char *processor = trm__base_json_text_at(machine, "processor");
  char line[128] = "";
  if (trm__base_json_f64_at(machine, "cores", 0) > 0)
    snprintf(line, sizeof line, "%s",
             trm__base_text_count(
                 (int64_t)trm__base_json_f64_at(machine, "cores", 0), "core")
                 .s);
  if (trm__base_json_f64_at(machine, "memory_bytes", 0) > 0)
    snprintf(
        line + strlen(line), sizeof line - strlen(line), "%s%s of memory",
        *line ? ", " : "",
        trm__base_text_bytes(trm__base_json_f64_at(machine, "memory_bytes", 0))
            .s);
  put_fact(to, "host", s->host);
  put_fact(to, "machine", trm__base_json_text_at(machine, "class"));
  put_fact(to, "processor", processor);
  put_fact(to, "of a host", line);
  put_fact(to, "MPI", trm__base_json_text_at(machine, "mpi"));
  put_ceilings(machine, to);
}

static void put_build(const cJSON *result, FILE *to) {
  const cJSON *build = at(result, "build");
  char *line = trm__base_format("Trireme %s, commit %s, %s %s",
                                trm__base_json_text_at(build, "version"),
                                trm__base_json_text_at(build, "commit"),
                                trm__base_json_text_at(build, "compiler"),
                                trm__base_json_text_at(build, "flags"));
  if (build) put_fact(to, "build", line);
  free(line);
}

static void put_plan(const trm__study *s, FILE *to) {
  char line[200];
  int n = s->repeat
              ? snprintf(line, sizeof line, "%s of each point",
                         trm__base_text_count(s->repeat, "launch").s)
              : snprintf(line, sizeof line,
                         "until half the interval is %.1f %% of the median",
                         100 * s->target);
  if (s->budget > 0)
    snprintf(line + n, sizeof line - (size_t)n, ", in at most %s",
             trm__base_text_duration(s->budget).s);
  put_fact(to, "launcher", s->launcher);
  put_fact(to, "launches", line);
}

/* The command of the first configuration: the others differ in sizes alone. */
static void put_command(const trm__study *s, FILE *to) {
  if (!s->configs) return;
  char *line = trm__base_format("run %s", s->kernel);
  for (int i = 0; i < s->config[0].n_words; i++) {
    char *longer = trm__base_format("%s %s", line, s->config[0].words[i]);
    free(line);
    line = longer;
  }
  put_fact(to, "first command", line);
  free(line);
}

void trm__study_report_machine(const trm__study_report *s, FILE *to) {
  trm__study_html_put(to, "h2", "Machine and launch");
  for (int i = 0; i < s->n; i++) {
    const trm__study *study = &s->study[i];
    const cJSON *result = any_result(study);
    if (s->n > 1) trm__study_html_put(to, "h3", "%s", trm__study_name(study));
    fputs("<dl class=\"facts\">\n", to);
    put_hardware(study, result, to);
    put_plan(study, to);
    put_command(study, to);
    put_noise(study, to);
    put_build(result, to);
    put_fact(to, "begun", study->began);
    fputs("</dl>\n", to);
  }
}
