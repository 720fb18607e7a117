#include "base/program.h"

#include <errno.h>
#include <string.h>

/* The C library stores argv[0] before main. */
const char *trm__base_program_path(void) {
  const char *path = program_invocation_name;
  return path && *path ? path : "trireme";
}

const char *trm__base_program_name(void) {
  const char *path = trm__base_program_path(), *slash = strrchr(path, '/');
  return slash && slash[1] ? slash + 1 : path;
}
