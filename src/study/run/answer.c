#include "study/run/answer.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"

cJSON *trm__study_answer_read(const char *path) {
  FILE *file = fopen(path, "re");
  char *line = NULL;
  size_t room = 0;
  cJSON *found = NULL;
  while (file && getline(&line, &room, file) >= 0) {
    cJSON *json = cJSON_Parse(line);
    if (!cJSON_IsObject(json)) {
      cJSON_Delete(json);
      continue;
    }
    cJSON_Delete(found);
    found = json;
  }
  if (file) fclose(file);
  free(line);
  return found;
}

double trm__study_answer_steps(const cJSON *result) {
  return trm__base_json_f64_at(result, "steps", 0) -
         trm__base_json_f64_at(result, "first_step", 0);
}

double trm__study_answer_seconds(const cJSON *result) {
  return trm__base_json_f64_at(trm__base_json_at(result, "seconds"), "advance",
                               0) /
         trm__study_answer_steps(result);
}

double trm__study_answer_distance(const cJSON *a, const cJSON *b) {
  const cJSON *x = trm__base_json_at(a, "sketch"),
              *y = trm__base_json_at(b, "sketch");
  int n = cJSON_GetArraySize(x);
  double size = 0, worst = 0;
  if (n < 1 || n != cJSON_GetArraySize(y)) return INFINITY;
  x = x->child;
  y = y->child;
  for (; x && y; x = x->next, y = y->next) {
    if (!cJSON_IsNumber(x) || !cJSON_IsNumber(y)) return INFINITY;
    size = fmax(size, fmax(fabs(x->valuedouble), fabs(y->valuedouble)));
    worst = fmax(worst, fabs(x->valuedouble - y->valuedouble));
  }
  return size > 0 ? worst / size : 0;
}

static char *texts_differ(const cJSON *a, const cJSON *b, const char *name) {
  const char *x = trm__base_json_text_at(a, name),
             *y = trm__base_json_text_at(b, name);
  return strcmp(x, y) ? trm__base_format("%s %s and %s", name, x, y) : NULL;
}

/* What the kernel promises, or less where choices differ that agree only so far. */
static double allowed(const cJSON *a, const cJSON *b, const trm_option *table) {
  double rtol = fmax(trm__base_json_f64_at(a, "rtol", 0),
                     trm__base_json_f64_at(b, "rtol", 0));
  for (const trm_option *row = table; row && row->name; row++)
    if (!cJSON_Compare(
            trm__base_json_at(trm__base_json_at(a, "options"), row->name),
            trm__base_json_at(trm__base_json_at(b, "options"), row->name),
            true))
      rtol = fmax(rtol, row->rtol);
  return rtol;
}

char *trm__study_answer_differs(const cJSON *a, const cJSON *b,
                                const trm_option *table) {
  char *kernels = texts_differ(a, b, "kernel");
  if (kernels) return kernels;
  double x = trm__base_json_f64_at(a, "steps", 0),
         y = trm__base_json_f64_at(b, "steps", 0);
  if (x != y) return trm__base_format("steps %.0f and %.0f", x, y);
  char *bits = texts_differ(a, b, "fingerprint");
  double rtol = allowed(a, b, table);
  if (!bits || !(rtol > 0)) return bits;
  free(bits);
  double distance = trm__study_answer_distance(a, b);
  if (distance <= rtol) return NULL;
  return trm__base_format("sketches that differ by %.3g, with an rtol of %.3g",
                          distance, rtol);
}
