#include "cli/help/help.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <trireme/kernel.h>

#include "base/memory.h"
#include "base/program.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/help/text.h"
#include "run/setup/command.h"

static const char *reproducibility(const trm_kernel *k) {
  return k->rtol > 0
             ? "Results agree within a tolerance on any ranks and threads."
             : "The same bits on any number of ranks and threads.";
}

/* The options of every kernel; --steps with the number that this kernel makes. */
static trm_option *common_rows(int64_t steps, char text[32]) {
  size_t n = 0;
  while (trm__run_common_table[n].name) n++;
  trm_option *rows = trm__base_calloc(n + 1, sizeof *rows), *row = rows;
  memcpy(rows, trm__run_common_table, n * sizeof *rows);
  while (strcmp(row->name, "steps")) row++;
  snprintf(text, 32, "%" PRId64, steps);
  row->default_text = steps < 0 ? NULL : text;
  row->help = steps < 0 ? TRM__RUN_STEPS_HELP " (default: until it is done)"
                        : TRM__RUN_STEPS_HELP;
  return rows;
}

static int help_kernel(const trm_listed *listed) {
  trm__run_command command;
  char steps[32];
  trm__run_command_options(&command, listed);
  trm_option *rows = common_rows(trm__run_command_steps(&command), steps);
  printf("%s: %s\n%s\n", listed->name, listed->kernel->summary,
         reproducibility(listed->kernel));
  printf("`%s check %s` checks that.\n", trm__base_program_path(),
         listed->name);
  printf("\n  mpirun -n 2 %s run %s [options]\n", trm__base_program_path(),
         listed->name);
  if (command.options->n > 0) {
    printf("\nOptions of %s, with their defaults\n", listed->name);
    trm__base_options_help(command.options, stdout);
  }
  printf("\nOptions of every kernel\n");
  trm__cli_print_options(rows, sizeof(trm__run_common));
  printf("\n* may be changed when a run is resumed\n");
  trm__run_command_clear(&command);
  free(rows);
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

static void print_row(const char *head, const char *text) {
  enum { COLUMN = 35 };
  printf("  %-*s", COLUMN - 2, head);
  trm__base_text_wrap(stdout, text, COLUMN, COLUMN);
}

static void print_commands(const trm__cli *cli) {
  printf("Usage: %s COMMAND\n\n", trm__base_program_path());
  for (const trm__cli_command *const *c = cli->commands; *c; c++) {
    char head[64];
    snprintf(head, sizeof head, "%s %s", (*c)->name, (*c)->words);
    print_row(head, (*c)->help);
  }
}

static int help_all(const trm__cli *cli) {
  printf(
      "Trireme runs compute kernels on MPI ranks and OpenMP threads, with "
      "checkpoints\nthat can be trusted.\n\n");
  print_commands(cli);
  printf("\nTopics of help\n");
  for (const trm__base_lines *t = trm__cli_text_topics; t->name; t++)
    print_row(t->name, t->line[0]);
  if (!cli->kernels->name) return 0;
  const char *first = cli->kernels->name;
  printf("\nFor example\n  %s help %s\n  mpirun -n 2 %s run %s\n",
         trm__base_program_path(), first, trm__base_program_path(), first);
  return 0;
}

static int unknown(const trm__cli *cli, const char *name) {
  trm__base_nearest nearest = {.typed = name};
  for (const trm_listed *k = cli->kernels; k->name; k++)
    trm__base_nearest_offer(&nearest, k->name);
  for (const trm__base_lines *t = trm__cli_text_topics; t->name; t++)
    trm__base_nearest_offer(&nearest, t->name);
  for (const trm__cli_command *const *c = cli->commands; *c; c++)
    trm__base_nearest_offer(&nearest, (*c)->name);
  if (nearest.word)
    return trm__cli_usage(
        "help %s: no such kernel, command or topic; did you mean %s?", name,
        nearest.word);
  return trm__cli_usage(
      "help %s: no such kernel, command or topic; `%s list` shows the kernels, "
      "`%s help` the others",
      name, trm__base_program_path(), trm__base_program_path());
}

static const trm_listed *kernel_find(const trm__cli *cli, const char *name) {
  for (const trm_listed *k = cli->kernels; k->name; k++)
    if (!strcmp(k->name, name)) return k;
  return NULL;
}

static void print_head(const trm__cli_command *command) {
  printf("%s %s%s%s: %s\n", trm__base_program_path(), command->name,
         *command->words ? " " : "", command->words, command->help);
}

int trm__cli_help_command(const trm__cli_command *command) {
  print_head(command);
  putchar('\n');
  trm__cli_text_command(command);
  return 0;
}

static int help_verb(const trm__cli_command *command, const char *verb) {
  char list[200];
  if (trm__cli_text_verb(command, verb)) return 0;
  trm__cli_text_verbs(command, list, sizeof list);
  if (!*list)
    return trm__cli_usage("help %s takes no \"%s\"", command->name, verb);
  return trm__cli_usage("help %s %s: no such command (choose from %s)",
                        command->name, verb, list);
}

/* The overview and all pages, each but the first after a form feed. */
static int help_pages(const trm__cli *cli) {
  help_all(cli);
  for (const trm__cli_command *const *c = cli->commands; *c; c++) {
    puts("\f");
    trm__cli_help_command(*c);
  }
  for (const trm__base_lines *t = trm__cli_text_topics; t->name; t++) {
    puts("\f");
    trm__cli_text_topic(t->name);
  }
  return 0;
}

int trm__cli_help_print(const trm__cli *cli) {
  if (cli->argc < 1) return help_all(cli);
  if (cli->argc == 1 && !strcmp(cli->argv[0], "--all")) return help_pages(cli);
  const char *name = cli->argv[0], *more = cli->argc > 1 ? cli->argv[1] : NULL;
  const trm_listed *kernel = kernel_find(cli, name);
  const trm__cli_command *command = trm__cli_command_find(cli, name);
  if (kernel && cli->argc == 2 && !strcmp(more, "--json"))
    return help_json(kernel);
  if (!kernel && command && cli->argc == 2) return help_verb(command, more);
  if (more) return trm__cli_usage("help %s takes no \"%s\"", name, more);
  if (kernel) return help_kernel(kernel);
  if (trm__cli_text_topic(name)) return 0;
  return command ? trm__cli_help_command(command) : unknown(cli, name);
}

const trm__cli_command trm__cli_help = {
    "help",
    "[NAME [VERB]]",
    "explain a kernel, a command or a topic",
    trm__cli_help_print,
    NULL,
    true};
