#include "cli/help/topics.h"

#include <stdio.h>
#include <string.h>

#include "base/program.h"

const trm__cli_topic trm__cli_topics[] = {
    {"checkpoint", "how runs write checkpoints and resume",
     "  --checkpoint DIR writes checkpoints: by --every, on a signal, at the "
     "end.\n"
     "  Each is one HDF5 file: written to a temporary name, read back, "
     "compared, then\n"
     "  renamed. The newest --keep of them are kept.\n"
     "\n"
     "  --resume continues from the newest valid one, on any number of ranks "
     "and\n"
     "  threads, with the same bits as an uninterrupted run. Options come from "
     "the\n"
     "  checkpoint; only those marked * in `help KERNEL` may be changed. A "
     "larger\n"
     "  --steps extends a finished run. An empty directory starts at step 0.\n"
     "\n"
     "  Creating a file DIR/checkpoint-now requests a checkpoint; it is then "
     "removed.\n"
     "  `ckpt ls DIR`, `ckpt show`, `ckpt verify` and `ckpt diff` inspect "
     "them.\n"},
    {"signals", "what SIGUSR1, SIGUSR2, SIGTERM do",
     "  SIGUSR1           checkpoint and stop, exit status 75\n"
     "  SIGUSR2           checkpoint and continue\n"
     "  SIGTERM, SIGINT   stop; checkpoint if it fits into the second that "
     "mpirun\n"
     "                    allows (TRIREME_GRACE: seconds available), in a "
     "batch job\n"
     "                    always; a line names the newest checkpoint\n"
     "  mpirun and srun forward them to all ranks.\n"},
    {"launch", "how to place ranks and threads; what doctor checks",
     "  One rank per core, bound to it:\n"
     "    mpirun --bind-to core -n 8 {program} run KERNEL\n"
     "  A few ranks with several threads, each with its own cores (here 4):\n"
     "    mpirun --map-by slot:PE=4 --bind-to core -n 2 {program} run KERNEL\n"
     "    srun -n 2 -c 4 --cpu-bind=cores {program} run KERNEL\n"
     "  One process on all cores, without mpirun:  {program} run KERNEL\n"
     "\n"
     "  Threads: --threads, else OMP_NUM_THREADS, else the cores that a rank "
     "may use.\n"
     "  Two hardware threads of a core are one core. OMP_PROC_BIND without a "
     "binding\n"
     "  of the ranks puts all of them on the first cores. OpenBLAS is loaded "
     "on "
     "first\n"
     "  use and starts no threads; TRIREME_BLAS=FILE names another library.\n"
     "\n"
     "  mpirun ... {program} doctor KERNEL [options] checks a launch without "
     "running\n"
     "  it: cores, memory, disks, clocks; exit status 1 if it finds a "
     "problem.\n"
     "  Each run makes the same checks, reports each problem in one line\n"
     "  (\"doctor: ...\") and in its result; with --strict it then does not "
     "start (exit\n"
     "  status 2). Where threads share cores the result is labelled "
     "oversubscribed.\n"},
    {"ledger", "where the time of a run went",
     "  A ledger is the wall time of the steps x cores, in core seconds, as a\n"
     "  sum of parts, none of them negative. What is not useful is lost; the\n"
     "  sentence names the largest loss, the bar shows all of it.\n"
     "\n"
     "  useful            threads inside work sites; `{program} roofline` "
     "says\n"
     "                    how near they come to what the machine gives\n"
     "  thread imbalance  threads of a parallel site that wait for the "
     "busiest,\n"
     "                    forks and joins: give them equal shares, use fewer "
     "regions\n"
     "  serial sections   one thread works, the others of its rank do not: "
     "use\n"
     "                    TRM_PARALLEL around it, or more ranks with fewer "
     "threads\n"
     "  rank imbalance    waiting for ranks that work more: make parts equal\n"
     "  waiting           for partners that are late for other reasons, such "
     "as\n"
     "                    propagated delays or noise: send early, wait late\n"
     "  transfer          in calls while nobody is late: use fewer and larger\n"
     "                    messages, or compute while they travel\n"
     "  checkpoint        all that checkpoints take: use a longer --every\n"
     "  outside           in no site and in no call: loops that have no site,\n"
     "                    memory, files, MPI that the kernel calls itself. "
     "Put\n"
     "                    a site around each loop to see what it is\n"
     "\n"
     "  --result has more: calls by cause, sites, partners, and efficiencies, "
     "0\n"
     "  to 1, as POP defines them, checkpoints left out. The product of\n"
     "    load_balance   time outside calls, mean / longest of the ranks,\n"
     "    serialisation  that longest / time on a network that costs nothing,\n"
     "    transfer       the time on that network / the time it took\n"
     "  is mpi. Of the core seconds outside calls, what is not lost to serial\n"
     "  sections (openmp_serial), to the busiest thread (openmp_balance), to\n"
     "  forks and joins (openmp_fork) and outside of sites (openmp_outside) "
     "is\n"
     "  openmp. And openmp x mpi is parallel.\n"},
    {"meter", "what is recorded of a run, and how to see it",
     "  Each run counts its messages and times its calls and its work sites; "
     "a\n"
     "  bounded log of windows, spread over the run, is replayed after the "
     "steps\n"
     "  to tell waiting from transfer. No message is added, and none is "
     "longer.\n"
     "\n"
     "  --no-meter         no clocks, no log, no ledger; messages are counted\n"
     "  --trace FILE.json  the windows as a timeline, for Perfetto\n"
     "                     (ui.perfetto.dev) and `{program} timeline`\n"
     "  --result FILE      the ledger and what it was made of, in one line\n"
     "\n"
     "  MPI that a kernel calls itself bypasses the meter and counts as "
     "\"outside\",\n"
     "  unless the wrappers of libtrireme_preload.so are loaded: then it is a\n"
     "  call named \"untracked\" of the cause \"kernel\".\n"
     "    mpirun -n 4 env LD_PRELOAD=DIR/libtrireme_preload.so \\\n"
     "      {program} run KERNEL --result FILE\n"
     "  With TRIREME_PRELOAD=report they print calls, messages, bytes and\n"
     "  seconds by kind of call when MPI ends, under any MPI program.\n"},
    {"exit", "exit statuses",
     "  0   done and verified\n"
     "  1   finished with a wrong result; `doctor`: a problem with the launch\n"
     "  2   bad input or usage: nothing was written\n"
     "  3   a resource failed: disk, memory, file; or no progress, or stopped\n"
     "      by a signal without a new checkpoint\n"
     "  75  stopped early with a valid checkpoint: run again with --resume\n"},
    {"config", "option files",
     "  --config FILE reads options, one per line; the command line takes "
     "precedence:\n"
     "\n"
     "    # a comment\n"
     "    n = 512            # the same names as on the command line\n"
     "    checkpoint = sets\n"
     "    every = 10min\n"},
    {NULL, NULL, NULL}};

/* The text with the path of the program for each {program}. */
static void print_text(const char *text) {
  static const char mark[] = "{program}";
  for (const char *at; (at = strstr(text, mark)); text = at + strlen(mark))
    printf("%.*s%s", (int)(at - text), text, trm__base_program_path());
  fputs(text, stdout);
}

void trm__cli_topic_print(const trm__cli_topic *t) {
  printf("%s: %s\n\n", t->name, t->summary);
  print_text(t->text);
}

const trm__cli_topic *trm__cli_topic_find(const char *name) {
  for (const trm__cli_topic *t = trm__cli_topics; t->name; t++)
    if (!strcmp(t->name, name)) return t;
  return NULL;
}
