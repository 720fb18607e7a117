/* The picture: rank 0 receives a slice in windows of bounded size and adds each element
 * to its pixel, so that a slice may have any size. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "array/state.h"
#include "array/move/linear.h"
#include "base/memory.h"
#include "comm/run.h"
#include "run/report/output.h"
#include "run/report/paint.h"

enum {
  MOST = 2048, /* pixels per side: larger slices are averaged */
  LEAST = 512, /* smaller ones repeat pixels */
  CURVE_HEIGHT = 512,
  WINDOW = 1 << 22, /* elements on rank 0 at a time */
  MARGIN = 16,
  BAR = 20,
  DOT = 2
};

typedef struct slice { /* a row-major plane of a field; rows 1: a line */
  const trm_field *field;
  int64_t first, rows, cols; /* first: row-major index in the field */
} slice;

typedef struct raster { /* sums of the elements of each pixel */
  int width, height;
  double *sum, *count; /* owned; of each pixel */
  double *min, *max;   /* of a line; else NULL */
  double lowest, highest;
} raster;

/* -- choosing -------------------------------------------------------------- */

static const trm_field *choose(const trm_run *run) {
  const trm__array_state *own = trm__array_state_of(run);
  for (int i = 0; i < own->nfields; i++)
    if (own->fields[i]->role == TRM_OUTPUT) return own->fields[i];
  for (int i = 0; i < own->nfields; i++)
    if (own->fields[i]->role == TRM_EVOLVING) return own->fields[i];
  for (int i = 0; i < own->nfields; i++)
    if (own->fields[i]->role != TRM_SCRATCH) return own->fields[i];
  return NULL;
}

static slice middle_of(const trm_field *f) {
  const trm_layout *l = f->layout;
  slice s = {f, 0, l->dims > 1 ? l->n[l->dims - 2] : 1, l->n[l->dims - 1]};
  for (int d = 0; d < l->dims - 2; d++)
    s.first = s.first * l->n[d] + l->n[d] / 2;
  s.first *= s.rows * s.cols;
  return s;
}

/* -- gathering ------------------------------------------------------------- */

static raster raster_new(const slice *s) {
  double longest = (double)(s->rows > s->cols ? s->rows : s->cols);
  double scale = longest > MOST ? longest / MOST : 1;
  raster r = {.width = (int)ceil((double)s->cols / scale),
              .height = (int)ceil((double)s->rows / scale),
              .lowest = INFINITY,
              .highest = -INFINITY};
  size_t pixels = (size_t)r.width * (size_t)r.height;
  r.sum = trm__base_calloc(pixels, sizeof *r.sum);
  r.count = trm__base_calloc(pixels, sizeof *r.count);
  if (s->field->layout->dims > 1) return r;
  r.min = trm__base_calloc(pixels, sizeof *r.min);
  r.max = trm__base_calloc(pixels, sizeof *r.max);
  for (size_t p = 0; p < pixels; p++) r.min[p] = INFINITY, r.max[p] = -INFINITY;
  return r;
}

static void raster_free(raster *r) {
  free(r->sum);
  free(r->count);
  free(r->min);
  free(r->max);
}

static double value_at(trm_type type, const void *data, int64_t i) {
  const double *pairs = data;
  switch (type) {
    case TRM_F64:
      return ((const double *)data)[i];
    case TRM_F32:
      return ((const float *)data)[i];
    case TRM_I64:
      return (double)((const int64_t *)data)[i];
    case TRM_I32:
      return ((const int32_t *)data)[i];
    case TRM_U64:
      return (double)((const uint64_t *)data)[i];
    case TRM_U8:
      return ((const uint8_t *)data)[i];
    case TRM_C128:
      return hypot(pairs[2 * i], pairs[2 * i + 1]);
    default:
      return NAN;
  }
}

static void drop_on(raster *r, const slice *s, int64_t at, double value) {
  int y = (int)((double)(at / s->cols) * r->height / (double)s->rows);
  int x = (int)((double)(at % s->cols) * r->width / (double)s->cols);
  size_t p = (size_t)y * (size_t)r->width + (size_t)x;
  r->sum[p] += value;
  r->count[p] += 1;
  if (!r->min || !isfinite(value)) return;
  r->min[p] = fmin(r->min[p], value);
  r->max[p] = fmax(r->max[p], value);
}

/* Elements at .. at+n-1 of the slice, on rank 0. Collective. */
static trm_status fetch(trm_run *run, const slice *s, int64_t at, int64_t n,
                        void *buffer) {
  int64_t *first = trm__base_calloc((size_t)run->ranks, sizeof *first);
  int64_t *length = trm__base_calloc((size_t)run->ranks, sizeof *length);
  first[0] = s->first + at;
  length[0] = n;
  trm__array_linear window = {first, length};
  trm_status status =
      trm__array_linear_from_field(run, s->field, &window, buffer);
  free(first);
  free(length);
  return status;
}

static trm_status gather(trm_run *run, const slice *s, raster *r) {
  int64_t all = s->rows * s->cols, most = all < WINDOW ? all : WINDOW;
  trm_type type = s->field->type;
  void *buffer = NULL;
  trm_status status = TRM_OK;
  if (run->rank == 0)
    status =
        trm_alloc(run, "picture", most * (int64_t)trm_type_size(type), &buffer);
  TRM_TRY(trm_agree(run, status));
  for (int64_t at = 0; at < all && status == TRM_OK; at += most) {
    int64_t n = all - at < most ? all - at : most;
    status = fetch(run, s, at, n, buffer);
    for (int64_t i = 0; run->rank == 0 && !status && i < n; i++)
      drop_on(r, s, at + i, value_at(type, buffer, i));
  }
  trm_release(run, &buffer);
  return status;
}

/* -- drawing --------------------------------------------------------------- */

static double mean(const raster *r, size_t p) {
  return r->count[p] > 0 ? r->sum[p] / r->count[p] : NAN;
}

/* Range of the pixels; of a curve, of its elements. */
static void find_range(raster *r) {
  size_t pixels = (size_t)r->width * (size_t)r->height;
  for (size_t p = 0; p < pixels; p++) {
    double low = r->min ? r->min[p] : mean(r, p);
    double high = r->max ? r->max[p] : mean(r, p);
    if (isfinite(low)) r->lowest = fmin(r->lowest, low);
    if (isfinite(high)) r->highest = fmax(r->highest, high);
  }
}

static double scaled(const raster *r, double value) {
  if (!isfinite(value)) return NAN;
  return r->highest > r->lowest ? (value - r->lowest) / (r->highest - r->lowest)
                                : 0.5;
}

static void draw_plane(trm__run_canvas *c, const raster *r, int zoom) {
  for (int y = 0; y < r->height; y++)
    for (int x = 0; x < r->width; x++) {
      size_t p = (size_t)y * (size_t)r->width + (size_t)x;
      trm__run_paint_box(c, MARGIN + x * zoom, MARGIN + y * zoom, zoom, zoom,
                         trm__run_colour(scaled(r, mean(r, p))));
    }
}

static int height_of(double t) {
  return MARGIN + (int)lround((1 - t) * (CURVE_HEIGHT - 1));
}

/* From minimum to maximum of each pixel, joined to the next one. */
static void draw_curve(trm__run_canvas *c, const raster *r, int zoom) {
  int before = -1;
  for (int x = 0; x < r->width; x++) {
    double low = scaled(r, r->min[x]), high = scaled(r, r->max[x]);
    if (isnan(low)) continue;
    int top = height_of(high), bottom = height_of(low);
    int joint = before < 0 ? top : before;
    before = height_of(scaled(r, mean(r, (size_t)x)));
    if (joint < top) top = joint;
    if (joint > bottom) bottom = joint;
    trm__run_paint_box(c, MARGIN + x * zoom, top - 1, zoom, bottom - top + 3,
                       trm__run_colour(0.3));
  }
}

static void draw_bar(trm__run_canvas *c, const raster *r, int x, int height,
                     bool colours) {
  for (int y = 0; y < height && colours; y++)
    trm__run_paint_box(
        c, x, MARGIN + y, BAR, 1,
        trm__run_colour(1 - (double)y / (height > 1 ? height - 1 : 1)));
  char text[32];
  snprintf(text, sizeof text, "%.4g", r->highest);
  trm__run_paint_number(c, x + (colours ? BAR + 6 : 0), MARGIN, DOT, text);
  snprintf(text, sizeof text, "%.4g", r->lowest);
  trm__run_paint_number(c, x + (colours ? BAR + 6 : 0),
                        MARGIN + height - 5 * DOT, DOT, text);
}

static trm_status draw(trm_run *run, const slice *s, raster *r,
                       const char *path) {
  bool line = s->field->layout->dims == 1;
  find_range(r);
  int longest = r->width > r->height ? r->width : r->height;
  int zoom = longest < LEAST ? (LEAST + longest - 1) / longest : 1;
  int width = r->width * zoom, height = line ? CURVE_HEIGHT : r->height * zoom;
  int legend = BAR + 6 + trm__run_paint_width("-1.234e+100", DOT);
  int tall = height < 64 ? 64 : height;
  trm__run_canvas c =
      trm__run_canvas_new(width + 3 * MARGIN + legend, tall + 2 * MARGIN);
  char why[80] = "not enough memory";
  if (c.pixels && line)
    draw_curve(&c, r, zoom);
  else if (c.pixels)
    draw_plane(&c, r, zoom);
  if (c.pixels) draw_bar(&c, r, width + 2 * MARGIN, tall, !line);
  bool good = c.pixels && trm__run_canvas_write(&c, path, why);
  trm__run_canvas_free(&c);
  if (good) return TRM_OK;
  return trm_fail(run, TRM_EFILE, "--picture=%s: %s", path, why);
}

trm_status trm__run_picture(trm_run *run, const char *path) {
  const trm_field *field = choose(run);
  slice s = field ? middle_of(field) : (slice){NULL, 0, 0, 0};
  if (s.rows < 1 || s.cols < 1)
    return trm_fail(run, TRM_EINPUT,
                    "--picture=%s: the kernel has no field to draw", path);
  raster r = {.width = 0};
  if (run->rank == 0) r = raster_new(&s);
  trm_status status = gather(run, &s, &r);
  if (!status && run->rank == 0) status = draw(run, &s, &r, path);
  raster_free(&r);
  return trm_agree(run, status);
}
