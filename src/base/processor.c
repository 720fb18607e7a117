/* Compiled for any x86-64 processor (CMakeLists.txt): it must run where the rest of the
 * program cannot. */
#include "base/processor.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined __x86_64__ && defined __GNUC__
/* The builtin takes literals only. */
static bool has(const char *name) {
#define HAS(extension) \
  if (!strcmp(name, extension)) return __builtin_cpu_supports(extension)
  __builtin_cpu_init();
  HAS("sse4.2");
  HAS("avx");
  HAS("avx2");
  HAS("fma");
  HAS("bmi2");
  HAS("avx512f");
  HAS("avx512vl");
  HAS("avx512vbmi2");
  HAS("avx512vnni");
#undef HAS
  return true;
}
#else
static bool has(const char *name) {
  (void)name;
  return true;
}
#endif

/* Before main, and before constructors of files that may use the extensions. */
__attribute__((constructor(101))) static void check(void) {
  bool missing = false;
  for (const char *const *need = trm__base_processor_needs; *need; need++) {
    if (has(*need)) continue;
    fputs(missing ? ", " : "trireme: this processor has no ", stderr);
    fputs(*need, stderr);
    missing = true;
  }
  if (!missing) return;
  fputs(
      ", which this build uses; build it on such a processor, or with "
      "cmake -DTRIREME_ARCH=x86-64-v2\n",
      stderr);
  _Exit(3); /* TRM_EFILE's: a resource */
}

void trm__base_processor_check(void) {
}
