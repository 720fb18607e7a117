/* Layouts as the array floor sees them. */
#ifndef TRM_ARRAY_LAYOUT_H
#define TRM_ARRAY_LAYOUT_H

#include <trireme/layout.h>

struct trm__array_layout {
  trm_layout pub; /* what users see */
  int holders;    /* fields, and the user's handle */
  bool dropped;   /* the user's handle is gone */
  /* Copies of what the plan lists, if it does: each rank must find the owner of
   * any element without a message, so these grow with the number of ranks. */
  int *map;
  int64_t *lengths[TRM_DIMS];
  int64_t *starts[TRM_DIMS]; /* first index of each coordinate, and n */
  trm_comm *axis[TRM_DIMS];
  bool axis_made[TRM_DIMS];
  struct trm_halo *halos; /* plans of halo.c, made once, and how to free them */
  void (*drop_halos)(trm_run *, struct trm_halo *);
};

void trm__array_layout_retain(const trm_layout *);
void trm__array_layout_release(trm_run *, const trm_layout *);

/* The k-th interval of global indices that a coordinate owns along a dimension. */
typedef struct trm__array_interval {
  int64_t global, length, local;
} trm__array_interval;
int64_t trm__array_interval_count(const trm_layout *, int dim, int coord);
trm__array_interval trm__array_interval_at(const trm_layout *, int dim,
                                           int coord, int64_t k);

/** Coordinates of a rank; false: it has no place. */
bool trm__array_coords_of(const trm_layout *, int rank, int coord[TRM_DIMS]);

/** First owner or copy? (coordinates as above) */
bool trm__array_first_owner(const trm_layout *, const int coord[TRM_DIMS]);

#endif
