/* OpenBLAS, loaded on first use: if linked, it would start threads before main.
 * It starts no threads here, whatever its build options: each of the run's
 * threads calls it on its own blocks.
 *
 * An OpenMP build of OpenBLAS divides a call among the threads of the caller's
 * next team unless a parallel region of more than one thread is active. To keep
 * such a call on one thread, call omp_set_num_threads(1) inside a region of
 * one. */
#ifndef TRM_BASE_BLAS_H
#define TRM_BASE_BLAS_H

#include <cblas.h>
#include <f77blas.h>

#include "base/error.h"

/* The functions loaded, one row each: BLAS as cblas.h declares it, LAPACK as
 * f77blas.h does (dpotrf_). To add a function, add a row. */
#define TRM__BLAS_FUNCTIONS(X) X(cblas_dgemm)

typedef struct trm__base_blas {
  const char *path; /* path of the library, as requested */
  char *config;     /* the library's own description */
#define TRM__BLAS_MEMBER(name) __typeof__(name) *name;
  TRM__BLAS_FUNCTIONS(TRM__BLAS_MEMBER)
#undef TRM__BLAS_MEMBER
} trm__base_blas;

/** Load the library named by $TRIREME_BLAS, else the one found at configure
 * time, and find its functions. It stays loaded; loading it again is cheap.
 * Local; not in a parallel region, because the environment changes temporarily.
 * Fails with TRM_EFILE. */
trm_status trm__base_blas_load(trm__base_blas *, trm__base_error *);

#endif
