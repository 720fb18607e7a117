/* Traces, as `timeline` draws them. */
#include "fuzz/fuzz.h"

#include "cli/commands.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  char *trace = fuzz_here("trace.json", data, size);
  char *picture = fuzz_here("picture.svg", "", 0);
  char *words[] = {trace, "-o", picture, NULL};
  trm__cli cli = {.argc = 3, .argv = words, .whole = words};
  trm__cli_timeline.call(&cli);
  free(trace);
  free(picture);
  return 0;
}
