#include "cli/help/help.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <trireme/kernel.h>

#include "base/program.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/help/topics.h"
#include "run/setup/command.h"

static const char *reproducibility(const trm_kernel *k) {
  return k->rtol > 0
             ? "Results agree within a tolerance on any ranks and threads."
             : "The same bits on any number of ranks and threads.";
}

static int help_kernel(const trm_listed *listed) {
  trm__run_command command;
  trm__run_command_options(&command, listed);
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
  trm__base_options_help(command.others, stdout);
  printf("\n* may be changed when a run is resumed\n");
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

static void print_commands(const trm__cli *cli) {
  printf("Usage: %s COMMAND\n\n", trm__base_program_path());
  for (const trm__cli_command *const *c = cli->commands; *c; c++) {
    char head[64];
    snprintf(head, sizeof head, "%s %s", (*c)->name, (*c)->words);
    printf("  %-30s  %s\n", head, (*c)->help);
  }
}

static int help_all(const trm__cli *cli) {
  printf(
      "Trireme runs compute kernels on MPI ranks and OpenMP threads, with "
      "checkpoints\nthat can be trusted.\n\n");
  print_commands(cli);
  printf("\nTopics of help\n");
  for (const trm__cli_topic *t = trm__cli_topics; t->name; t++)
    printf("  %-30s  %s\n", t->name, t->summary);
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
  for (const trm__cli_topic *t = trm__cli_topics; t->name; t++)
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

int trm__cli_help_print(const trm__cli *cli) {
  if (cli->argc < 1) return help_all(cli);
  const char *name = cli->argv[0];
  bool json = cli->argc == 2 && !strcmp(cli->argv[1], "--json");
  if (cli->argc > 1 && !json)
    return trm__cli_usage("help %s takes no \"%s\"", name, cli->argv[1]);
  for (const trm_listed *k = cli->kernels; k->name; k++)
    if (!strcmp(k->name, name)) return json ? help_json(k) : help_kernel(k);
  const trm__cli_topic *topic = trm__cli_topic_find(name);
  if (topic) {
    trm__cli_topic_print(topic);
    return 0;
  }
  const trm__cli_command *command = trm__cli_command_find(cli, name);
  if (!command) return unknown(cli, name);
  printf("%s %s %s: %s\n", trm__base_program_path(), command->name,
         command->words, command->help);
  if (command->explain) command->explain();
  return 0;
}

const trm__cli_command trm__cli_help = {
    "help",
    "[KERNEL|COMMAND|TOPIC]",
    "explain a kernel, a command or a topic",
    trm__cli_help_print,
    NULL,
    true};
