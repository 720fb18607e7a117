/* The heat equation u_t = div(k grad u) in 2 or 3 dimensions, explicit, with
 * the 7-point (5-point) stencil: u += nu (sum of neighbours - 6 u), nu = k dt /
 * h^2.
 *
 * Each dimension is periodic or has walls of a fixed temperature. Without input
 * it starts from a discrete eigenmode, whose decay is known exactly; with
 * input, from any 2-D or 3-D dataset of numbers. Every update performs the same
 * operations in the same order, so results are bit-identical for any number of
 * ranks and threads.
 *
 * A step moves 16 bytes per cell: one array is read, the other is written past
 * the caches. The halo exchange overlaps the computation of inner cells.
 * TEST --nx 37 --ny 29 --nz 23 --walls y --steps 40 */
#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <unistd.h>

#include <trireme/kernel.h>

enum { Z, Y, X, DIMS };
enum { AUTO, STREAM, PLAIN };

struct options {
  int64_t n, nx, ny, nz;
  double nu, wall;
  int mode, stores;
  const char *walls, *input;
};

struct start { /* kept in checkpoints; the reference for verification */
  double sum, low, high, size;
};

struct state {
  const struct options *o;
  trm_field *u, *next;
  int64_t n[DIMS]; /* global, as 3-D: a 2-D field has nz = 1 */
  int64_t len[DIMS], stride[DIMS];
  int dims;
  bool wall[DIMS];
  bool cut[DIMS], wrap[DIMS];    /* wrap: periodic, both ends on this rank */
  bool above[DIMS], below[DIMS]; /* a halo is received from there */
  bool stream;
  struct start start;
};

static const trm_option options[] = {
    TRM_OPT(struct options, n, .default_text = "64", .unit = "cells", .min = 1,
            .max = 1e6, .weak = 1. / 3, .sides = "nz ny nx",
            .help = "cells along each side"),
    TRM_OPT(struct options, nx, .default_text = "0", .unit = "cells", .min = 0,
            .max = 1e12, .help = "cells along x, the fastest; 0: n"),
    TRM_OPT(struct options, ny, .default_text = "0", .unit = "cells", .min = 0,
            .max = 1e9, .help = "cells along y; 0: n"),
    TRM_OPT(struct options, nz, .default_text = "0", .unit = "cells", .min = -1,
            .max = 1e9,
            .help = "cells along z, the slowest; 0: n; -1: a 2-D plane"),
    TRM_OPT(struct options, nu, .default_text = "0.15", .min = 0, .max = 1. / 6,
            .help = "diffusion number k dt / h^2"),
    TRM_OPT(
        struct options, walls, .default_text = "",
        .help = "dimensions with walls, letters of xyz; others are periodic"),
    TRM_OPT(struct options, wall, .default_text = "0",
            .help = "temperature of walls"),
    TRM_OPT(struct options, mode, .default_text = "1", .min = 0, .max = 1000,
            .help = "waves along each dimension of the initial mode"),
    TRM_OPT(struct options, input, .default_text = "",
            .unit = "FILE.h5:/dataset",
            .help = "start from this dataset and take its size"),
    TRM_OPT(struct options, stores, .default_text = "auto",
            .choices = "auto|stream|plain", .may_change = true,
            .help = "write past the caches, through them, or by size"),
    TRM_OPT_END};

/* -- sizes ----------------------------------------------------------------- */

static void sizes(const struct options *o, int64_t n[DIMS]) {
  n[X] = o->nx ? o->nx : o->n;
  n[Y] = o->ny ? o->ny : o->n;
  n[Z] = o->nz ? o->nz : o->n;
}

static bool has_wall(const struct options *o, int d) {
  return strchr(o->walls, "zyx"[d]) != NULL;
}

static bool is_flat(const struct options *o) {
  return o->nz == -1; /* set by resolve for a 2-D dataset */
}

/* A dimension that is not divided needs no halo: its other end is local, and
 * rows are reached by pointers. In y and z memory for a halo exists anyway and
 * holds the walls; x has a halo only if it is divided. */
static void plan_of(const void *opts, int ranks, trm_plan *plan) {
  const struct options *o = opts;
  int64_t n[DIMS];
  sizes(o, n);
  int dims = is_flat(o) ? 2 : 3, first = DIMS - dims, grid[TRM_DIMS];
  *plan = trm_grid_plan(dims, n + first, 1, NULL);
  trm_grid_choose(ranks, dims, n + first, (int[]){1, 1, 1, 1},
                  (int[]){0, 0, 0, 0}, grid);
  for (int d = 0; d < dims; d++) {
    plan->dim[d].grid = grid[d];
    plan->dim[d].periodic = grid[d] > 1 && !has_wall(o, first + d);
  }
  plan->dim[dims - 1].halo = grid[dims - 1] > 1;
}

static trm_status resolve(trm_run *run, void *opts) {
  struct options *o = opts;
  trm_dataset data;
  if (strspn(o->walls, "xyz") != strlen(o->walls))
    return trm_fail(run, TRM_EOPTION,
                    "--walls=%s: expected letters of xyz, or nothing",
                    o->walls);
  if (!*o->input) return TRM_OK;
  TRM_TRY(trm_dataset_look(run, o->input, &data));
  if (data.dims < 2 || data.dims > 3 || data.type == TRM_C128)
    return trm_fail(run, TRM_EINPUT,
                    "--input %s: has %d dimensions of %s; expected 2 or 3 of "
                    "real numbers",
                    o->input, data.dims, trm_type_name(data.type));
  const int64_t *last = data.n + data.dims - 1, asked[] = {o->nx, o->ny, o->nz};
  for (int d = 0; d < data.dims; d++)
    if (asked[d] > 0 && asked[d] != last[-d])
      return trm_fail(run, TRM_EOPTION,
                      "--n%c %" PRId64 ": %s has %" PRId64
                      " there; leave it out",
                      "xyz"[d], asked[d], o -> input, last[-d]);
  o->nx = last[0];
  o->ny = last[-1];
  o->nz = data.dims == 3 ? last[-2] : -1;
  if (data.dims == 2 && strchr(o->walls, 'z'))
    return trm_fail(run, TRM_EOPTION,
                    "--walls %s: %s has no z; use letters of xy", o->walls,
                    o->input);
  return TRM_OK;
}

/* -- initial state and exact solution -------------------------------------- */

/* Phase step of the mode along a dimension: cos(i t) if periodic; between walls
 * the sine that vanishes in the cells just outside. */
static double phase(const struct state *s, int d) {
  const double pi = 3.14159265358979323846;
  return s->wall[d] ? s->o->mode * pi / (double)(s->n[d] + 1)
                    : 2 * pi * s->o->mode / (double)s->n[d];
}

struct wave {
  const struct state *s;
  double amplitude;
};

static double eigenmode(const int64_t index[], void *context) {
  const struct wave *w = context;
  const struct state *s = w->s;
  double product = w->amplitude;
  for (int d = DIMS - s->dims; d < DIMS; d++) {
    double i = (double)index[d - (DIMS - s->dims)], t = phase(s, d);
    product *= s->wall[d] ? sin((i + 1) * t) : cos(i * t);
  }
  return product + s->o->wall;
}

/* Factor by which one step scales the mode. */
static double decay(const struct state *s) {
  double sum = 0;
  for (int d = DIMS - s->dims; d < DIMS; d++)
    sum += pow(sin(phase(s, d) / 2), 2);
  return 1 - 4 * s->o->nu * sum;
}

static trm_status fill(trm_run *run, struct state *s) {
  if (!*s->o->input) {
    trm_field_fill(s->u, eigenmode, &(struct wave){s, 1});
    return TRM_OK;
  }
  return trm_dataset_read(run, s->o->input, s->u);
}

static void constant_halo(const trm_field *f, double value) {
  const trm_layout *l = f->layout;
  if (!f->data) return;
  double *data = (double *)f->data - l->origin;
  for (int64_t i = 0; i < l->total; i++) data[i] = value;
}

/* Few processors have more than 8 MiB of last-level cache per core, and the
 * size that virtual machines report is unreliable. */
static bool streams(const struct options *o, int threads, const trm_layout *l) {
  bool larger = 16.0 * (double)l->count > 8.0 * (1 << 20) * threads;
  return o->stores == STREAM || (o->stores == AUTO && larger);
}

static void describe(const trm_run *run, struct state *s) {
  const trm_layout *l = s->u->layout;
  for (int d = 0; d < DIMS; d++) {
    int of = d - (DIMS - s->dims);
    s->len[d] = of < 0 ? l->count > 0 : l->len[of];
    s->stride[d] = of < 0 ? 0 : l->stride[of]; /* flat: z neighbours are u */
    s->wall[d] = has_wall(s->o, d);
    s->cut[d] = of >= 0 && l->grid[of] > 1;
    s->wrap[d] = of >= 0 && !s->cut[d] && !s->wall[d];
    s->below[d] = s->cut[d] && l->neighbour[of][0] >= 0;
    s->above[d] = s->cut[d] && l->neighbour[of][1] >= 0;
  }
  s->stream = streams(s->o, run->threads, l);
}

static trm_status setup(trm_run *run, void *state, const void *opts) {
  struct state *s = state;
  const trm_layout *grid;
  trm_plan plan;
  s->o = opts;
  sizes(s->o, s->n);
  if (is_flat(s->o)) s->n[Z] = 1;
  plan_of(s->o, run->ranks, &plan);
  s->dims = plan.dims;
  TRM_TRY(trm_layout_new(run, &plan, &grid));
  TRM_TRY(trm_field_new(run, grid, "u", TRM_F64, TRM_EVOLVING, &s->u));
  TRM_TRY(trm_field_new(run, grid, "next", TRM_F64, TRM_SCRATCH, &s->next));
  describe(run, s);
  constant_halo(s->u, s->o->wall);
  constant_halo(s->next, s->o->wall);
  if (trm_resuming(run)) return trm_keep(run, "start", TRM_F64, 4, &s->start);
  TRM_TRY(fill(run, s));
  s->start.sum = trm_sum(run, s->u);
  s->start.low = trm_min_at(run, s->u).value;
  s->start.high = trm_max_at(run, s->u).value;
  s->start.size = fmax(fabs(s->start.low), fabs(s->start.high));
  if (!isfinite(s->start.sum) || s->start.size > DBL_MAX / 8)
    return trm_fail(run, TRM_EINPUT,
                    "initial values of up to %g, or their sum, overflow; "
                    "scale them",
                    s->start.size);
  return trm_keep(run, "start", TRM_F64, 4, &s->start);
}

/* -- a step ---------------------------------------------------------------- */

/* Five rows: the current one and its neighbours in y and z; and the two values
 * beyond the ends of the current one. */
struct rows {
  const double *u, *south, *north, *down, *up;
  const double *ahead; /* where to prefetch the row read from memory */
  double *out, left, right, nu;
  int64_t n;
};

enum { AHEAD = 544 }; /* elements; measured: twice as fast as without */

TRM_INLINE double update(const struct rows *r, int64_t i) {
  double left = i == 0 ? r->left : r->u[i - 1];
  double right = i == r->n - 1 ? r->right : r->u[i + 1];
  return r->u[i] + r->nu * (((left + right) + (r->south[i] + r->north[i])) +
                            ((r->down[i] + r->up[i]) - 6 * r->u[i]));
}

TRM_INLINE trm_f64v update_vector(const struct rows *r, int64_t i,
                                  trm_f64v left, trm_f64v u, trm_f64v right) {
  trm_f64v y = trm_load(r->south + i) + trm_load(r->north + i);
  trm_f64v z = trm_load(r->down + i) + trm_load(r->up + i);
  return u + r->nu * (((left + right) + y) + (z - 6 * u));
}

TRM_INLINE void put(double *out, trm_f64v v, bool stream) {
  if (stream)
    trm_stream(out, v);
  else
    trm_store(out, v);
}

/* Three consecutive vectors along a row. */
struct along {
  trm_f64v before, here, after;
};

TRM_INLINE struct along along_from(const struct rows *r, int64_t i) {
  trm_f64v before =
      i == 0 ? trm_splat(r->left) : trm_load(r->u + i - TRM_SIMD_F64);
  return (struct along){before, trm_load(r->u + i), before};
}

TRM_INLINE trm_f64v next(const struct rows *r, int64_t i, struct along *v) {
  const int64_t w = TRM_SIMD_F64;
  trm_prefetch(r->ahead + i);
  v->after = i + w == r->n ? trm_splat(r->right) : trm_load(r->u + i + w);
  trm_f64v result = update_vector(r, i, trm_left(v->before, v->here), v->here,
                                  trm_right(v->here, v->after));
  v->before = v->here;
  v->here = v->after;
  return result;
}

/* Update two rows together, which share what they read; `both` false: the first
 * alone. */
TRM_INLINE void update_rows(const struct rows *a, const struct rows *b,
                            bool both, int64_t from, int64_t to, bool stream) {
  const int64_t w = TRM_SIMD_F64;
  int64_t i = from;
  for (; i < to && ((uintptr_t)(a->out + i) & (TRM_SIMD_BYTES - 1)); i++) {
    a->out[i] = update(a, i);
    if (both) b->out[i] = update(b, i);
  }
  if (i + w <= to) {
    struct along in_a = along_from(a, i), in_b = along_from(b, i);
    for (; i + w <= to; i += w) {
      trm_f64v va = next(a, i, &in_a), vb = both ? next(b, i, &in_b) : va;
      put(a->out + i, va, stream);
      if (both) put(b->out + i, vb, stream);
    }
  }
  for (; i < to; i++) {
    a->out[i] = update(a, i);
    if (both) b->out[i] = update(b, i);
  }
}

/* Elements from one row to the next in a direction, wrapping around if
 * periodic. */
TRM_INLINE int64_t step_to(const struct state *s, int d, int64_t at, int way) {
  int64_t to = at + way;
  if (s->wrap[d] && to < 0) to = s->len[d] - 1;
  if (s->wrap[d] && to == s->len[d]) to = 0;
  return (to - at) * s->stride[d];
}

TRM_INLINE struct rows rows_at(const struct state *s, int64_t z, int64_t y) {
  const int64_t at = z * s->stride[Z] + y * s->stride[Y], n = s->len[X];
  const double *u = (double *)s->u->data + at;
  const double wall = s->o->wall;
  struct rows r = {.u = u,
                   .south = u + step_to(s, Y, y, -1),
                   .north = u + step_to(s, Y, y, 1),
                   .down = u + step_to(s, Z, z, -1),
                   .up = u + step_to(s, Z, z, 1),
                   .out = (double *)s->next->data + at,
                   .left = s->cut[X]    ? u[-1]
                           : s->wall[X] ? wall
                                        : u[n - 1],
                   .right = s->cut[X]    ? u[n]
                            : s->wall[X] ? wall
                                         : u[0],
                   .nu = s->o->nu,
                   .n = n};
  r.ahead = (s->dims == 3 ? r.up : r.north) + AHEAD;
  return r;
}

static void pair(const struct state *s, int64_t z, int64_t y, bool both,
                 int64_t from, int64_t to) {
  struct rows a = rows_at(s, z, y), b = rows_at(s, z, both ? y + 1 : y);
  if (both) { /* explicit, so that each row is read once */
    a.north = b.u;
    b.south = a.u;
  }
  if (both && s->stream)
    update_rows(&a, &b, true, from, to, true);
  else if (both)
    update_rows(&a, &b, true, from, to, false);
  else
    update_rows(&a, &b, false, from, to, s->stream);
}

struct range {
  int64_t from[DIMS], to[DIMS];
};

static double cells(const struct range *b) {
  double product = 1;
  for (int d = 0; d < DIMS; d++) product *= (double)(b->to[d] - b->from[d]);
  return product;
}

enum { FLOPS = 9 };

static void sweep(trm_run *run, const struct state *s, struct range b) {
  for (int d = 0; d < DIMS; d++)
    if (b.from[d] >= b.to[d]) return;
  TRM_PARALLEL(run, "sweep", FLOPS * cells(&b), 16 * cells(&b)) {
#pragma omp for schedule(static) collapse(2) nowait
    for (int64_t z = b.from[Z]; z < b.to[Z]; z++)
      for (int64_t y = b.from[Y]; y < b.to[Y]; y += 2)
        pair(s, z, y, y + 1 < b.to[Y], b.from[X], b.to[X]);
    if (s->stream) trm_stream_end();
  }
}

/* Rows of y in a tile: few enough that three planes of it stay in the
 * second-level cache from one z to the next, and at least four tiles if there
 * are messages, because the halo exchange progresses between tiles. */
static int64_t tile_rows(const trm_run *run, const struct state *s) {
  long cache = sysconf(_SC_LEVEL2_CACHE_SIZE);
  if (cache <= 0) cache = 1 << 20;
  int64_t rows = (int64_t)(cache / 2) / (3 * 8 * (s->len[X] + 1));
  int64_t most = run->ranks > 1 ? (s->len[Y] + 3) / 4 : s->len[Y];
  if (rows > most) rows = most;
  return rows < 4 ? 4 : rows;
}

static void sweep_tiles(trm_run *run, const struct state *s, struct range b,
                        trm_halo *halo) {
  struct range tile = b;
  int64_t rows = tile_rows(run, s);
  for (int64_t y = b.from[Y]; y < b.to[Y]; y += rows) {
    tile.from[Y] = y;
    tile.to[Y] = y + rows < b.to[Y] ? y + rows : b.to[Y];
    sweep(run, s, tile);
    trm_halo_poll(halo);
  }
}

/* Cells computed before the halo arrives: half of those that need no halo,
 * which is enough to hide the exchange. The other half is computed together
 * with the border. */
static struct range inside(const struct state *s) {
  struct range b;
  for (int d = 0; d < DIMS; d++) {
    b.from[d] = s->below[d];
    b.to[d] = s->len[d] - s->above[d];
    if (b.to[d] < b.from[d]) b.to[d] = b.from[d];
  }
  b.to[Y] -= (b.to[Y] - b.from[Y]) / 2;
  return b;
}

/* All cells outside inside(), each once: first those next to it in y, then of
 * the rest those next to it in z, then in x. */
static void sweep_rest(trm_run *run, const struct state *s, trm_halo *halo) {
  static const int order[] = {Y, Z, X};
  struct range in = inside(s), left = {{0}, {s->len[Z], s->len[Y], s->len[X]}};
  for (int k = 0; k < DIMS; k++) {
    int d = order[k];
    struct range low = left, high = left;
    low.to[d] = in.from[d];
    high.from[d] = in.to[d];
    sweep_tiles(run, s, low, halo);
    sweep_tiles(run, s, high, halo);
    left.from[d] = in.from[d];
    left.to[d] = in.to[d];
  }
}

static trm_status advance(trm_run *run, void *state, int64_t steps) {
  struct state *s = state;
  for (int64_t k = 0; k < steps; k++) {
    trm_halo *halo;
    TRM_TRY(trm_halo_start(run, TRM_STAR, 1, &s->u, &halo));
    sweep_tiles(run, s, inside(s), halo);
    TRM_TRY(trm_halo_finish(halo));
    sweep_rest(run, s, halo);
    trm_swap(s->u, s->next);
  }
  return TRM_OK;
}

/* -- verification ---------------------------------------------------------- */

static double largest_error(trm_run *run, struct state *s, double amplitude) {
  trm_field_fill(s->next, eigenmode, &(struct wave){s, amplitude});
  const trm_layout *l = s->u->layout;
  double worst = 0;
  for (int64_t k = 0; k < s->len[Z] * s->len[Y]; k++) {
    int64_t at = k / s->len[Y] * s->stride[Z] + k % s->len[Y] * s->stride[Y];
    const double *got = (double *)s->u->data + at;
    const double *exact = (double *)s->next->data + at;
    for (int64_t i = 0; i < s->len[X]; i++) {
      double error = fabs(got[i] - exact[i]);
      if (!(error <= worst)) worst = error; /* NaN counts as worst */
    }
  }
  constant_halo(s->next, s->o->wall);
  return trm_max(run, l->count ? worst : 0);
}

static trm_status verify(trm_run *run, void *state, trm_verdict *verdict) {
  struct state *s = state;
  const double eps = 2.220446049250313e-16,
               n = (double)s->n[X] * (double)s->n[Y] * (double)s->n[Z];
  bool closed = true;
  for (int d = 0; d < DIMS; d++) closed = closed && !s->wall[d];
  if (!*s->o->input)
    trm_expect(verdict, "largest error of the mode",
               largest_error(run, s, pow(decay(s), (double)run->step)), 0,
               1e-12 * fmax(1, fabs(s->o->wall)));
  if (closed) /* each update rounds four times, by half an ulp */
    trm_expect(verdict, "heat", trm_sum(run, s->u), s->start.sum,
               2 * eps * n * s->start.size * (double)(run->step + 1));
  trm_expect(verdict, "cells that are NaN or infinite",
             (double)trm_nonfinite(run, s->u), 0, 0);
  double slack = 1e-12 * fmax(s->start.size, fabs(s->o->wall));
  double low = fmin(s->start.low, closed ? INFINITY : s->o->wall);
  double high = fmax(s->start.high, closed ? -INFINITY : s->o->wall);
  trm_expect(verdict, "undershoot below the initial minimum",
             fmax(0, low - slack - trm_min_at(run, s->u).value), 0, 0);
  trm_expect(verdict, "overshoot above the initial maximum",
             fmax(0, trm_max_at(run, s->u).value - high - slack), 0, 0);
  return TRM_OK;
}

static int64_t steps(const void *opts) {
  (void)opts;
  return 100;
}

static void work(const void *opts, const trm_span *span, trm_work *w) {
  trm_plan plan;
  trm_layout l;
  plan_of(opts, span->ranks, &plan);
  trm_layout_view(&plan, span->ranks, span->rank, &l);
  trm_halo_traffic(&l, TRM_STAR, 8, &w->messages, &w->message_bytes);
  w->messages *= span->steps;
  w->message_bytes *= span->steps;
  w->updates = (double)l.count * (double)span->steps;
  w->flops = FLOPS * w->updates;
  w->read_bytes = w->write_bytes = 8 * w->updates;
  w->streamed_bytes = streams(opts, span->threads, &l) ? w->write_bytes : 0;
  w->resident_bytes = 16.0 * (double)l.total;
}

TRM_KERNEL(heat) = {.summary = "explicit heat equation, 7-point stencil",
                    .unit = "cell",
                    .options = options,
                    .options_size = sizeof(struct options),
                    .state_size = sizeof(struct state),
                    .setup = setup,
                    .advance = advance,
                    .verify = verify,
                    .steps = steps,
                    .work = work,
                    .plan = plan_of,
                    .resolve = resolve};
