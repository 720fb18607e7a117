/* Random plans of layouts, the same on all ranks, and what a plan means, worked
 * out the slow way. */
#ifndef TRM_TESTS_PLANS_H
#define TRM_TESTS_PLANS_H

#include <trireme/kernel.h>

#include "check_mpi.h"

enum { MOST_RANKS = 16 };

typedef struct dice {
  uint64_t seed, at;
} dice;

/* 0 to below-1 */
static inline int64_t roll(dice *d, int64_t below) {
  return (int64_t)(trm_random(d->seed, 99, d->at++) % (uint64_t)below);
}

typedef struct random_plan {
  trm_plan plan;
  int64_t lengths[TRM_DIMS][MOST_RANKS];
  int map[MOST_RANKS];
} random_plan;

/* A length from 0 on, mostly small; the sum of all `parts` is n. */
static inline void roll_lengths(dice *d, int64_t n, int parts, int64_t thin,
                                int64_t lengths[]) {
  int64_t left = n - thin * parts;
  for (int c = 0; c < parts; c++) {
    int64_t extra = c == parts - 1 ? left : roll(d, left + 1);
    lengths[c] = thin + extra;
    left -= extra;
  }
}

static inline void roll_dim(dice *d, random_plan *p, int i, int places) {
  trm_dim *dim = &p->plan.dim[i];
  dim->kind = (trm_kind)roll(d, 4);
  dim->block = 1 + roll(d, 5);
  if (roll(d, 2)) dim->grid = 1 + (int)roll(d, places);
  if (dim->kind == TRM_CYCLIC || !dim->halo) dim->halo = 0;
  if (dim->kind != TRM_CYCLIC && dim->halo && dim->grid &&
      dim->kind != TRM_WHOLE && dim->n / dim->grid < dim->halo)
    dim->grid = 1;
  if (dim->kind == TRM_SLICES && dim->grid && roll(d, 2)) {
    roll_lengths(d, dim->n, dim->grid, dim->halo, p->lengths[i]);
    dim->lengths = p->lengths[i];
  }
}

/* Any kinds on any part of the ranks.  \param halo widest */
static inline void roll_plan(dice *d, int dims, const int64_t n[], int halo,
                             int ranks, random_plan *p) {
  *p = (random_plan){.plan = {.dims = dims}};
  if (roll(d, 3) == 0) p->plan.first = (int)roll(d, ranks);
  int room = ranks - p->plan.first, places;
  if (roll(d, 3) == 0) room = p->plan.ranks = 1 + (int)roll(d, room);
  places = room;
  for (int i = 0; i < TRM_DIMS; i++) {
    trm_dim *dim = &p->plan.dim[i];
    if (i < dims) {
      int64_t most = halo < n[i] ? halo : n[i];
      *dim = (trm_dim){.n = n[i],
                       .periodic = roll(d, 2),
                       .halo = halo ? (int)roll(d, most + 1) : 0};
      roll_dim(d, p, i, places);
    } else if (roll(d, 3) == 0) {
      dim->grid = 1 + (int)roll(d, places);
    }
    if (dim->grid) places /= dim->grid;
  }
  if (roll(d, 2)) p->plan.fastest = (int)roll(d, dims + 1);
  if (roll(d, 2) == 0) return;
  for (int i = 0; i < ranks; i++) p->map[i] = i;
  for (int i = ranks - 1; i > 0; i--) {
    int other = (int)roll(d, i + 1), rank = p->map[i];
    p->map[i] = p->map[other];
    p->map[other] = rank;
  }
  p->plan.map = p->map;
}

static inline void roll_shape(dice *d, int dims, int64_t most, int64_t n[]) {
  for (int i = 0; i < TRM_DIMS; i++) n[i] = i < dims ? roll(d, most + 1) : 1;
}

/* -- the slow way ---------------------------------------------------------- */

/* Does a coordinate own g along a dimension? Straight from layout.h. */
static inline bool owns(const trm_plan *p, const int grid[], int d, int c,
                        int64_t g) {
  if (d >= p->dims || p->dim[d].kind == TRM_WHOLE) return true;
  const trm_dim *dim = &p->dim[d];
  if (dim->kind == TRM_CYCLIC) return g / dim->block % grid[d] == c;
  int64_t at = 0;
  for (int k = 0; k < grid[d]; k++) {
    int64_t length = dim->n / grid[d] + (k < dim->n % grid[d]);
    if (dim->lengths) length = dim->lengths[k];
    if (k == c) return g >= at && g < at + length;
    at += length;
  }
  return false;
}

static inline int rank_of(const trm_plan *p, const int grid[],
                          const int coord[]) {
  int position = 0;
  for (int d = 0; d < TRM_DIMS; d++) position = position * grid[d] + coord[d];
  return p->map ? p->map[position] : p->first + position;
}

/* Coordinates of a rank by trying all; false: no place. */
static inline bool place_of(const trm_plan *p, const int grid[], int rank,
                            int coord[]) {
  for (coord[0] = 0; coord[0] < grid[0]; coord[0]++)
    for (coord[1] = 0; coord[1] < grid[1]; coord[1]++)
      for (coord[2] = 0; coord[2] < grid[2]; coord[2]++)
        for (coord[3] = 0; coord[3] < grid[3]; coord[3]++)
          if (rank_of(p, grid, coord) == rank) return true;
  return false;
}

/* Next index of a shape in row-major order; false: that was the last. */
static inline bool next_index(const int64_t n[], int64_t index[]) {
  for (int d = TRM_DIMS - 1; d >= 0; d--) {
    if (++index[d] < n[d]) return true;
    index[d] = 0;
  }
  return false;
}

static inline int64_t volume(const int64_t n[]) {
  return n[0] * n[1] * n[2] * n[3];
}

/* Place in memory of the element with these global indices; -1: not here. */
static inline int64_t element_at(const trm_layout *l, const int64_t index[]) {
  int64_t at = 0;
  for (int d = 0; d < TRM_DIMS; d++) {
    int64_t i = trm_local(l, d, index[d]);
    if (i < 0) return -1;
    at += i * l->stride[d];
  }
  return at + l->origin;
}

#endif
