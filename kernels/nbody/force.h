/* Sums over pairs of bodies: the effect of a block of sources on many targets.
 *
 * Sources come in tiles of NBODY_TILE bodies. Within a tile, a target's sum is
 * taken in float, source by source. It is then rounded to a multiple of a fixed
 * power of two q and added in double. As long as all sums stay below 2^51 q
 * these additions are exact, so results do not depend on the order of the
 * tiles, nor on the number of ranks. */
#ifndef NBODY_FORCE_H
#define NBODY_FORCE_H

#include <stdbool.h>
#include <stdint.h>

enum {
  NBODY_TILE = 64,  /* sources */
  NBODY_GROUP = 32, /* targets that a variant handles at a time */
  NBODY_SUMS = 3
};

typedef struct nbody_body { /* as sent between ranks: 16 bytes */
  float x, y, z, m;         /* m: mass times G */
} nbody_body;

typedef struct nbody_pairs {
  const nbody_body *source;
  int64_t sources;        /* whole tiles, except at the end of the bodies */
  int64_t first, target;  /* global index of the first source and target */
  const float *x, *y, *z; /* targets, padded to whole groups */
  double *sum[NBODY_SUMS];
  double round[NBODY_SUMS]; /* 1.5 * 2^52 q: (s + round) - round rounds s */
  float eps2;
} nbody_pairs;

/** Add the contributions of the sources to groups [group, end) of targets.
 * Pure, except for the sums. */
typedef void nbody_fn(const nbody_pairs *, int64_t group, int64_t end);

typedef struct nbody_variant {
  const char *name;
  nbody_fn *force;         /* sums: the acceleration in x, y, z */
  double flops;            /* per interaction; an fma counts 2 */
  bool (*available)(void); /* on this processor */
} nbody_variant;

/* In the order of the choices of --variant, after auto; the last is always
 * available. */
enum { NBODY_AVX512, NBODY_AVX2, NBODY_PLAIN, NBODY_VARIANTS };
extern const nbody_variant nbody_variants[NBODY_VARIANTS];

/** Compute diagnostic sums over the other bodies, with R^2 = r^2 + eps^2: the
 * potential sum m / R, a bound sum m / R^2 of the pair forces, and a bound sum
 * 2 m / R^3 of their gradient. */
nbody_fn nbody_strength;

/** Return the value of `round` for sums of magnitude up to `bound`. Pure. */
double nbody_round_for(double bound);

#endif
