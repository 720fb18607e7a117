#include "array/move/partners.h"

#include <stdlib.h>
#include <string.h>

#include "array/layout/layout.h"
#include "base/memory.h"

enum { PARTS = 2 * TRM_DIMS - 1 }; /* boxes of a linear window, at most */

/* What this rank has on its side: a product of lists of intervals. */
typedef struct owned {
  int64_t n[TRM_DIMS];
  trm__array_interval *interval[TRM_DIMS]; /* ascending; owned */
} owned;

typedef struct shared_with { /* along one dimension */
  int coord;                 /* of the other side */
  trm__array_shared shared;
} shared_with;

typedef struct entry { /* one overlap, before they are sorted */
  int64_t distance;
  int rank, mine, theirs; /* parts of the two sides */
  trm__array_overlap overlap;
} entry;

typedef struct matching {
  const trm__array_side *from, *to;
  bool sending;
  int me, ranks;
  entry *entries;
  size_t n, capacity;
  trm__array_partners *found;
  size_t segments_capacity;
} matching;

static const trm__array_side *my_side(const matching *s) {
  return s->sending ? s->from : s->to;
}

static const trm__array_side *other_side(const matching *s) {
  return s->sending ? s->to : s->from;
}

/* -- growing lists --------------------------------------------------------- */

static void *room_for_one(void *list, size_t n, size_t *capacity, size_t size) {
  if (n < *capacity) return list;
  *capacity = *capacity ? 2 * *capacity : 4;
  return trm__base_grow(list, *capacity, size);
}

typedef struct segments { /* being collected */
  trm__array_segment *list;
  int *coord; /* of the other side */
  size_t n, capacity, coord_capacity;
} segments;

/* -- what two sides share along one dimension ------------------------------ */

/* Local indices of the sender come first, whichever side this rank is on. */
static void add_segment(segments *list, bool sending, int64_t mine,
                        int64_t theirs, int64_t length, int coord) {
  list->coord = room_for_one(list->coord, list->n, &list->coord_capacity,
                             sizeof *list->coord);
  list->list =
      room_for_one(list->list, list->n, &list->capacity, sizeof *list->list);
  list->coord[list->n] = coord;
  list->list[list->n++] = (trm__array_segment){.a = sending ? mine : theirs,
                                               .b = sending ? theirs : mine,
                                               .length = length};
}

/* All segments of my intervals, whoever owns them on the other side. */
static segments all_segments(const matching *s, const owned *mine, int d) {
  const trm_layout *other = other_side(s)->layout;
  segments list = {0};
  for (int64_t k = 0; k < mine->n[d]; k++) {
    const trm__array_interval *m = &mine->interval[d][k];
    for (int64_t g = m->global, end = g + m->length; g < end;) {
      int coord;
      trm__array_interval t = trm__array_interval_of(other, d, g, &coord);
      int64_t stop = t.global + t.length < end ? t.global + t.length : end;
      add_segment(&list, s->sending, m->local + g - m->global,
                  t.local + g - t.global, stop - g, coord);
      g = stop;
    }
  }
  return list;
}

/* Let the result own the segments, and number their positions. */
static trm__array_shared keep(matching *s, trm__array_segment *list, size_t n) {
  trm__array_partners *found = s->found;
  trm__array_shared shared = {.n = (int64_t)n, .segments = list};
  found->segments =
      room_for_one(found->segments, (size_t)found->nsegments,
                   &s->segments_capacity, sizeof *found->segments);
  found->segments[found->nsegments++] = list;
  for (size_t i = 0; i < n; i++) {
    list[i].at = shared.extent;
    shared.extent += list[i].length;
  }
  return shared;
}

typedef struct numbered {
  int coord;
  size_t index;
} numbered;

static int by_coord(const void *a, const void *b) {
  const numbered *x = a, *y = b;
  if (x->coord != y->coord) return x->coord < y->coord ? -1 : 1;
  return x->index < y->index ? -1 : x->index > y->index;
}

/* One list for each coordinate that shares something. */
static int divide(matching *s, const segments *all, shared_with **result) {
  numbered *order = trm__base_calloc(all->n, sizeof *order);
  shared_with *list = trm__base_calloc(all->n, sizeof *list);
  int n = 0;
  for (size_t i = 0; i < all->n; i++) order[i] = (numbered){all->coord[i], i};
  qsort(order, all->n, sizeof *order, by_coord);
  for (size_t i = 0, end; i < all->n; i = end) {
    for (end = i; end < all->n && order[end].coord == order[i].coord;) end++;
    trm__array_segment *own = trm__base_calloc(end - i, sizeof *own);
    for (size_t k = i; k < end; k++) own[k - i] = all->list[order[k].index];
    list[n++] = (shared_with){order[i].coord, keep(s, own, end - i)};
  }
  free(order);
  *result = list;
  return n;
}

/* Every coordinate of a dimension that is whole receives; the first sends. */
static int repeat(matching *s, const segments *all, int coords,
                  shared_with **result) {
  trm__array_segment *own = trm__base_calloc(all->n, sizeof *own);
  shared_with *list = trm__base_calloc((size_t)coords, sizeof *list);
  memcpy(own, all->list, all->n * sizeof *own);
  trm__array_shared shared = keep(s, own, all->n);
  for (int c = 0; c < coords; c++) list[c] = (shared_with){c, shared};
  *result = list;
  return coords;
}

static int shared_along(matching *s, const owned *mine, int d,
                        shared_with **result) {
  const trm_layout *other = other_side(s)->layout;
  segments all = all_segments(s, mine, d);
  int n = 0;
  *result = NULL;
  if (all.n && (d >= other->dims || other->kind[d] == TRM_WHOLE))
    n = repeat(s, &all, s->sending ? other->grid[d] : 1, result);
  else if (all.n)
    n = divide(s, &all, result);
  free(all.list);
  free(all.coord);
  return n;
}

/* -- overlaps -------------------------------------------------------------- */

static int fastest_of(const trm__array_side *side) {
  return side->windows ? side->layout->dims : side->layout->fastest;
}

static void add_entry(matching *s, int rank, int mine, int theirs,
                      const trm__array_shared *const shared[]) {
  s->entries = room_for_one(s->entries, s->n, &s->capacity, sizeof *s->entries);
  int64_t away = s->sending ? (int64_t)rank - s->me : (int64_t)s->me - rank;
  entry *e = &s->entries[s->n];
  *e = (entry){.distance = (away + s->ranks) % s->ranks,
               .rank = rank,
               .mine = mine,
               .theirs = theirs};
  for (int d = 0; d < TRM_DIMS; d++) e->overlap.dim[d] = *shared[d];
  if (trm__array_overlap_complete(&e->overlap, fastest_of(s->from),
                                  fastest_of(s->to)))
    s->n++;
}

/* All places of a layout that share something with a part. */
static void search_layout(matching *s, const owned *mine, int index) {
  const trm_layout *other = other_side(s)->layout;
  shared_with *list[TRM_DIMS];
  int n[TRM_DIMS], coord[TRM_DIMS], at[TRM_DIMS];
  const trm__array_shared *shared[TRM_DIMS];
  int64_t total = 1;
  for (int d = 0; d < TRM_DIMS; d++) {
    n[d] = shared_along(s, mine, d, &list[d]);
    total *= n[d];
  }
  for (int64_t i = 0; i < total; i++) {
    int64_t rest = i;
    for (int d = TRM_DIMS - 1; d >= 0; d--) {
      at[d] = (int)(rest % n[d]);
      rest /= n[d];
      coord[d] = list[d][at[d]].coord;
      shared[d] = &list[d][at[d]].shared;
    }
    add_entry(s, trm__array_rank_at(other, coord), index, 0, shared);
  }
  for (int d = 0; d < TRM_DIMS; d++) free(list[d]);
}

/* Index of the first interval that ends after `from`. */
static int64_t first_after(const trm__array_interval *list, int64_t n,
                           int64_t from) {
  int64_t low = 0, high = n;
  while (low < high) {
    int64_t mid = low + (high - low) / 2;
    if (list[mid].global + list[mid].length > from)
      high = mid;
    else
      low = mid + 1;
  }
  return low;
}

/* What my intervals share with indices lo .. lo+length-1, counted from `lo` on
 * the other side. */
static trm__array_shared shared_with_range(matching *s, const owned *mine,
                                           int d, int64_t lo, int64_t length) {
  segments all = {0};
  const trm__array_interval *list = mine->interval[d];
  int64_t hi = lo + length;
  for (int64_t k = first_after(list, mine->n[d], lo);
       k < mine->n[d] && list[k].global < hi; k++) {
    int64_t end = list[k].global + list[k].length;
    int64_t from = list[k].global > lo ? list[k].global : lo;
    int64_t to = end < hi ? end : hi;
    add_segment(&all, s->sending, list[k].local + from - list[k].global, from,
                to - from, 0);
  }
  free(all.coord);
  return keep(s, all.list, all.n);
}

/* Row-major positions of the first and the last element of a part. */
static void span_of(const owned *p, const trm_layout *l, int64_t *first,
                    int64_t *last) {
  int64_t weight = 1;
  *first = *last = 0;
  for (int d = TRM_DIMS - 1; d >= 0; d--) {
    const trm__array_interval *end = &p->interval[d][p->n[d] - 1];
    *first += p->interval[d][0].global * weight;
    *last += (end->global + end->length - 1) * weight;
    weight *= l->n[d];
  }
}

static void search_window(matching *s, const owned *mine, int rank) {
  const trm__array_linear *w = other_side(s)->windows;
  const int64_t *n = other_side(s)->layout->n;
  int64_t lo[PARTS][TRM_DIMS], len[PARTS][TRM_DIMS];
  int boxes = trm__array_linear_boxes(TRM_DIMS, n, w->first[rank],
                                      w->length[rank], lo, len);
  for (int i = 0; i < boxes; i++) {
    trm__array_shared shared[TRM_DIMS];
    const trm__array_shared *all[TRM_DIMS];
    for (int d = 0; d < TRM_DIMS; d++) {
      shared[d] = shared_with_range(s, mine, d, lo[i][d], len[i][d]);
      all[d] = &shared[d];
    }
    add_entry(s, rank, 0, i, all);
  }
}

static void search_windows(matching *s, const owned *mine) {
  const trm__array_linear *w = other_side(s)->windows;
  int64_t first, last;
  span_of(mine, my_side(s)->layout, &first, &last);
  for (int r = 0; r < s->ranks; r++)
    if (w->length[r] && w->first[r] <= last &&
        w->first[r] + w->length[r] > first)
      search_window(s, mine, r);
}

/* -- this rank's parts ----------------------------------------------------- */

static void part_clear(owned *p) {
  for (int d = 0; d < TRM_DIMS; d++) free(p->interval[d]);
}

/* \return 0 if this rank has nothing, or copies that another rank sends */
static int parts_of_layout(const matching *s, owned parts[]) {
  const trm_layout *l = my_side(s)->layout;
  int coord[TRM_DIMS];
  if (!trm__array_coords_of(l, s->me, coord)) return 0;
  if (s->sending && !trm__array_first_owner(l, coord)) return 0;
  for (int d = 0; d < TRM_DIMS; d++)
    if (trm__array_interval_count(l, d, coord[d]) == 0) return 0;
  for (int d = 0; d < TRM_DIMS; d++) {
    int64_t n = trm__array_interval_count(l, d, coord[d]);
    parts[0].n[d] = n;
    parts[0].interval[d] =
        trm__base_calloc((size_t)n, sizeof *parts[0].interval[d]);
    for (int64_t k = 0; k < n; k++)
      parts[0].interval[d][k] = trm__array_interval_at(l, d, coord[d], k);
  }
  return 1;
}

/* Local indices in a window are the global ones: its location subtracts the
 * first. */
static int parts_of_window(const matching *s, owned parts[]) {
  const trm__array_side *side = my_side(s);
  const trm__array_linear *w = side->windows;
  int64_t lo[PARTS][TRM_DIMS], len[PARTS][TRM_DIMS];
  int n = trm__array_linear_boxes(TRM_DIMS, side->layout->n, w->first[s->me],
                                  w->length[s->me], lo, len);
  for (int i = 0; i < n; i++)
    for (int d = 0; d < TRM_DIMS; d++) {
      parts[i].n[d] = 1;
      parts[i].interval[d] = trm__base_calloc(1, sizeof *parts[i].interval[d]);
      *parts[i].interval[d] =
          (trm__array_interval){lo[i][d], len[i][d], lo[i][d]};
    }
  return n;
}

/* -- sorting --------------------------------------------------------------- */

/* Both sides order the overlaps of a message by the parts of the sender, then
 * of the receiver; one of the two has a single part. */
static int by_distance(const void *a, const void *b) {
  const entry *x = a, *y = b;
  if (x->distance != y->distance) return x->distance < y->distance ? -1 : 1;
  if (x->mine != y->mine) return x->mine < y->mine ? -1 : 1;
  return x->theirs < y->theirs ? -1 : x->theirs > y->theirs;
}

static void group(matching *s) {
  trm__array_partners *found = s->found;
  if (s->n == 0) return;
  qsort(s->entries, s->n, sizeof *s->entries, by_distance);
  found->overlaps = trm__base_calloc(s->n, sizeof *found->overlaps);
  found->partner = trm__base_calloc(s->n, sizeof *found->partner);
  for (size_t i = 0; i < s->n; i++) {
    const entry *e = &s->entries[i];
    found->overlaps[i] = e->overlap;
    if (i == 0 || e->rank != s->entries[i - 1].rank)
      found->partner[found->n++] = (trm__array_partner){
          .rank = e->rank, .overlaps = &found->overlaps[i]};
    trm__array_partner *p = &found->partner[found->n - 1];
    p->n++;
    p->elements += e->overlap.elements;
  }
}

trm__array_partners trm__array_partners_find(const trm__array_side *from,
                                             const trm__array_side *to,
                                             bool sending, int me, int ranks) {
  trm__array_partners found = {0};
  matching s = {.from = from,
                .to = to,
                .sending = sending,
                .me = me,
                .ranks = ranks,
                .found = &found};
  owned parts[PARTS] = {0};
  int n = my_side(&s)->windows ? parts_of_window(&s, parts)
                               : parts_of_layout(&s, parts);
  for (int i = 0; i < n; i++) {
    if (other_side(&s)->windows)
      search_windows(&s, &parts[i]);
    else
      search_layout(&s, &parts[i], i);
    part_clear(&parts[i]);
  }
  group(&s);
  free(s.entries);
  return found;
}

void trm__array_partners_clear(trm__array_partners *p) {
  for (int i = 0; i < p->nsegments; i++) free(p->segments[i]);
  free(p->segments);
  free(p->overlaps);
  free(p->partner);
  *p = (trm__array_partners){0};
}
