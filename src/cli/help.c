#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/program.h"
#include "base/text.h"
#include "cli/cli.h"
#include "run/command.h"

typedef struct topic {
  const char *name, *summary, *text;
} topic;

static const topic topics[] = {
    {"checkpoint", "how runs are saved and resumed",
     "  --checkpoint DIR writes checkpoints: by --every, on a signal, at the "
     "end.\n"
     "  Each is one HDF5 file, written aside, read back, compared and then "
     "named;\n"
     "  the newest --keep of them stay.\n"
     "\n"
     "  --resume goes on from the newest valid one, on any number of ranks "
     "and\n"
     "  threads, with the same bits as if never stopped. Options come from "
     "the\n"
     "  checkpoint; only those marked * in `help KERNEL` may be given anew. "
     "More\n"
     "  --steps extend a finished run. An empty directory starts at step 0.\n"
     "\n"
     "  A file DIR/checkpoint-now asks for a checkpoint now; it is removed "
     "then.\n"
     "  `ckpt ls DIR`, `ckpt show`, `ckpt verify` and `ckpt diff` look at "
     "them.\n"},
    {"signals", "what SIGUSR1, SIGUSR2, SIGTERM do",
     "  SIGUSR1           checkpoint and stop, exit status 75\n"
     "  SIGUSR2           checkpoint and go on\n"
     "  SIGTERM, SIGINT   stop; checkpoint if it fits into the second that "
     "mpirun\n"
     "                    leaves (TRIREME_GRACE: seconds that there are), in a "
     "batch\n"
     "                    job in any case; the line says which is the newest\n"
     "  mpirun and srun forward them to all ranks.\n"},
    {"launch", "how to launch well; what doctor finds",
     "  One rank a core, bound to it:\n"
     "    mpirun --bind-to core -n 8 {program} run KERNEL\n"
     "  A few ranks of several threads, each with its cores (here 4):\n"
     "    mpirun --map-by slot:PE=4 --bind-to core -n 2 {program} run KERNEL\n"
     "    srun -n 2 -c 4 --cpu-bind=cores {program} run KERNEL\n"
     "  One process with all cores, without mpirun:  {program} run KERNEL\n"
     "\n"
     "  Threads: --threads, else OMP_NUM_THREADS, else the cores that a rank "
     "may use.\n"
     "  Two hardware threads of a core are one core. OMP_PROC_BIND without a "
     "binding\n"
     "  of the ranks puts all of them on the first cores. OpenBLAS is loaded "
     "when it is\n"
     "  needed and starts no threads of its own; TRIREME_BLAS=FILE names "
     "another one.\n"
     "\n"
     "  mpirun ... {program} doctor KERNEL [options] checks a launch without "
     "running\n"
     "  it: cores, memory, disks, clocks; exit status 1 if it finds anything "
     "wrong.\n"
     "  Each run checks the same and says what is wrong, a line each "
     "(\"doctor: ...\"),\n"
     "  and names it in its result; with --strict it does not start then (exit "
     "status\n"
     "  2). Where threads share cores the result is labelled "
     "oversubscribed.\n"},
    {"ledger", "where the time of a run went; how to read it",
     "  A ledger is the wall time of the steps x cores, in core seconds, as a\n"
     "  sum of parts, none of them negative. What is not useful is lost; the\n"
     "  sentence names the largest loss, the bar shows all of it.\n"
     "\n"
     "  useful            threads inside work sites; `{program} roofline` "
     "says\n"
     "                    how near they come to what the machine gives\n"
     "  thread imbalance  threads of a parallel site that wait for the "
     "busiest,\n"
     "                    forks and joins: want equal shares, fewer regions\n"
     "  serial sections   one thread works, the others of its rank do not: "
     "want\n"
     "                    TRM_PARALLEL around it, or more ranks, fewer "
     "threads\n"
     "  rank imbalance    waiting for ranks that work more: want equal parts\n"
     "  waiting           for partners that are late otherwise, in chains or "
     "by\n"
     "                    noise: want messages sent early and waited for late\n"
     "  transfer          in calls, and nobody is late: want fewer and larger\n"
     "                    messages, or computation while they travel\n"
     "  checkpoint        all that checkpoints take: want a longer --every\n"
     "  outside           in no site and in no call: loops that have no site,\n"
     "                    memory, files, MPI that the kernel calls itself. "
     "Want\n"
     "                    a site around each loop, to see what it is\n"
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
     "  MPI that a kernel calls itself passes beside the meter and is "
     "\"outside\",\n"
     "  unless the wrappers of libtrireme_preload.so are loaded: then it is a\n"
     "  call named \"beside\" of the cause \"kernel\".\n"
     "    mpirun -n 4 env LD_PRELOAD=DIR/libtrireme_preload.so \\\n"
     "      {program} run KERNEL --result FILE\n"
     "  With TRIREME_PRELOAD=report they print calls, messages, bytes and\n"
     "  seconds by kind of call when MPI ends, under any MPI program.\n"},
    {"exit", "exit statuses",
     "  0   done and verified\n"
     "  1   finished with a wrong result; `doctor`: a bad launch\n"
     "  2   bad input or usage: nothing was written\n"
     "  3   a resource failed: disk, memory, file; or no progress, or "
     "stopped\n"
     "      by a signal without a new checkpoint\n"
     "  75  stopped early with a valid checkpoint: run again with --resume\n"},
    {"config", "option files",
     "  --config FILE reads options, one a line; the command line wins:\n"
     "\n"
     "    # a comment\n"
     "    n = 512            # the same names as on the command line\n"
     "    checkpoint = sets\n"
     "    every = 10min\n"},
};
enum { TOPICS = sizeof topics / sizeof *topics };

/* The text with the path of the program for each {program}. */
static void print_text(const char *text) {
  static const char mark[] = "{program}";
  for (const char *at; (at = strstr(text, mark)); text = at + strlen(mark))
    printf("%.*s%s", (int)(at - text), text, trm__program_path());
  fputs(text, stdout);
}

static void print_topic(const topic *t) {
  printf("%s: %s\n\n", t->name, t->summary);
  print_text(t->text);
}

void trm__cli_doctor_help(void) {
  for (int i = 0; i < TOPICS; i++)
    if (!strcmp(topics[i].name, "launch")) {
      putchar('\n');
      print_topic(&topics[i]);
    }
}

static const char *promise(const trm_kernel *k) {
  return k->rtol > 0
             ? "Results agree within a tolerance on any ranks and threads."
             : "The same bits on any number of ranks and threads.";
}

static int help_kernel(const trm_listed *listed) {
  trm__run_command command;
  trm__run_command_options(&command, listed);
  printf("%s: %s\n%s\n", listed->name, listed->kernel->summary,
         promise(listed->kernel));
  printf("\n  mpirun -n 2 %s run %s [options]\n", trm__program_path(),
         listed->name);
  if (command.options->n > 0) {
    printf("\nOptions of %s, with their defaults\n", listed->name);
    trm__base_options_help(command.options, stdout);
  }
  printf("\nOptions of every kernel\n");
  trm__base_options_help(command.others, stdout);
  printf("\n* may be given anew when a run is resumed\n");
  trm__run_command_clear(&command);
  return 0;
}

/* The same for programs, one line. */
static int help_json(const trm_listed *listed) {
  trm__run_command command;
  trm__run_command_options(&command, listed);
  cJSON *json = cJSON_CreateObject();
  cJSON_AddStringToObject(json, "kernel", listed->name);
  cJSON_AddStringToObject(json, "summary", listed->kernel->summary);
  trm__base_json_f64(json, "rtol", listed->kernel->rtol);
  cJSON_AddItemToObject(json, "options",
                        trm__base_options_describe(command.options));
  cJSON_AddItemToObject(json, "common",
                        trm__base_options_describe(command.others));
  char *line = trm__base_json_line(json);
  puts(line);
  free(line);
  cJSON_Delete(json);
  trm__run_command_clear(&command);
  return 0;
}

static void print_commands(void) {
  printf("Usage: %s COMMAND\n\n", trm__program_path());
  for (const trm__subcommand *c = trm__subcommands; c->name; c++) {
    char head[64];
    snprintf(head, sizeof head, "%s %s", c->name, c->words);
    printf("  %-30s  %s\n", head, c->help);
  }
}

static int help_all(const trm__cli *cli) {
  printf(
      "Trireme runs compute kernels on MPI ranks and OpenMP threads, with "
      "checkpoints\nthat can be trusted.\n\n");
  print_commands();
  printf("\nTopics of help\n");
  for (int i = 0; i < TOPICS; i++)
    printf("  %-30s  %s\n", topics[i].name, topics[i].summary);
  if (!cli->kernels->name) return 0;
  const char *first = cli->kernels->name;
  printf("\nFor example\n  %s help %s\n  mpirun -n 2 %s run %s\n",
         trm__program_path(), first, trm__program_path(), first);
  return 0;
}

static int unknown(const trm__cli *cli, const char *name) {
  trm__base_nearest nearest = {.typed = name};
  for (const trm_listed *k = cli->kernels; k->name; k++)
    trm__base_nearest_offer(&nearest, k->name);
  for (int i = 0; i < TOPICS; i++)
    trm__base_nearest_offer(&nearest, topics[i].name);
  for (const trm__subcommand *c = trm__subcommands; c->name; c++)
    trm__base_nearest_offer(&nearest, c->name);
  if (nearest.word)
    return trm__cli_usage(
        "help %s: no such kernel, command or topic; did you mean %s?", name,
        nearest.word);
  return trm__cli_usage(
      "help %s: no such kernel, command or topic; `%s list` shows the kernels, "
      "`%s help` the others",
      name, trm__program_path(), trm__program_path());
}

int trm__cli_help(const trm__cli *cli) {
  if (cli->argc < 1) return help_all(cli);
  const char *name = cli->argv[0];
  bool json = cli->argc == 2 && !strcmp(cli->argv[1], "--json");
  if (cli->argc > 1 && !json)
    return trm__cli_usage("help %s takes no \"%s\"", name, cli->argv[1]);
  for (const trm_listed *k = cli->kernels; k->name; k++)
    if (!strcmp(k->name, name)) return json ? help_json(k) : help_kernel(k);
  for (int i = 0; i < TOPICS; i++)
    if (!strcmp(topics[i].name, name)) {
      print_topic(&topics[i]);
      return 0;
    }
  for (const trm__subcommand *c = trm__subcommands; c->name; c++)
    if (!strcmp(c->name, name)) {
      printf("%s %s %s: %s\n", trm__program_path(), c->name, c->words, c->help);
      if (c->explain) c->explain();
      return 0;
    }
  return unknown(cli, name);
}
