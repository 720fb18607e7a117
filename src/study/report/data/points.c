/* The points as CSV and JSON lines: the same columns, from one list. */
#include "study/report/data/points.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "base/memory.h"
#include "study/report/data/file.h"

/* One point as one flat object. */
static void put_number(cJSON *to, const char *name, double value) {
  trm__base_json_f64(to, name, value);
}

static void put_interval(cJSON *to, const char *name,
                         const trm__study_interval *i) {
  char low[40], high[40];
  bool known = i->level > 0;
  snprintf(low, sizeof low, "%s_low", name);
  snprintf(high, sizeof high, "%s_high", name);
  put_number(to, name, i->mid);
  put_number(to, low, known ? i->low : NAN);
  put_number(to, high, known ? i->high : NAN);
}

static void put_text(cJSON *to, const char *name, const char *text) {
  if (text)
    cJSON_AddStringToObject(to, name, text);
  else
    cJSON_AddNullToObject(to, name);
}

static void put_parts(cJSON *to, const trm__study_point *p) {
  bool known = p->ledger.total > 0;
  put_number(to, "core_seconds", known ? p->ledger.total : NAN);
#define TRM__PART(name, text) \
  put_number(to, #name, known ? p->ledger.parts.name : NAN);
  TRM__PARTS(TRM__PART)
#undef TRM__PART
}

static void put_who(cJSON *to, const trm__study *study,
                    const trm__study_point *p) {
  const trm__study_config *c = p->config;
  put_text(to, "study", study->dir);
  put_text(to, "kernel", study->kernel);
  put_text(to, "mode", trm__study_mode_name[c->mode]);
  trm__base_json_i64(to, "series", c->series);
  trm__base_json_i64(to, "problem", c->problem);
  trm__base_json_i64(to, "ranks", c->ranks);
  trm__base_json_i64(to, "threads", c->threads);
  trm__base_json_i64(to, "cores", p->cores);
  put_text(to, "sizes", c->label);
  put_text(to, "origin", p->valid ? trm__study_origin_name[p->origin] : NULL);
  trm__base_json_i64(to, "launches", p->launches);
  trm__base_json_i64(to, "failed", p->failed);
  trm__base_json_i64(to, "counted", p->counted);
  cJSON_AddBoolToObject(to, "valid", p->valid);
  put_number(to, "load", p->load < 0 ? NAN : p->load);
  put_number(to, "steal", p->steal < 0 ? NAN : p->steal);
}

static cJSON *point_json(const trm__study_report *s, int i, int k) {
  const trm__study *study = &s->study[i];
  const trm__study_points *points = &s->points[i];
  const trm__study_point *p = &points->point[k];
  int base = trm__study_series_base(points, p->config->series);
  trm__study_interval fraction = {NAN, NAN, NAN, 0};
  if (base >= 0) trm__study_serial_fraction(&points->point[base], p, &fraction);
  cJSON *json = cJSON_CreateObject();
  put_who(json, study, p);
  put_interval(json, "seconds", &p->time);
  put_number(json, "level", p->time.level);
  put_number(json, "updates", p->valid ? p->updates : NAN);
  put_interval(json, "rate", &p->rate);
  put_interval(json, "speedup", &p->speedup);
  put_interval(json, "efficiency", &p->efficiency);
  put_number(json, "over_serial", p->over_serial);
  put_interval(json, "karp_flatt", &fraction);
  cJSON_AddBoolToObject(json, "superlinear", p->superlinear);
  put_number(json, "resident_bytes", p->valid ? p->resident : NAN);
  put_number(json, "memory_bytes", p->valid ? p->memory : NAN);
  put_parts(json, p);
  put_text(json, "note", p->config->note);
  put_text(json, "flaw", p->flaw);
  put_text(json, "last", p->failed ? trm__study_point_last(study, p) : NULL);
  return json;
}

/* -- CSV ------------------------------------------------------------------- */

/* RFC 4180: quotes around what needs them, doubled inside. */
static void put_csv_text(FILE *to, const char *text) {
  if (!text[strcspn(text, "\",\r\n")]) {
    fputs(text, to);
    return;
  }
  fputc('"', to);
  for (; *text; text++) {
    if (*text == '"') fputc('"', to);
    fputc(*text, to);
  }
  fputc('"', to);
}

static void put_csv_value(FILE *to, const cJSON *item) {
  if (cJSON_IsString(item)) {
    put_csv_text(to, item->valuestring);
  } else if (!cJSON_IsNull(item)) {
    char *text = cJSON_PrintUnformatted(item);
    fputs(text, to);
    free(text);
  }
}

static void put_csv_row(FILE *to, const cJSON *json, bool names) {
  const cJSON *item;
  bool first = true;
  cJSON_ArrayForEach(item, json) {
    if (!first) fputc(',', to);
    first = false;
    if (names)
      put_csv_text(to, item->string);
    else
      put_csv_value(to, item);
  }
  fputs("\r\n", to);
}

void trm__study_report_csv(const trm__study_report *s, FILE *to) {
  bool first = true;
  for (int i = 0; i < s->n; i++)
    for (int k = 0; k < s->points[i].n; k++) {
      cJSON *json = point_json(s, i, k);
      if (first) put_csv_row(to, json, true);
      first = false;
      put_csv_row(to, json, false);
      cJSON_Delete(json);
    }
}

/* -- JSON lines ------------------------------------------------------------ */

void trm__study_report_jsonl(const trm__study_report *s, FILE *to) {
  for (int i = 0; i < s->n; i++)
    for (int k = 0; k < s->points[i].n; k++) {
      const trm__study_point *p = &s->points[i].point[k];
      cJSON *json = point_json(s, i, k);
      cJSON *each = cJSON_AddArrayToObject(json, "each_seconds");
      for (int r = 0; r < p->counted; r++)
        cJSON_AddItemToArray(each, trm__base_json_number(p->seconds[r]));
      char *line = trm__base_json_line(json);
      fprintf(to, "%s\n", line);
      free(line);
      cJSON_Delete(json);
    }
}

/* -- Extra-P ---------------------------------------------------------------- */

/* Where a series belongs on Extra-P's axis: measured points alone. */
static bool is_exported(const trm__study_point *p) {
  return p->valid && p->origin == TRM__MEASURED;
}

static double where(const trm__study_point *p) {
  return p->config->mode == TRM__MODE_MEMORY ? p->resident : p->cores;
}

static int places_of(const trm__study_points *points, int series,
                     double place[]) {
  int n = 0;
  for (int i = 0; i < points->n; i++)
    if (points->point[i].config->series == series &&
        is_exported(&points->point[i]))
      place[n++] = where(&points->point[i]);
  return n;
}

static trm__study_mode mode_of(const trm__study_points *points, int series) {
  for (int i = 0; i < points->n; i++)
    if (points->point[i].config->series == series)
      return points->point[i].config->mode;
  return TRM__MODE_COUNT;
}

/* The text format has one list of points: of the series with most of them; over
 * sizes only where there is none over cores. */
static int longest_series(const trm__study_points *points, double place[]) {
  int best = -1, most = 0, series = trm__study_series_count(points);
  for (int sizes = 0; sizes < 2 && best < 0; sizes++)
    for (int k = 0; k < series; k++) {
      int n = places_of(points, k, place);
      if ((mode_of(points, k) == TRM__MODE_MEMORY) == sizes && n > most)
        best = k, most = n;
    }
  return best;
}

/* Names of Extra-P's regions end at a line's end and nest at "->". */
static void put_region(const trm__study *s, const trm__study_points *points,
                       int series, FILE *to) {
  char *name = trm__study_series_name(points, series);
  fprintf(to, "\nREGION %s: ", s->kernel);
  for (const char *c = name; *c; c++)
    fputc((unsigned char)*c < 32 || *c == '>' ? ' ' : *c, to);
  fputs("\nMETRIC time\n", to);
  for (int i = 0; i < points->n; i++) {
    const trm__study_point *p = &points->point[i];
    if (p->config->series != series || !is_exported(p)) continue;
    fputs("DATA", to);
    for (int r = 0; r < p->counted; r++) fprintf(to, " %.17g", p->seconds[r]);
    fputc('\n', to);
  }
  free(name);
}

static int put_extrap(const trm__study *s, const trm__study_points *points,
                      FILE *to) {
  size_t room = (size_t)points->n + 1;
  double *place = trm__base_calloc(room, sizeof *place),
         *other = trm__base_calloc(room, sizeof *other);
  int longest = longest_series(points, place), left = 0;
  int series = trm__study_series_count(points);
  int n = longest < 0 ? 0 : places_of(points, longest, place);
  fputs("PARAMETER p\nPOINTS", to);
  for (int i = 0; i < n; i++) fprintf(to, " %.17g", place[i]);
  fputc('\n', to);
  for (int k = 0; k < series; k++) {
    int m = places_of(points, k, other);
    if (m == n && n && !memcmp(place, other, (size_t)n * sizeof *place))
      put_region(s, points, k, to);
    else
      left++;
  }
  free(place);
  free(other);
  return n ? left : -1;
}

bool trm__study_report_extrap(const trm__study *s, const char *path,
                              trm__base_error *error) {
  trm__study_points points = trm__study_points_of(s);
  trm__study_file sink;
  int left = 0;
  if (trm__study_file_open(&sink, path, error)) {
    left = put_extrap(s, &points, sink.file);
    if (left < 0)
      trm__base_error_set(error, TRM_EINPUT,
                          "%s: no valid measured point to export to %s", s->dir,
                          path);
    trm__study_file_close(&sink, error);
  }
  if (left > 0 && !error->status)
    trm__base_error_print(
        "%s: %d of %d series are excluded, measured at other "
        "counts: Extra-P's text format has one list of points",
        path, left, trm__study_series_count(&points));
  trm__study_points_clear(&points);
  return !error->status;
}
