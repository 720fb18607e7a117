/* OpenBLAS, loaded when it is first needed: linked, it would start threads
 * before main. However the site built it, it starts none here: each of the run's
 * threads makes calls of its own, on blocks of its own.
 *
 * An OpenMP build divides a call among the threads of the caller's next team
 * where no parallel region of more than one thread is active. To keep such a
 * call on one thread, call omp_set_num_threads(1) inside a region of one. */
#ifndef TRM_BASE_BLAS_H
#define TRM_BASE_BLAS_H

#include <cblas.h>
#include <f77blas.h>

#include "base/error.h"

/* The functions that can be called, one row each: BLAS as cblas.h declares it,
 * LAPACK as f77blas.h does (dpotrf_). A row is all that a new one needs. */
#define TRM__BLAS_FUNCTIONS(X) X(cblas_dgemm)

typedef struct trm__base_blas {
  const char *path; /* of the library, as it was asked for */
  char *config;     /* what the library says of itself */
#define TRM__BLAS_MEMBER(name) __typeof__(name) *name;
  TRM__BLAS_FUNCTIONS(TRM__BLAS_MEMBER)
#undef TRM__BLAS_MEMBER
} trm__base_blas;

/** Load the library that $TRIREME_BLAS names, else the one found at configure
 * time, and find its functions. It stays loaded; loading it again costs little.
 * Local; not in a parallel region, because the environment changes for a moment.
 * Fails with TRM_EFILE. */
trm_status trm__base_blas_load(trm__base_blas *, trm__base_error *);

#endif
