/* Site files of `job`, and the script that follows from one. */
#include "fuzz/fuzz.h"

#include <math.h>

#include "base/options.h"
#include "launch/script.h"

static void print(const trm__launch_site *site, int batch) {
  char *words[] = {"trireme", "job", "heat", NULL};
  trm__launch_script script = {.batch = (trm__launch_batch)batch,
                               .site = site,
                               .name = "heat",
                               .checkpoint = batch ? NULL : "sets",
                               .ranks = 4,
                               .threads = 2,
                               .hosts = 2,
                               .per_host = 2,
                               .memory = 1e9,
                               .time = 3600,
                               .most = INFINITY,
                               .word = words + 2,
                               .whole = words,
                               .driver = "/usr/bin/trireme"};
  trm__launch_script_print(&script);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  trm__base_error error = {TRM_OK, ""};
  trm__base_options *o =
      trm__base_options_new(trm__launch_site_table, sizeof(trm__launch_site));
  char *text = fuzz_text(data, size);
  if (!trm__base_options_config(o, "site", text, &error))
    for (int batch = 0; batch < 3; batch++) print(o->values, batch);
  free(text);
  trm__base_options_free(&o);
  return 0;
}
