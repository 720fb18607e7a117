/* What the rooms of the kernel share. */
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

typedef struct nbody_facts { /* of one moment; all sums are over the bodies */
  double kinetic, potential, momentum[NBODY_DIMS];
  double force;  /* of m A; A: sum of the magnitudes of a body's pair forces */
  double error;  /* of dt^2 times this, the energy may oscillate */
  double wobble; /* power that the rounding of forces can have */
  double speed;  /* of m |v| */
  double steepest; /* largest gradient of the acceleration */
  double extent;   /* largest coordinate */
} nbody_facts;

enum { NBODY_FACTS = sizeof(nbody_facts) / sizeof(double) };

typedef struct nbody_state {
  const nbody_options *o;
  nbody_fn *force;
  double flops;
  int64_t n, count, first; /* of all ranks; of this one, and its first */
  int blocks;
  nbody_fields f;
  trm_field *term, *density;  /* term: scratch of sums */
  float *target[NBODY_DIMS];  /* own positions, padded to whole groups */
  nbody_body *own, *block[2]; /* as they travel */
  double *a[NBODY_DIMS], *diagnosis[NBODY_SUMS];
  double round[NBODY_SUMS], round_diagnosis[NBODY_SUMS];
  nbody_facts start; /* kept in checkpoints */
} nbody_state;

TRM_INLINE double *nbody_values(const trm_field *f) {
  return f->data;
}

/* -- ring.c ---------------------------------------------------------------- */

typedef struct nbody_pass { /* what is summed over all pairs */
  const char *name;
  nbody_fn *sum_up;
  double *const *sum;
  const double *round;
  double flops;
} nbody_pass;

/** Tiles of bodies; the last one may be filled in part. Pure. */
int64_t nbody_tiles(int64_t n);
/** Blocks are whole tiles of bodies; ranks behind the last block own nothing. Pure. */
int nbody_blocks(int64_t n, int ranks);
/** First body of a block; n behind the last. Pure. */
int64_t nbody_first(int64_t n, int blocks, int block);
int64_t nbody_length(int64_t n, int blocks, int block);
/** Groups of targets, the last of which may be padded. Pure. */
int64_t nbody_groups(int64_t targets);

/** Sum up over all pairs. Collective. */
void nbody_go_round(trm_run *, nbody_state *, const nbody_pass *);

/* -- nbody.c, check.c ------------------------------------------------------ */

/** Make steps. Collective. */
trm_status nbody_advance(trm_run *, void *state, int64_t steps);

/** Make again what follows from the positions. Collective. */
trm_status nbody_restore(trm_run *, void *state);

/** Gather the facts of this moment. Collective. */
void nbody_look(trm_run *, nbody_state *, nbody_facts *);

trm_status nbody_verify(trm_run *, void *state, trm_verdict *);

/** Largest magnitude of n values of each rank; NaN counts for nothing. Collective. */
double nbody_largest(trm_run *, int64_t n, const double *);

/* -- bodies.c, plummer.c, density.c ---------------------------------------- */

/** How many bodies a file has: text with x y z vx vy vz m a line, or
 * "FILE.h5:/group" with datasets of these names. Collective. Fails with TRM_EINPUT
 * or TRM_EFILE, in one line that names the line of the file. */
trm_status nbody_count(trm_run *, const char *input, int64_t *n);

/** Make the fields of n bodies on a layout and fill them from a file. Collective. */
trm_status nbody_read(trm_run *, const char *input, const trm_layout *,
                      nbody_fields *);

/** Make the fields, with zeroes. Collective. */
trm_status nbody_fields_new(trm_run *, const trm_layout *, nbody_fields *);

/** Fill them with a Plummer sphere of mass 1 and energy -1/4, centred. Collective. */
trm_status nbody_plummer(trm_run *, nbody_fields *);

/** Make the field that pictures show. Collective. */
trm_status nbody_density_new(trm_run *, trm_field **);

/** Fill it: log10 of the surface density in the (x, y) plane, of the square that
 * holds 95 % of the mass. Collective.  \param eps radius of a body */
trm_status nbody_density(trm_run *, const nbody_fields *, double eps,
                         trm_field *);

#endif
