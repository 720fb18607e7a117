#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/options.h"
#include "base/process.h"
#include "cli/commands.h"
#include "cli/help/help.h"
#include "cli/mpi.h"
#include "cli/words.h"
#include "run/setup/command.h"
#include "run/session/run.h"

static void explain(const char *word) {
  (void)word;
  trm__cli_print_options(trm__run_common_table, sizeof(trm__run_common));
}

enum { PATIENCE = 20 }; /* seconds: less than Slurm's default KillWait */

static int help(const trm__cli *cli, int rank) {
  trm__cli about = *cli;
  about.argc = 1;
  if (rank > 0) return 0;
  return cli->argv[0][0] == '-' ? trm__cli_help_command(&trm__cli_run)
                                : trm__cli_help_print(&about);
}

static int run(const trm__cli *cli) {
  int rank;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  int status = trm__cli_check_table(cli, rank);
  if (status) return status;
  if (trm__cli_wants_help(cli)) return help(cli, rank);
  return trm__run_kernel(MPI_COMM_WORLD, cli->kernels, cli->argc, cli->argv);
}

/* A signal that arrives while MPI starts is handled afterwards; if MPI hangs, it ends the
 * run. */
static int run_main(const trm__cli *cli) {
  const char *grace = getenv("TRIREME_GRACE");
  trm__base_signals_hold();
  trm__cli_settle(cli);
  trm__base_signals_patience(grace && atoi(grace) > 0 ? atoi(grace) : PATIENCE);
  trm__base_signals_install();
  return trm__cli_mpi(cli, run);
}

const trm__cli_command trm__cli_run = {"run",
                                       "KERNEL [options]",
                                       "run a kernel, under mpirun or alone",
                                       run_main,
                                       explain,
                                       false};
