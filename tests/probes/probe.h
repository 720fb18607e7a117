/* The probes are programs of their own: kernels with trm_main. Started without
 * arguments, as ctest does, they run with the options given here. */
#ifndef TRM_TESTS_PROBE_H
#define TRM_TESTS_PROBE_H

#include <stdlib.h>
#include <string.h>

#include <trireme/kernel.h>

static inline int probe(int argc, char **argv, const trm_listed *kernels,
                        int nargs, const char *args[]) {
  const char *threads = getenv("CHECK_THREADS");
  if (argc > 1) return trm_main(argc, argv, kernels);
  args[nargs++] = "--threads";
  args[nargs++] = threads ? threads : "1";
  return trm_main(nargs, (char **)args, kernels);
}

#define PROBE(argc, argv, kernels, ...)                      \
  do {                                                       \
    const char *args_[32] = {(argv)[0], "run", __VA_ARGS__}; \
    int n_ = 0;                                              \
    while (args_[n_]) n_++;                                  \
    return probe(argc, argv, kernels, n_, args_);            \
  } while (0)

#endif
