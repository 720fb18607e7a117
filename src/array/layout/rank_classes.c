#include "array/layout/rank_classes.h"

#include <stdlib.h>

#include "base/memory.h"

typedef struct stretch { /* consecutive equivalent coordinates on an axis */
  int first, count;
} stretch;

typedef struct axis {
  int n;
  stretch *list;
} axis;

/* Distance to an end of the grid: 0, 1, or 2 for more. */
static int end_distance(int64_t coords) {
  return coords < 2 ? (int)coords : 2;
}

static bool are_equivalent(const trm_layout *l, int d, int a, int b) {
  const int parts = l->grid[d], last = parts - 1;
  if (end_distance(a) != end_distance(b) ||
      end_distance(last - a) != end_distance(last - b))
    return false;
  for (int step = -1; step <= 1; step++)
    if (trm_length_at(l, d, (int)(((int64_t)a + parts + step) % parts)) !=
        trm_length_at(l, d, (int)(((int64_t)b + parts + step) % parts)))
      return false;
  return true;
}

/* The last coordinate equivalent to `first`. Lengths that are not given never
 * increase along an axis: coordinates between two equivalent ones are
 * equivalent, so bisection finds it. */
static int last_equivalent(const trm_layout *l, int d, int first) {
  int last = first, beyond = l->grid[d];
  if (l->lengths[d]) {
    while (last + 1 < beyond && are_equivalent(l, d, first, last + 1)) last++;
    return last;
  }
  while (beyond - last > 1) {
    int middle = last + (beyond - last) / 2;
    if (are_equivalent(l, d, first, middle))
      last = middle;
    else
      beyond = middle;
  }
  return last;
}

static axis axis_of(const trm_layout *l, int d) {
  axis a = {.n = 0};
  for (int c = 0, room = 0; c < l->grid[d];) {
    if (a.n == room) {
      room = room ? 2 * room : 8;
      a.list = trm__base_grow(a.list, (size_t)room, sizeof *a.list);
    }
    int last = last_equivalent(l, d, c);
    a.list[a.n++] = (stretch){c, last - c + 1};
    c = last + 1;
  }
  return a;
}

static int rank_at(const trm_layout *l, const int coord[]) {
  int position = 0;
  for (int d = 0; d < TRM_DIMS; d++)
    position = position * l->grid[d] + coord[d];
  return l->map ? l->map[position] : l->first + position;
}

/* A rank that owns nothing; at least one must exist. */
static int idle_rank(const trm_layout *l, int ranks) {
  int rank = 0;
  if (!l->map) return l->first > 0 ? 0 : l->places;
  bool *placed = trm__base_calloc((size_t)ranks, sizeof *placed);
  for (int p = 0; p < l->places; p++) placed[l->map[p]] = true;
  while (placed[rank]) rank++;
  free(placed);
  return rank;
}

/* The k-th combination of stretches; the last axis varies fastest. */
static trm__array_rank_class class_of(const trm_layout *l, const axis axes[],
                                      int64_t k) {
  int coord[TRM_DIMS], count = 1;
  for (int d = TRM_DIMS - 1; d >= 0; d--) {
    const stretch *s = &axes[d].list[k % axes[d].n];
    k /= axes[d].n;
    coord[d] = s->first;
    count *= s->count;
  }
  return (trm__array_rank_class){rank_at(l, coord), count};
}

int trm__array_rank_classes(const trm_plan *plan, int ranks,
                            trm__array_rank_class **classes) {
  trm_layout l;
  axis axes[TRM_DIMS];
  int n = 1;
  *classes = NULL;
  if (!trm_layout_view(plan, ranks, 0, &l)) return 0;
  for (int d = 0; d < TRM_DIMS; d++) {
    axes[d] = axis_of(&l, d);
    n *= axes[d].n;
  }
  *classes = trm__base_calloc((size_t)n + 1, sizeof **classes);
  for (int k = 0; k < n; k++) (*classes)[k] = class_of(&l, axes, k);
  for (int d = 0; d < TRM_DIMS; d++) free(axes[d].list);
  if (l.places < ranks)
    (*classes)[n++] =
        (trm__array_rank_class){idle_rank(&l, ranks), ranks - l.places};
  return n;
}
