/* `doctor`: checks of a launch. Exit status 0: no problems; 1: warnings. */
#include "run/session/doctor.h"

#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/program.h"
#include "cli/commands.h"
#include "cli/help/help.h"
#include "cli/help/text.h"
#include "cli/mpi.h"
#include "cli/words.h"
#include "comm/run.h"
#include "run/session/hook.h"
#include "store/directory/directory.h"

enum { LABEL = 23, PICTURE = 64 /* cores that fit into a line */ };

/* -- where ranks and threads sit ------------------------------------------- */

/* A row of the picture: threads of one rank on the same cores. */
static void print_row(const trm__host_facts *f, int from, int to,
                      const trm__host_cpus *columns) {
  const trm__host_cpus *cores = &f->thread_cores[from];
  char who[96], *where = trm__host_cpus_text("core", cores);
  if (from == 0 && to == f->team)
    snprintf(who, sizeof who, "rank %d, %s", f->rank,
             trm__base_text_count(f->team, "thread").s);
  else if (to == from + 1)
    snprintf(who, sizeof who, "rank %d, thread %d", f->rank, from);
  else
    snprintf(who, sizeof who, "rank %d, threads %d-%d", f->rank, from, to - 1);
  printf("    %-24s ", who);
  if (columns) {
    for (int c = trm__host_cpus_next(columns, 0); c >= 0;
         c = trm__host_cpus_next(columns, c + 1))
      putchar(trm__host_cpus_has(cores, c) ? '#' : '.');
    printf("  ");
  }
  printf("%s\n", f->known ? where : "cores not known");
  free(where);
}

static void print_rank(const trm__host_facts *f,
                       const trm__host_cpus *columns) {
  for (int t = 0; t < f->team;) {
    int from = t++;
    while (t < f->team &&
           trm__host_cpus_same(&f->thread_cores[t], &f->thread_cores[from]))
      t++;
    print_row(f, from, t, columns);
  }
}

static void print_host(const trm__host_facts *facts, int ranks, int host) {
  const trm__host_facts *first = NULL;
  trm__host_cpus columns = {{0}};
  for (int r = 0; r < ranks; r++) {
    if (facts[r].host != host) continue;
    if (!first) first = &facts[r];
    trm__host_cpus_join(&columns, &facts[r].host_cores);
  }
  if (!first) return;
  int cores = trm__host_cpus_count(&columns);
  printf("  %s: %s", first->name, trm__base_text_count(cores, "core").s);
  if (first->free_bytes >= 0)
    printf(", %s available", trm__base_text_bytes(first->free_bytes).s);
  puts(cores && cores <= PICTURE ? "; # may run there" : "");
  for (int r = 0; r < ranks; r++)
    if (facts[r].host == host)
      print_rank(&facts[r], cores && cores <= PICTURE ? &columns : NULL);
}

/* -- what was checked ------------------------------------------------------ */

static void print_checks(const trm__host_findings *found) {
  for (int k = 0, i = 0; k < TRM__FINDING_COUNT; k++) {
    trm__host_finding_code code = (trm__host_finding_code)k;
    const char *name = trm__host_finding_name(code);
    bool any = i < found->n && found->list[i].code == code;
    for (; i < found->n && found->list[i].code == code; i++)
      printf("  %-4s  %-*s %s\n",
             trm__host_finding_is_warning(code) ? "BAD" : "note", LABEL, name,
             found->list[i].line);
    if (!any)
      printf("  %-4s  %-*s %s\n", found->made[code] ? "ok" : "-", LABEL, name,
             trm__host_finding_expected(code));
  }
}

/* Idle ranks depend on the problem as well, so they are a note, not a warning. */
static void print_idle(const trm_run *run, const trm__run_command *command,
                       const trm__run_idle *idle) {
  bool known = command->kernel && command->kernel->work;
  char *text = trm__run_idle_text(idle, run->ranks);
  printf("  %-4s  %-*s %s\n",
         text    ? "note"
         : known ? "ok"
                 : "-",
         LABEL, "idle_ranks", text ? text : "work for every rank");
  free(text);
}

static int report(const trm_run *run, const trm__run_command *command,
                  const trm__host_facts *facts, const trm__host_findings *found,
                  const trm__run_idle *idle) {
  printf("launch: %s x %s on %s\n", trm__base_text_count(run->ranks, "rank").s,
         trm__base_text_count(run->threads, "thread").s,
         trm__base_text_count(run->own->hosts, "host").s);
  for (int host = 0; host < run->own->hosts; host++)
    print_host(facts, run->ranks, host);
  puts("\nchecks (-: not applicable here)");
  print_checks(found);
  print_idle(run, command, idle);
  if (found->warnings == 0)
    puts("\nno problems found");
  else
    printf("\n%s; see `%s help launch`\n",
           trm__base_text_count(found->warnings, "warning").s,
           trm__base_program_path());
  return found->warnings > 0;
}

/* -- options --------------------------------------------------------------- */

/* KERNEL [options] as `run` reads them, or the common options alone. */
static trm_status read_words(const trm__cli *cli, const trm_comm *comm,
                             trm__run_command *command,
                             trm__base_error *error) {
  if (cli->argc > 0 && cli->argv[0][0] != '-')
    return trm__run_command_read(command, comm, cli->kernels, cli->argc,
                                 cli->argv, error);
  *command = (trm__run_command){.name = NULL};
  command->others =
      trm__base_options_new(trm__run_common_table, sizeof(trm__run_common));
  command->want = command->others->values;
  return trm__base_options_args(command->others, cli->argc, cli->argv, error);
}

static void complain(const trm_run *run, trm_status status) {
  if (status != TRM_OK && run->rank == 0)
    trm__base_error_print("%s", trm_message(run));
}

static trm_status resolve(trm_run *run, trm__run_command *command) {
  trm_status status = TRM_OK;
  if (!command->kernel || !command->kernel->resolve) return TRM_OK;
  status = command->kernel->resolve(run, command->options->values);
  return trm_agree(run,
                   trm__run_hook_status(run, command->name, "resolve", status));
}

/* The directory that a file or a new directory would be in, or the directory itself.
 * Collective; free() it. */
static char *place_of(trm_run *run, const char *path, bool directory) {
  int there = run->rank == 0 && directory && !access(path, F_OK);
  trm_bcast(run->comm, &there, sizeof there, 0);
  return there ? trm__base_strdup(path) : trm__base_path_dir(path);
}

/* Do all hosts see where they will write to? */
static trm_status check_places(trm_run *run, const trm__run_common *want) {
  const char *paths[] = {want->checkpoint, want->output};
  trm_status status = TRM_OK;
  for (int i = 0; i < 2 && run->own->hosts > 1 && !status; i++) {
    if (!paths[i]) continue;
    char *place = place_of(run, paths[i], i == 0);
    status = trm__store_directory_check(run, place);
    free(place);
  }
  return status;
}

/* Resolve options, as sizes may come from a file; then check. */
static int examine(trm__run_command *command,
                   const trm__host_topology *topology, int threads) {
  trm_run *run;
  int code = 0;
  trm_status status =
      trm_run_new(MPI_COMM_WORLD, threads, command->want->seed, &run);
  if (status == TRM_OK) status = resolve(run, command);
  if (status == TRM_OK) status = check_places(run, command->want);
  complain(run, status);
  if (status == TRM_OK) {
    trm__host_findings found;
    trm__host_facts *facts =
        trm__run_doctor_check(run, command, topology, &found);
    trm__run_idle idle = trm__run_idle_model(run, command);
    if (facts) code = report(run, command, facts, &found, &idle);
    trm_bcast(run->comm, &code, sizeof code, 0);
    trm__host_facts_free(&facts, run->ranks);
    trm__host_findings_clear(&found);
  }
  trm_run_free(&run);
  return status == TRM_OK ? code : trm_status_exit(status);
}

static void explain(const char *word) {
  trm__cli_text_topic(word);
}

static int help(int rank) {
  return rank == 0 ? trm__cli_help_command(&trm__cli_doctor) : 0;
}

static int doctor(const trm__cli *cli) {
  trm_counter counter = {.cause = TRM_FOR_CONTROL};
  trm_comm *comm = trm_comm_new(MPI_COMM_WORLD, &counter);
  trm__base_error error = {TRM_OK, ""};
  trm__run_command command;
  int rank = comm->rank, refused = trm__cli_check_table(cli, rank);
  if (refused || trm__cli_wants_help(cli)) {
    trm_comm_free(&comm);
    return refused ? refused : help(rank);
  }
  trm_status status = read_words(cli, comm, &command, &error);
  if (status && rank == 0) trm__base_error_print("%s", error.text);
  trm__host_topology *topology = status ? NULL : trm__host_topology_load();
  int threads =
      status ? 1 : trm__run_doctor_threads(command.want, topology, comm);
  trm_comm_free(&comm);
  int code =
      status ? trm_status_exit(status) : examine(&command, topology, threads);
  trm__host_topology_free(&topology);
  trm__run_command_clear(&command);
  return code;
}

static int doctor_main(const trm__cli *cli) {
  return trm__cli_mpi(cli, doctor);
}

const trm__cli_command trm__cli_doctor = {
    "doctor",
    "[KERNEL options]",
    "check rank placement, threads, memory and clocks of a launch",
    doctor_main,
    explain,
    false};
