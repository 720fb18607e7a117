#include "cli/command.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <trireme/status.h>

#include "base/error.h"
#include "base/options.h"
#include "run/setup/table.h"

const trm__cli_command *trm__cli_command_find(const trm__cli *cli,
                                              const char *name) {
  for (const trm__cli_command *const *c = cli->commands; *c; c++)
    if (!strcmp((*c)->name, name)) return *c;
  return NULL;
}

void trm__cli_print_options(const trm_option *table, size_t struct_size) {
  trm__base_options *options = trm__base_options_new(table, struct_size);
  trm__base_options_help(options, stdout);
  trm__base_options_free(&options);
}

int trm__cli_usage(const char *format, ...) {
  va_list args;
  va_start(args, format);
  char *text = NULL;
  if (vasprintf(&text, format, args) >= 0) trm__base_error_print("%s", text);
  free(text);
  va_end(args);
  return trm_status_exit(TRM_EUSAGE);
}

int trm__cli_check_table(const trm__cli *cli, int rank) {
  trm__base_error error = {TRM_OK, ""};
  if (!trm__run_table_check(cli->kernels, &error)) return 0;
  if (rank == 0) trm__base_error_print("%s", error.text);
  return trm_status_exit(error.status);
}
