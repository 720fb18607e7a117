/* What is looked at of a checkpoint before HDF5 opens it: its name and its seal. The first
 * byte chooses. */
#include "fuzz/fuzz.h"

#include "store/directory/names.h"
#include "store/file/seal.h"

static void check_seal(const uint8_t *data, size_t size) {
  char path[64];
  trm__base_error error = {TRM_OK, ""};
  int file = fuzz_file(data, size, path);
  trm__store_seal seal;
  trm__store_seal_check(path, &seal, &error);
  close(file);
}

static void parse_name(const uint8_t *data, size_t size) {
  trm__store_name name;
  char *text = fuzz_text(data, size);
  if (trm__store_name_parse(text, &name)) {
    char *again = trm__store_name_make(name.kernel, name.run_id, name.step);
    if (strcmp(again, text)) abort();
    free(again);
  }
  free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size < 1) return 0;
  (*data == 'n' ? parse_name : check_seal)(data + 1, size - 1);
  return 0;
}
