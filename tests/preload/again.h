/* Start this program again with the wrappers of MPI preloaded. */
#ifndef TRM_TESTS_AGAIN_H
#define TRM_TESTS_AGAIN_H

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "comm/preload.h"

static trm_preload_read_fn *look;     /* of the wrappers */
static trm_preload_inside_fn *inside; /* of the wrappers */

/* Put text in front of a variable of the environment. */
static inline void again_prepend(const char *name, const char *text) {
  const char *old = getenv(name);
  size_t size = strlen(text) + (old ? strlen(old) : 0) + 2;
  char *both = malloc(size);
  snprintf(both, size, "%s%s%s", text, old ? ":" : "", old ? old : "");
  setenv(name, both, 1);
  free(both);
}

/* The library lies above the folder of the tests. */
static inline void again_start(char **argv) {
  char path[4096];
  ssize_t n = readlink("/proc/self/exe", path, sizeof path - 64);
  if (n < 0) return;
  path[n] = 0;
  strcpy(strrchr(path, '/'), "/../libtrireme_preload.so");
  again_prepend("LD_PRELOAD", path);
  again_prepend("ASAN_OPTIONS", "verify_asan_link_order=0");
  setenv("CHECK_PRELOADED", "1", 1);
  execv("/proc/self/exe", argv);
}

/* At the start of main; false: the wrappers are not there. */
static inline int again_preloaded(char **argv) {
  *(void **)&look = dlsym(RTLD_DEFAULT, "trm_preload_read");
  *(void **)&inside = dlsym(RTLD_DEFAULT, "trm_preload_inside");
  if (!look && !getenv("CHECK_PRELOADED")) again_start(argv);
  if (!look || !inside)
    fputs("libtrireme_preload.so is not above this program\n", stderr);
  return look && inside;
}

#endif
