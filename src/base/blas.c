#include "base/blas.h"

#include <dlfcn.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "build.h"

static const struct {
  const char *name;
  size_t member; /* offset of the member */
} functions[] = {
#define ROW(name) {#name, offsetof(trm__base_blas, name)},
    TRM__BLAS_FUNCTIONS(ROW)
#undef ROW
};

/* OpenBLAS reads the variable and starts its threads while it is loaded.
 * Restore the variable, so that child processes see the user's value. */
static void *open_without_threads(const char *path) {
  static const char name[] = "OPENBLAS_NUM_THREADS";
  const char *value = getenv(name);
  char *requested = value ? trm__base_strdup(value) : NULL;
  setenv(name, "1", 1);
  void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (requested)
    setenv(name, requested, 1);
  else
    unsetenv(name);
  free(requested);
  return library;
}

static trm_status find_functions(trm__base_blas *blas, void *library,
                                 trm__base_error *error) {
  for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
    void *function = dlsym(library, functions[i].name);
    if (!function)
      return trm__base_error_set(
          error, TRM_EFILE,
          "BLAS: %s lacks %s; set TRIREME_BLAS to the path "
          "of an OpenBLAS library",
          blas->path, functions[i].name);
    memcpy((char *)blas + functions[i].member, &function, sizeof function);
  }
  return TRM_OK;
}

/* With 64-bit integers, a library would read two of our arguments as one. */
static trm_status find_config(trm__base_blas *blas, void *library,
                              trm__base_error *error) {
  char *(*config)(void);
  *(void **)&config = dlsym(library, "openblas_get_config");
  if (!config)
    return trm__base_error_set(
        error, TRM_EFILE,
        "BLAS: %s is not OpenBLAS; set TRIREME_BLAS to the "
        "path of an OpenBLAS library",
        blas->path);
  blas->config = config();
  if (!strstr(blas->config, "USE64BITINT")) return TRM_OK;
  return trm__base_error_set(
      error, TRM_EFILE,
      "BLAS: %s has 64-bit integers; set TRIREME_BLAS to the "
      "path of an OpenBLAS library with 32-bit integers",
      blas->path);
}

trm_status trm__base_blas_load(trm__base_blas *blas, trm__base_error *error) {
  const char *requested = getenv("TRIREME_BLAS");
  *blas = (trm__base_blas){.path = requested && *requested ? requested
                                                           : TRM_BUILD_BLAS};
  void *library = open_without_threads(blas->path);
  if (!library)
    return trm__base_error_set(error, TRM_EFILE,
                               "BLAS: %s; set TRIREME_BLAS to the path of an "
                               "OpenBLAS library",
                               dlerror());
  trm_status status = find_config(blas, library, error);
  if (!status) status = find_functions(blas, library, error);
  if (status) dlclose(library);
  return status;
}
