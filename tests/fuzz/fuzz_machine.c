/* Machine files: read, written, read again; and its figures as results carry them. */
#include "fuzz/fuzz.h"

#include "base/json.h"
#include "host/machine/machine.h"

static void print_again(const trm__host_machine_file *f) {
  FILE *none = fopen("/dev/null", "w");
  cJSON *json = trm__host_machine_json(f);
  char *text = trm__base_json_line(json);
  trm__host_machine_file again;
  if (!trm__host_machine_parse(json, &again)) abort();
  trm__host_machine_print(none, f, &again);
  trm__host_machine_clear(&again);
  free(text);
  cJSON_Delete(json);
  fclose(none);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  char path[64];
  trm__base_error error = {TRM_OK, ""};
  trm__host_machine_file f;
  int file = fuzz_file(data, size, path);
  if (!trm__host_machine_read(path, &f, &error)) print_again(&f);
  trm__host_machine_clear(&f);
  close(file);
  return 0;
}
