#include <stdio.h>
#include <string.h>
#include <trireme/kernel.h>

#include "cli/commands.h"

static int list_main(const trm__cli *cli) {
  if (cli->argc > 0)
    return trm__cli_usage("list takes no \"%s\"", cli->argv[0]);
  int width = 0;
  for (const trm_listed *k = cli->kernels; k->name; k++)
    if ((int)strlen(k->name) > width) width = (int)strlen(k->name);
  for (const trm_listed *k = cli->kernels; k->name; k++)
    printf("  %-*s  %s\n", width, k->name, k->kernel->summary);
  return 0;
}

const trm__cli_command trm__cli_list = {"list",    "",   "list the kernels",
                                        list_main, NULL, true};
