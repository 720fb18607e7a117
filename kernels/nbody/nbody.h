/* Declarations shared by the files of the kernel. */
#ifndef NBODY_H
#define NBODY_H

#include <trireme/kernel.h>

#include "force.h"

enum { NBODY_X, NBODY_Y, NBODY_Z, NBODY_DIMS };
enum { NBODY_SIDE = 640 }; /* of the picture, in pixels */

typedef struct nbody_fields {
  trm_field *x[NBODY_DIMS], *v[NBODY_DIMS], *m;
} nbody_fields;

typedef struct nbody_options {
  int64_t n;
  double eps, dt, g;
  int variant;
  const char *input;
} nbody_options;

typedef struct nbody_totals { /* at one time; sums are over the bodies */
  double kinetic, potential, momentum[NBODY_DIMS];
  /* sum of m A; A: sum of the magnitudes of a body's pair forces */
  double force;
  double error;          /* the energy may oscillate by dt^2 times this */
  double rounding_power; /* bound of the power of the force rounding errors */
  double speed;          /* sum of m |v| */
  double steepest;       /* largest gradient of the acceleration */
  double extent;         /* largest coordinate */
} nbody_totals;

enum { NBODY_TOTALS = sizeof(nbody_totals) / sizeof(double) };

typedef struct nbody_state {
  const nbody_options *o;
  nbody_fn *force;
  double flops;
  int64_t n, count, first; /* of all ranks; of this rank, and its first */
  int blocks;
  nbody_fields f;
  trm_field *term, *density; /* term: scratch space for sums */
  /* positions of own bodies, padded to whole groups */
  float *target[NBODY_DIMS];
  nbody_body *own, *block[2]; /* as sent between ranks */
  double *a[NBODY_DIMS], *diagnosis[NBODY_SUMS];
  double round[NBODY_SUMS], round_diagnosis[NBODY_SUMS];
  nbody_totals start; /* kept in checkpoints */
} nbody_state;

TRM_INLINE double *nbody_values(const trm_field *f) {
  return f->data;
}

/* -- ring.c ---------------------------------------------------------------- */

typedef struct nbody_pass { /* a sum over all pairs */
  const char *name;
  nbody_fn *sum_up;
  double *const *sum;
  const double *round;
  double flops;
} nbody_pass;

/** Return the number of tiles of n bodies; the last one may be partly filled.
 * Pure. */
int64_t nbody_tiles(int64_t n);
/** Return the number of blocks of whole tiles; ranks after the last block own
 * nothing. Pure. */
int nbody_blocks(int64_t n, int ranks);
/** Return the first body of a block (n after the last), or its length. Pure. */
int64_t nbody_first(int64_t n, int blocks, int block);
int64_t nbody_length(int64_t n, int blocks, int block);
/** Return the number of groups of targets; the last one may be padded. Pure. */
int64_t nbody_groups(int64_t targets);

/** Compute a sum over all pairs of bodies, passing blocks around the ring of
 * ranks. Collective. */
void nbody_sum_pairs(trm_run *, nbody_state *, const nbody_pass *);

/* -- nbody.c, check.c ------------------------------------------------------ */

/** Advance by `steps` time steps. Collective. */
trm_status nbody_advance(trm_run *, void *state, int64_t steps);

/** Recompute what depends on the positions. Collective. */
trm_status nbody_restore(trm_run *, void *state);

/** Compute the totals at this time. Collective. */
void nbody_find_totals(trm_run *, nbody_state *, nbody_totals *);

/** Check momentum, energy and reversibility. Collective. */
trm_status nbody_verify(trm_run *, void *state, trm_verdict *);

/** Return the largest magnitude of n values of each rank; NaN is ignored.
 * Collective. */
double nbody_largest(trm_run *, int64_t n, const double *);

/* -- bodies.c, plummer.c, density.c ---------------------------------------- */

/** Count the bodies in a file: text with x y z vx vy vz m on each line, or
 * "FILE.h5:/group" with datasets of these names. Collective. Fails with
 * TRM_EINPUT or TRM_EFILE, in one line that names the line of the file. */
trm_status nbody_count(trm_run *, const char *input, int64_t *n);

/** Make the fields of the bodies on a layout and fill them from a file.
 * Collective. */
trm_status nbody_read(trm_run *, const char *input, const trm_layout *,
                      nbody_fields *);

/** Make the fields, filled with zeros. Collective. */
trm_status nbody_fields_new(trm_run *, const trm_layout *, nbody_fields *);

/** Fill the fields with a centred Plummer sphere of mass 1 and energy -1/4.
 * Collective. */
trm_status nbody_plummer(trm_run *, nbody_fields *);

/** Make the field that pictures show. Collective. */
trm_status nbody_density_new(trm_run *, trm_field **);

/** Fill the picture: log10 of the surface density in the (x, y) plane, in the
 * square that holds 95 % of the mass. Collective.
 * \param eps radius of a body */
trm_status nbody_density(trm_run *, const nbody_fields *, double eps,
                         trm_field *);

#endif
