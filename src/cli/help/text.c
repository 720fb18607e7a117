#include "cli/help/text.h"

#include <string.h>

#include "base/program.h"

/* -- lines ----------------------------------------------------------------- */

/* "  {options}": the word. */
static bool is_placeholder(const char *line, char word[32]) {
  char end = 0, more = 0;
  int n = sscanf(line, " {%31[a-z]%c%c", word, &end, &more);
  return n == 2 && end == '}';
}

static void print_line(const char *line) {
  for (const char *brace; (brace = strchr(line, '{')); line = brace + 1) {
    fwrite(line, 1, (size_t)(brace - line), stdout);
    bool path = !strncmp(brace, "{program}", 9);
    if (path || !strncmp(brace, "{name}", 6)) {
      fputs(path ? trm__base_program_path() : trm__base_program_name(), stdout);
      brace = strchr(brace, '}');
    } else {
      putchar('{');
    }
  }
  puts(line);
}

/* `end` is left out. */
static void print_lines(const char *const *line, const char *const *end,
                        const trm__cli_command *command) {
  char word[32];
  for (; line < end; line++) {
    if (command && command->explain && is_placeholder(*line, word))
      command->explain(word);
    else
      print_line(*line);
  }
}

static const char *const *end_of(const char *const *line) {
  while (*line) line++;
  return line;
}

/* -- topics and subcommands ------------------------------------------------ */

bool trm__cli_text_topic(const char *name) {
  const trm__base_lines *t = trm__base_lines_find(trm__cli_text_topics, name);
  if (!t) return false;
  printf("%s: %s\n\n", name, t->line[0]);
  print_lines(t->line + 1, end_of(t->line), NULL);
  return true;
}

static const char *const *lines_of(const trm__cli_command *command) {
  static const char *const none[] = {NULL};
  const trm__base_lines *t =
      trm__base_lines_find(trm__cli_text_commands, command->name);
  return t ? t->line : none;
}

void trm__cli_text_command(const trm__cli_command *command) {
  const char *const *line = lines_of(command);
  print_lines(line, end_of(line), command);
}

/* -- verbs ----------------------------------------------------------------- */

/* The verb and what follows it in a line "ckpt ls DIR"; NULL: it is none. */
static const char *verb_in(const char *line, const trm__cli_command *command) {
  size_t n = strlen(command->name);
  return !strncmp(line, command->name, n) && line[n] == ' ' ? line + n + 1
                                                            : NULL;
}

static bool is_verb(const char *line, const trm__cli_command *command,
                    const char *verb) {
  const char *found = verb_in(line, command);
  size_t n = strlen(verb);
  return found && strcspn(found, " ") == n && !strncmp(found, verb, n);
}

/* The next line with a verb after this one, else the end. */
static const char *const *next_verb(const char *const *line,
                                    const trm__cli_command *command) {
  for (line++; *line; line++)
    if (verb_in(*line, command)) return line;
  return line;
}

/* Without the blank lines before it. */
static const char *const *trimmed(const char *const *end) {
  while (!*end[-1]) end--;
  return end;
}

bool trm__cli_text_verb(const trm__cli_command *command, const char *verb) {
  for (const char *const *line = lines_of(command); *line; line++)
    if (is_verb(*line, command, verb)) {
      print_lines(line, trimmed(next_verb(line, command)), command);
      return true;
    }
  return false;
}

void trm__cli_text_verbs(const trm__cli_command *command, char *list,
                         size_t room) {
  size_t used = 0;
  *list = 0;
  for (const char *const *line = lines_of(command); *line; line++) {
    const char *verb = verb_in(*line, command);
    if (verb && used < room)
      used += (size_t)snprintf(list + used, room - used, "%s%.*s",
                               used ? ", " : "", (int)strcspn(verb, " "), verb);
  }
}
