/* Sums over pairs of bodies: what one set of sources does to many targets.
 *
 * Sources come in tiles of TILE bodies. Within a tile a target's sum is taken in
 * float, source after source; it is then rounded to a multiple of a fixed power of
 * two q and added in double. As long as all sums stay below 2^51 q these additions
 * are exact, so that the order of the tiles, and with it the number of ranks, does
 * not matter to a single bit. */
#ifndef NBODY_FORCE_H
#define NBODY_FORCE_H

#include <stdbool.h>
#include <stdint.h>

enum {
  NBODY_TILE = 64,  /* sources */
  NBODY_GROUP = 32, /* targets that a variant takes at once */
  NBODY_SUMS = 3
};

typedef struct nbody_body { /* as it travels: 16 bytes */
  float x, y, z, m;         /* m: times the constant of gravity */
} nbody_body;

typedef struct nbody_pairs {
  const nbody_body *source;
  int64_t sources;        /* whole tiles, but for the last tile of all */
  int64_t first, target;  /* global index of the first source and target */
  const float *x, *y, *z; /* targets, padded to whole groups */
  double *sum[NBODY_SUMS];
  double round[NBODY_SUMS]; /* 1.5 * 2^52 q: (s + round) - round rounds s */
  float eps2;
} nbody_pairs;

/** Add what the sources do to a range of target groups. Pure but for the sums. */
typedef void nbody_fn(const nbody_pairs *, int64_t group, int64_t end);

typedef struct nbody_variant {
  const char *name;
  nbody_fn *force;         /* sums are the acceleration in x, y, z */
  double flops;            /* of one interaction; an fma is two */
  bool (*available)(void); /* on this processor */
} nbody_variant;

/* In the order of the choices of --variant, without auto; the last is always
 * available. */
enum { NBODY_AVX512, NBODY_AVX2, NBODY_PLAIN, NBODY_VARIANTS };
extern const nbody_variant nbody_variants[NBODY_VARIANTS];

/** Diagnostic sums over the other bodies, R^2 = r^2 + eps^2: the potential
 * sum m / R, a bound sum m / R^2 of the pair forces and a bound 2 sum m / R^3 of
 * their gradient. */
nbody_fn nbody_strength;

/** What `round` has to be for sums of magnitude up to `bound`. Pure. */
double nbody_round_for(double bound);

#endif
