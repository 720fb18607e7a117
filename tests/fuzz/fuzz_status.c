/* The files that `status` reads: the first line is status.json, the others are
 * allocations.jsonl. */
#include "fuzz/fuzz.h"

#include "cli/commands.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  char *words[] = {fuzz_dir(), NULL};
  trm__cli cli = {.argc = 1, .argv = words, .whole = words};
  size_t cut = fuzz_line(data, size);
  free(fuzz_here("status.json", data, cut));
  free(fuzz_here("allocations.jsonl", data + cut, size - cut));
  trm__cli_status.call(&cli);
  return 0;
}
