#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "array/layout/layout.h"
#include "comm/run.h"

enum { ROW = 16 }; /* elements: with a halo, owned rows begin at multiples */

static int64_t round_up(int64_t n, int64_t to) {
  return (n + to - 1) / to * to;
}

/* -- one dimension --------------------------------------------------------- */

static int64_t block_start(int64_t n, int parts, int64_t c) {
  return n / parts * c + (c < n % parts ? c : n % parts);
}

static int64_t cyclic_length(int64_t n, int64_t block, int parts, int c) {
  int64_t full = n / block, mine = full / parts + (c < full % parts);
  return mine * block + (c == full % parts ? n % block : 0);
}

/* Blocks, and slices without given lengths. */
static bool is_even(const trm_layout *l, int d) {
  return l->kind[d] == TRM_BLOCK ||
         (l->kind[d] == TRM_SLICES && !l->lengths[d]);
}

int64_t trm_length_at(const trm_layout *l, int d, int c) {
  if (d >= l->dims) return 1;
  if (is_even(l, d))
    return block_start(l->n[d], l->grid[d], (int64_t)c + 1) -
           block_start(l->n[d], l->grid[d], c);
  if (l->kind[d] == TRM_SLICES) return l->lengths[d][c];
  if (l->kind[d] == TRM_CYCLIC)
    return cyclic_length(l->n[d], l->block[d], l->grid[d], c);
  return l->n[d];
}

/* Views do not store the starts, so sum the lengths. */
static int64_t slice_start(const trm_layout *l, int d, int c) {
  int64_t start = 0;
  if (l->own) return l->own->starts[d][c];
  for (int k = 0; k < c; k++) start += l->lengths[d][k];
  return start;
}

/* A coordinate that owns nothing starts at n. */
static int64_t cyclic_start(const trm_layout *l, int d, int c) {
  return c > l->n[d] / l->block[d] ? l->n[d] : c * l->block[d];
}

static int64_t start_at(const trm_layout *l, int d, int c) {
  if (d >= l->dims || l->kind[d] == TRM_WHOLE) return 0;
  if (l->kind[d] == TRM_CYCLIC) return cyclic_start(l, d, c);
  if (is_even(l, d)) return block_start(l->n[d], l->grid[d], c);
  return slice_start(l, d, c);
}

static int find_start(const int64_t *starts, int parts, int64_t g) {
  int low = 0, high = parts; /* starts[low] <= g < starts[high] */
  while (high - low > 1) {
    int mid = low + (high - low) / 2;
    if (starts[mid] <= g)
      low = mid;
    else
      high = mid;
  }
  return low;
}

static int slice_of(const trm_layout *l, int d, int64_t g) {
  int c = 0, last = l->grid[d] - 1;
  if (l->own) return find_start(l->own->starts[d], l->grid[d], g);
  for (; c < last && g >= l->lengths[d][c]; c++) g -= l->lengths[d][c];
  return c;
}

int trm_coord_of(const trm_layout *l, int d, int64_t g) {
  if (d >= l->dims || l->kind[d] == TRM_WHOLE) return 0;
  int parts = l->grid[d];
  if (l->kind[d] == TRM_CYCLIC) return (int)(g / l->block[d] % parts);
  if (!is_even(l, d)) return slice_of(l, d, g);
  int64_t thin = l->n[d] / parts, thick = l->n[d] % parts;
  if (g < thick * (thin + 1)) return (int)(g / (thin + 1));
  return (int)(thick + (g - thick * (thin + 1)) / thin);
}

int64_t trm_local(const trm_layout *l, int d, int64_t g) {
  if (l->coord[0] < 0 || g < 0 || g >= l->n[d]) return -1;
  if (d >= l->dims || l->kind[d] == TRM_WHOLE) return g;
  if (trm_coord_of(l, d, g) != l->coord[d]) return -1;
  if (l->kind[d] != TRM_CYCLIC) return g - l->lo[d];
  int64_t b = l->block[d];
  return g / b / l->grid[d] * b + g % b;
}

int64_t trm_global(const trm_layout *l, int d, int64_t i) {
  if (d >= l->dims || l->kind[d] != TRM_CYCLIC) return l->lo[d] + i;
  int64_t b = l->block[d];
  return (i / b * l->grid[d] + l->coord[d]) * b + i % b;
}

int64_t trm__array_interval_count(const trm_layout *l, int d, int c) {
  int64_t length = trm_length_at(l, d, c);
  if (d < l->dims && l->kind[d] == TRM_CYCLIC)
    return (length + l->block[d] - 1) / l->block[d];
  return length > 0;
}

trm__array_interval trm__array_interval_at(const trm_layout *l, int d, int c,
                                           int64_t k) {
  int64_t length = trm_length_at(l, d, c);
  if (d >= l->dims || l->kind[d] != TRM_CYCLIC)
    return (trm__array_interval){start_at(l, d, c), length, 0};
  int64_t b = l->block[d], at = k * b;
  return (trm__array_interval){(k * l->grid[d] + c) * b,
                               length - at < b ? length - at : b, at};
}

trm__array_interval trm__array_interval_of(const trm_layout *l, int d,
                                           int64_t g, int *coord) {
  *coord = trm_coord_of(l, d, g);
  int64_t k = 0;
  if (d < l->dims && l->kind[d] == TRM_CYCLIC) k = g / l->block[d] / l->grid[d];
  return trm__array_interval_at(l, d, *coord, k);
}

/* -- ranks and places ------------------------------------------------------ */

static int rank_of_position(const trm_layout *l, int position) {
  return l->map ? l->map[position] : l->first + position;
}

int trm__array_rank_at(const trm_layout *l, const int coord[TRM_DIMS]) {
  int position = 0;
  for (int d = 0; d < TRM_DIMS; d++)
    position = position * l->grid[d] + coord[d];
  return rank_of_position(l, position);
}

static void coords_at(const int grid[], int position, int coord[]) {
  for (int d = TRM_DIMS - 1; d >= 0; d--) {
    coord[d] = position % grid[d];
    position /= grid[d];
  }
}

/* Most maps are first rank + position: search there first.  \return -1: none */
static int position_of(const trm_layout *l, int rank) {
  if (!l->map)
    return rank >= l->first && rank - l->first < l->places ? rank - l->first
                                                           : -1;
  int guess = (rank - l->map[0]) % l->places;
  if (guess < 0) guess += l->places;
  for (int p = guess; p < l->places; p++)
    if (l->map[p] == rank) return p;
  for (int p = 0; p < guess; p++)
    if (l->map[p] == rank) return p;
  return -1;
}

bool trm__array_coords_of(const trm_layout *l, int rank, int coord[TRM_DIMS]) {
  int position = position_of(l, rank);
  if (position >= 0) coords_at(l->grid, position, coord);
  return position >= 0;
}

bool trm__array_first_owner(const trm_layout *l, const int coord[TRM_DIMS]) {
  for (int d = 0; d < TRM_DIMS; d++)
    if ((d >= l->dims || l->kind[d] == TRM_WHOLE) && coord[d] != 0)
      return false;
  return true;
}

int trm_owner(const trm_layout *l, const int64_t index[]) {
  int coord[TRM_DIMS] = {0};
  for (int d = 0; d < l->dims; d++) coord[d] = trm_coord_of(l, d, index[d]);
  return trm__array_rank_at(l, coord);
}

/* Rank below or above; a copy of a whole dimension is its own neighbour. */
static int find_neighbour(const trm_layout *l, int d, int side) {
  int coord[TRM_DIMS], parts = l->kind[d] == TRM_WHOLE ? 1 : l->grid[d];
  if (l->coord[d] < 0 || l->halo[d] == 0) return -1;
  memcpy(coord, l->coord, sizeof coord);
  if (parts > 1) coord[d] += side ? 1 : -1;
  bool outside = parts == 1 || coord[d] < 0 || coord[d] >= parts;
  if (outside && !l->periodic[d]) return -1;
  if (parts > 1) coord[d] = (coord[d] + parts) % parts;
  return trm__array_rank_at(l, coord);
}

/* -- checks of a plan ------------------------------------------------------ */

#define bad(e, ...) trm__base_error_set(e, TRM_EINPUT, __VA_ARGS__)

static bool has_halo(const trm_plan *p) {
  for (int d = 0; d < p->dims; d++)
    if (p->dim[d].halo) return true;
  return false;
}

static trm_status check_dim(const trm_plan *p, int d, trm__base_error *e) {
  const trm_dim *dim = &p->dim[d];
  if (dim->n < 0)
    return bad(e, "dimension %d has length %" PRId64 "; expected >= 0", d,
               dim->n);
  if (dim->halo < 0)
    return bad(e, "dimension %d has halo %d; expected >= 0", d, dim->halo);
  if (dim->kind == TRM_CYCLIC && (dim->block < 1 || dim->halo))
    return bad(e, "dimension %d: cyclic requires a block >= 1 and no halo", d);
  if (dim->grid < 0)
    return bad(e, "dimension %d has a grid of %d; expected >= 0", d, dim->grid);
  if (dim->halo > dim->n)
    return bad(e,
               "dimension %d has length %" PRId64 "; expected >= its halo, %d",
               d, dim->n, dim->halo);
  if (dim->lengths && dim->grid < 1)
    return bad(e, "dimension %d: lengths of slices require a grid", d);
  return TRM_OK;
}

/* Check sum, sign and minimum of given slice lengths. */
static trm_status check_lengths(const trm_dim *dim, int d, trm__base_error *e) {
  int64_t sum = 0;
  for (int c = 0; c < dim->grid; c++) {
    int64_t length = dim->lengths[c];
    if (length < 0 || length < dim->halo)
      return bad(
          e, "dimension %d: slice %d has length %" PRId64 "; expected >= %d", d,
          c, length, dim->halo);
    if (__builtin_add_overflow(sum, length, &sum))
      return bad(e, "dimension %d: slices sum to more than 2^63", d);
  }
  if (sum != dim->n)
    return bad(e, "dimension %d: slices sum to %" PRId64 "; expected %" PRId64,
               d, sum, dim->n);
  return TRM_OK;
}

/* Would the whole field, padding included, fit into 2^63 bytes? */
static trm_status check_size(const trm_plan *p, trm__base_error *e) {
  int64_t product = 16, n; /* bytes of the largest element */
  for (int d = 0; d < p->dims; d++) {
    int64_t padding = 2 * (int64_t)p->dim[d].halo + 3 * ROW;
    if (!has_halo(p)) padding = 0;
    if (__builtin_add_overflow(p->dim[d].n, padding, &n) ||
        __builtin_mul_overflow(product, n > 0 ? n : 1, &product))
      return bad(e, "the product of the dimensions' lengths exceeds 2^59%s",
                 padding ? ", halo and padding included" : "");
  }
  return TRM_OK;
}

static trm_status check_plan(const trm_plan *p, int ranks, trm__base_error *e) {
  if (p->dims < 1 || p->dims > TRM_DIMS)
    return bad(e, "a layout of %d dimensions; expected 1 to %d", p->dims,
               TRM_DIMS);
  for (int d = 0; d < p->dims; d++) {
    TRM_TRY(check_dim(p, d, e));
    if (p->dim[d].kind == TRM_SLICES && p->dim[d].lengths)
      TRM_TRY(check_lengths(&p->dim[d], d, e));
  }
  TRM_TRY(check_size(p, e));
  if (p->fastest < 0 || p->fastest > p->dims)
    return bad(e, "fastest is %d; expected 0 to %d", p->fastest, p->dims);
  if (p->first < 0 || p->first >= ranks || p->ranks < 0 ||
      p->ranks > ranks - p->first)
    return bad(e, "a layout on %d ranks from rank %d; the run has %d", p->ranks,
               p->first, ranks);
  return TRM_OK;
}

/* A map must name ranks of the run, none twice. */
static trm_status check_map(const trm_plan *p, int places, int ranks,
                            trm__base_error *e) {
  if (!p->map) return TRM_OK;
  bool *seen = trm__base_calloc((size_t)ranks, sizeof *seen);
  trm_status status = TRM_OK;
  for (int i = 0; i < places && status == TRM_OK; i++) {
    int rank = p->map[i];
    if (rank < 0 || rank >= ranks)
      status =
          bad(e, "the map names rank %d; the run has %d ranks", rank, ranks);
    else if (seen[rank])
      status = bad(e, "the map names rank %d twice", rank);
    else
      seen[rank] = true;
  }
  free(seen);
  return status;
}

static int ranks_of(const trm_plan *p, int ranks) {
  return p->ranks ? p->ranks : ranks - p->first;
}

/* A replicated table: unless a grid says otherwise, each rank has a copy. */
static bool all_whole(const trm_plan *p) {
  for (int d = 0; d < TRM_DIMS; d++)
    if (p->dim[d].grid || (d < p->dims && p->dim[d].kind != TRM_WHOLE))
      return false;
  return true;
}

static trm_status choose_grid(const trm_plan *p, int ranks, int grid[],
                              trm__base_error *e) {
  int64_t n[TRM_DIMS], places = 1;
  int thin[TRM_DIMS], fixed[TRM_DIMS], room = ranks_of(p, ranks);
  for (int d = 0; d < TRM_DIMS; d++) {
    bool inside = d < p->dims;
    n[d] = inside ? p->dim[d].n : 1;
    thin[d] = inside && p->dim[d].halo > 1 ? p->dim[d].halo : 1;
    bool copies = !inside || p->dim[d].kind == TRM_WHOLE;
    fixed[d] = p->dim[d].grid ? p->dim[d].grid : copies;
    if (d == 0 && all_whole(p)) fixed[d] = room;
    if (fixed[d] < 0 || (places *= fixed[d] ? fixed[d] : 1) > room)
      return bad(e, "a grid of %" PRId64 " ranks; only %d are available",
                 places, room);
    if (fixed[d] && !copies && !p->dim[d].lengths && p->dim[d].halo &&
        n[d] / fixed[d] < p->dim[d].halo)
      return bad(e,
                 "dimension %d: %d blocks of %" PRId64
                 " are thinner than the halo, %d",
                 d, fixed[d], n[d], p->dim[d].halo);
  }
  trm_grid_choose(room, TRM_DIMS, n, thin, fixed, grid);
  return TRM_OK;
}

/* -- construction ---------------------------------------------------------- */

static void copy_dims(trm_layout *l, const trm_plan *p) {
  l->dims = p->dims;
  l->fastest = p->fastest ? p->fastest : p->dims;
  l->map = p->map;
  l->first = p->map ? 0 : p->first;
  for (int d = 0; d < TRM_DIMS; d++) {
    bool inside = d < p->dims;
    l->n[d] = inside ? p->dim[d].n : 1;
    l->kind[d] = inside ? p->dim[d].kind : TRM_WHOLE;
    l->block[d] = inside ? p->dim[d].block : 1;
    l->halo[d] = inside ? p->dim[d].halo : 0;
    l->periodic[d] = inside && p->dim[d].periodic;
    l->lengths[d] = l->kind[d] == TRM_SLICES ? p->dim[d].lengths : NULL;
  }
}

/* Dimensions from slowest to fastest in memory. */
static void memory_order(const trm_layout *l, int order[]) {
  int k = 0;
  for (int d = 0; d < l->dims; d++)
    if (d != l->fastest - 1) order[k++] = d;
  order[k] = l->fastest - 1;
}

/* Set strides, origin and size. Strides of powers of two between rows and
 * planes would map onto few cache sets, so they get one more line. */
static void place_memory(trm_layout *l, const trm_plan *p) {
  int order[TRM_DIMS];
  bool halo = has_halo(p);
  memory_order(l, order);
  int64_t stride = 1, most = 0;
  l->origin = 0;
  for (int k = l->dims - 1; k >= 0; k--) {
    int d = order[k];
    int64_t before = l->halo[d];
    if (halo && k == l->dims - 1) before = round_up(before, ROW);
    l->stride[d] = stride;
    l->origin += before * stride;
    most += (l->len[d] - 1 + l->halo[d]) * stride;
    stride *= l->len[d] + 2 * (int64_t)l->halo[d];
    if (halo) stride = round_up(stride, ROW);
    if (halo && stride % 512 == 0) stride += ROW;
  }
  l->count = 1;
  for (int d = 0; d < TRM_DIMS; d++) l->count *= l->len[d];
  l->total = l->count ? round_up(l->origin + most + 1, ROW) : 0;
}

static void place_rank(trm_layout *l, const trm_plan *p, int rank) {
  bool member = trm__array_coords_of(l, rank, l->coord);
  for (int d = 0; d < TRM_DIMS; d++) {
    if (!member) l->coord[d] = -1;
    l->len[d] = member ? trm_length_at(l, d, l->coord[d]) : 0;
    l->lo[d] = member ? start_at(l, d, l->coord[d]) : 0;
    l->stride[d] = 0;
  }
  l->first_owner = member && trm__array_first_owner(l, l->coord);
  place_memory(l, p);
  for (int d = 0; d < TRM_DIMS; d++)
    for (int side = 0; side < 2; side++)
      l->neighbour[d][side] = find_neighbour(l, d, side);
}

static trm_status build(const trm_plan *p, int ranks, int rank, trm_layout *l,
                        trm__base_error *e) {
  TRM_TRY(check_plan(p, ranks, e));
  copy_dims(l, p);
  TRM_TRY(choose_grid(p, ranks, l->grid, e));
  l->places = l->grid[0] * l->grid[1] * l->grid[2] * l->grid[3];
  TRM_TRY(check_map(p, l->places, ranks, e));
  place_rank(l, p, rank);
  return TRM_OK;
}

bool trm_layout_view(const trm_plan *p, int ranks, int rank, trm_layout *view) {
  trm__base_error error = {0};
  *view = (trm_layout){0};
  if (build(p, ranks, rank, view, &error) == TRM_OK) return true;
  *view = (trm_layout){.coord = {-1, -1, -1, -1}};
  return false;
}

/* -- in a run -------------------------------------------------------------- */

static void copy_lengths(struct trm__array_layout *own, int d) {
  int parts = own->pub.grid[d];
  const int64_t *given = own->pub.lengths[d];
  own->lengths[d] = trm__base_calloc((size_t)parts, sizeof *given);
  own->starts[d] = trm__base_calloc((size_t)parts + 1, sizeof *given);
  memcpy(own->lengths[d], given, sizeof *given * (size_t)parts);
  for (int c = 0; c < parts; c++)
    own->starts[d][c + 1] = own->starts[d][c] + given[c];
  own->pub.lengths[d] = own->lengths[d];
}

/* The layout keeps copies: the plan's lists may be freed. */
static void copy_lists(struct trm__array_layout *own) {
  trm_layout *l = &own->pub;
  for (int d = 0; d < l->dims; d++)
    if (l->lengths[d]) copy_lengths(own, d);
  if (!l->map) return;
  own->map = trm__base_calloc((size_t)l->places, sizeof *own->map);
  memcpy(own->map, l->map, sizeof *own->map * (size_t)l->places);
  l->map = own->map;
}

static void layout_free(struct trm__array_layout *own) {
  if (own->halos) own->drop_halos(own->halos);
  for (int d = 0; d < TRM_DIMS; d++) trm_comm_free(&own->axis[d]);
  for (int d = 0; d < TRM_DIMS; d++) {
    free(own->lengths[d]);
    free(own->starts[d]);
  }
  free(own->map);
  free(own);
}

static void release(trm_run *run, struct trm__array_layout *own) {
  if (--own->references > 0) return;
  trm__comm_detach(run, own);
  layout_free(own);
}

/* Drop the user's handle. Fields may still hold the layout, including older
 * ones that moved to it. */
static void drop_handle(trm_run *run, void *what) {
  struct trm__array_layout *own = what;
  if (own->dropped) return;
  own->dropped = true;
  release(run, own);
}

trm_status trm_layout_new(trm_run *run, const trm_plan *p,
                          const trm_layout **result) {
  struct trm__array_layout *own = trm__base_calloc(1, sizeof *own);
  trm__base_error error = {0};
  *result = NULL;
  if (build(p, run->ranks, run->rank, &own->pub, &error) != TRM_OK) {
    free(own);
    return trm_fail(run, error.status, "%s", error.text);
  }
  copy_lists(own);
  own->pub.own = own;
  own->pub.run = run;
  own->references = 1;
  trm__comm_attach(run, own, drop_handle);
  *result = &own->pub;
  return TRM_OK;
}

void trm__array_layout_retain(const trm_layout *l) {
  l->own->references++;
}

void trm__array_layout_release(trm_run *run, const trm_layout *l) {
  release(run, l->own);
}

void trm_layout_drop(trm_run *run, const trm_layout **l) {
  if (*l) drop_handle(run, (*l)->own);
  *l = NULL;
}

trm_plan trm_grid_plan(int dims, const int64_t n[], int halo,
                       const bool periodic[]) {
  trm_plan plan = {.dims = dims};
  for (int d = 0; d < dims && d < TRM_DIMS; d++)
    plan.dim[d] =
        (trm_dim){.n = n[d], .halo = halo, .periodic = periodic && periodic[d]};
  return plan;
}

trm_status trm_grid(trm_run *run, int dims, const int64_t n[], int halo,
                    const bool periodic[], const trm_layout **result) {
  trm_plan plan = trm_grid_plan(dims, n, halo, periodic);
  return trm_layout_new(run, &plan, result);
}

/* trm_layout_new refuses negative lengths and names the rank. */
static int64_t sum_of(const int64_t lengths[], int n) {
  int64_t sum = 0;
  for (int i = 0; i < n; i++)
    if (lengths[i] > 0 && __builtin_add_overflow(sum, lengths[i], &sum))
      return INT64_MAX;
  return sum;
}

trm_status trm_slices(trm_run *run, int64_t mine, const trm_layout **result) {
  trm_cause before = trm_comm_cause(run->comm, TRM_FOR_REDISTRIBUTE);
  int64_t *lengths = trm__base_calloc((size_t)run->ranks, sizeof *lengths);
  trm_allgather(run->comm, &mine, sizeof mine, lengths);
  trm_comm_cause_end(run->comm, before);
  trm_plan plan = {.dims = 1,
                   .dim = {{.n = sum_of(lengths, run->ranks),
                            .kind = TRM_SLICES,
                            .lengths = lengths,
                            .grid = run->ranks}}};
  trm_status status = trm_layout_new(run, &plan, result);
  free(lengths);
  return status;
}

trm_status trm_axis(trm_run *run, const trm_layout *l, int axis,
                    const trm_comm **result) {
  struct trm__array_layout *own = l->own;
  if (!own->axis_made[axis]) {
    int color = l->coord[0] < 0 ? -1 : 0;
    for (int d = 0; d < TRM_DIMS && color >= 0; d++)
      if (d != axis) color = color * l->grid[d] + l->coord[d];
    own->axis[axis] = trm_comm_split(run->comm, color, l->coord[axis]);
    own->axis_made[axis] = true;
  }
  *result = own->axis[axis];
  return TRM_OK;
}

/* -- the plan of a layout, and comparison ---------------------------------- */

trm_plan trm_layout_plan(const trm_layout *l) {
  trm_plan plan = {.dims = l->dims,
                   .fastest = l->fastest,
                   .first = l->first,
                   .ranks = l->places,
                   .map = l->map};
  for (int d = 0; d < TRM_DIMS; d++)
    plan.dim[d] = (trm_dim){.n = l->n[d],
                            .kind = l->kind[d],
                            .block = l->block[d],
                            .lengths = l->lengths[d],
                            .halo = l->halo[d],
                            .periodic = l->periodic[d],
                            .grid = l->grid[d]};
  return plan;
}

static bool same_division(const trm_layout *a, const trm_layout *b, int d) {
  if (a->n[d] != b->n[d] || a->grid[d] != b->grid[d] ||
      a->kind[d] != b->kind[d] || a->halo[d] != b->halo[d])
    return false;
  if (d < a->dims && a->kind[d] == TRM_CYCLIC && a->block[d] != b->block[d])
    return false;
  if (a->lengths[d] == b->lengths[d]) return true;
  for (int c = 0; c < a->grid[d]; c++)
    if (trm_length_at(a, d, c) != trm_length_at(b, d, c)) return false;
  return true;
}

static bool same_ranks(const trm_layout *a, const trm_layout *b) {
  if (a->places != b->places) return false;
  if (a->map == b->map) return a->first == b->first;
  for (int p = 0; p < a->places; p++)
    if (rank_of_position(a, p) != rank_of_position(b, p)) return false;
  return true;
}

bool trm_layout_same(const trm_layout *a, const trm_layout *b) {
  if (a == b) return true;
  if (a->dims != b->dims || a->fastest != b->fastest) return false;
  for (int d = 0; d < TRM_DIMS; d++)
    if (!same_division(a, b, d)) return false;
  return same_ranks(a, b);
}
