/* Layouts: the part internal to the array floor. */
#ifndef TRM_ARRAY_LAYOUT_LAYOUT_H
#define TRM_ARRAY_LAYOUT_LAYOUT_H

#include <trireme/layout.h>

struct trm__array_layout {
  trm_layout pub; /* the public part */
  int references; /* by fields and the user's handle */
  bool dropped;   /* the user has dropped the handle */
  /* Copies of the plan's lists, if it has any. Each rank must find the owner of
   * any element without a message, so these grow with the number of ranks. */
  int *map;
  int64_t *lengths[TRM_DIMS];
  int64_t *starts[TRM_DIMS]; /* first index of each coordinate, and n */
  trm_comm *axis[TRM_DIMS];
  bool axis_made[TRM_DIMS];
  struct trm_halo *halos; /* plans of halo.c, and the function to free them */
  void (*drop_halos)(struct trm_halo *);
};

void trm__array_layout_retain(const trm_layout *);
void trm__array_layout_release(trm_run *, const trm_layout *);

/* The k-th interval of global indices owned by a coordinate along a dimension.
 */
typedef struct trm__array_interval {
  int64_t global, length, local;
} trm__array_interval;
int64_t trm__array_interval_count(const trm_layout *, int dim, int coord);
trm__array_interval trm__array_interval_at(const trm_layout *, int dim,
                                           int coord, int64_t k);

/** Find the interval that contains a global index along a dimension, and the
 * coordinate that owns it (whole: 0). */
trm__array_interval trm__array_interval_of(const trm_layout *, int dim,
                                           int64_t g, int *coord);

/** Get the coordinates of a rank; false: it has no place. */
bool trm__array_coords_of(const trm_layout *, int rank, int coord[TRM_DIMS]);
int trm__array_rank_at(const trm_layout *, const int coord[TRM_DIMS]);

/** Is this place the first owner of its elements, not a copy? */
bool trm__array_first_owner(const trm_layout *, const int coord[TRM_DIMS]);

#endif
