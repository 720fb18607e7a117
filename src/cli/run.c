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

static void run_help(void) {
  trm__base_options *options =
      trm__base_options_new(trm__run_common_table, sizeof(trm__run_common));
  printf("\nOptions of every kernel; `help KERNEL` has its own too\n");
  trm__base_options_help(options, stdout);
  trm__base_options_free(&options);
}

enum { PATIENCE = 20 }; /* seconds: less than Slurm's default KillWait */

static int help(const trm__cli *cli, int rank) {
  trm__cli about = *cli;
  about.argc = cli->argc > 0 && cli->argv[0][0] != '-';
  return rank == 0 ? trm__cli_help_print(&about) : 0;
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

const trm__cli_command trm__cli_run = {
    "run",    "KERNEL [options]", "run a kernel, under mpirun or alone",
    run_main, run_help,           false};
