#include "launch/template.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "launch/resources.h"

/* With more ranks x threads than cores, the driver itself makes waiting ranks yield. */
const char *trm__launch_template_on(int cores, const char *given, int ranks,
                                    int threads) {
  if (given && !strcmp(given, "slurm"))
    return "srun --mpi=pmix --kill-on-bad-exit -n {ranks} -c {threads} "
           "--cpu-bind=cores {command}";
  if (given) return given;
  if (cores < 1) cores = trm__launch_available_cores();
  if ((long)ranks * threads <= cores)
    return "mpirun --map-by slot:PE={threads} --bind-to core -n {ranks} "
           "{command}";
  return "mpirun --oversubscribe --bind-to none -n {ranks} {command}";
}

const char *trm__launch_template(const char *given, int ranks, int threads) {
  return trm__launch_template_on(0, given, ranks, threads);
}

typedef struct word_builder {
  char **list; /* ends with NULL */
  int n;
  char *now; /* the current word; NULL: between two */
  int length;
} word_builder;

static void put(word_builder *w, const char *text, size_t n) {
  w->now = trm__base_grow(w->now, (size_t)w->length + n + 1, 1);
  memcpy(w->now + w->length, text, n);
  w->length += (int)n;
  w->now[w->length] = 0;
}

static void end_word(word_builder *w) {
  if (!w->now) return;
  w->list = trm__base_grow(w->list, (size_t)w->n + 2, sizeof *w->list);
  w->list[w->n++] = w->now;
  w->list[w->n] = NULL;
  w->now = NULL;
  w->length = 0;
}

static void put_command_words(word_builder *w, char *const command[]) {
  for (; *command; command++) {
    put(w, *command, strlen(*command));
    end_word(w);
  }
}

static bool plain(const char *word) {
  for (const char *p = word; *p; p++)
    if (!isalnum((unsigned char)*p) && !strchr("%+,-./:=@_", *p)) return false;
  return *word;
}

/* A word quoted for bash: $'...' if it has control characters. */
static void put_quoted(word_builder *w, const char *word) {
  bool control = false;
  if (plain(word)) {
    put(w, word, strlen(word));
    return;
  }
  for (const char *p = word; *p; p++)
    control = control || iscntrl((unsigned char)*p);
  put(w, control ? "$'" : "'", control ? 2 : 1);
  for (const char *p = word; *p; p++) {
    char octal[8];
    snprintf(octal, sizeof octal, "\\%03o", (unsigned)(unsigned char)*p);
    if (iscntrl((unsigned char)*p))
      put(w, octal, 4);
    else if (*p == '\'')
      put(w, control ? "\\'" : "'\\''", control ? 2 : 4);
    else if (*p == '\\' && control)
      put(w, "\\\\", 2);
    else
      put(w, p, 1);
  }
  put(w, "'", 1);
}

/* Quoted words, separated by blanks. */
static void put_line(word_builder *w, char *const list[]) {
  for (char *const *word = list; *word; word++) {
    if (word > list) put(w, " ", 1);
    put_quoted(w, *word);
  }
}

static void put_number(word_builder *w, int number) {
  char *text = trm__base_format("%d", number);
  put(w, text, strlen(text));
  free(text);
}

typedef struct filling { /* values of the braces */
  int ranks, threads;
  char *const *command;
  bool used; /* {command} */
} filling;

/* Is the brace a word of its own? Then the words of the command stay separate. */
static bool alone(const word_builder *w, const char *behind) {
  return !w->now && (!*behind || isspace((unsigned char)*behind));
}

/* The brace at `at`. \return what follows it; NULL and an error */
static const char *brace(word_builder *w, const char *at, filling *f,
                         trm__base_error *error) {
  size_t n = strcspn(at, "}");
  if (!strncmp(at, "{ranks}", 7)) {
    put_number(w, f->ranks);
  } else if (!strncmp(at, "{threads}", 9)) {
    put_number(w, f->threads);
  } else if (strncmp(at, "{command}", 9)) {
    trm__base_error_set(error, TRM_EOPTION,
                        "--launcher: \"%.*s\" is unknown (choose from {ranks}, "
                        "{threads}, {command})",
                        (int)(n < 40 ? n + !!at[n] : 40), at);
    return NULL;
  } else if (f->used = true, alone(w, at + 9)) {
    put_command_words(w, f->command);
  } else {
    put_line(w, f->command);
  }
  return at + n + 1;
}

static bool read_words(word_builder *w, const char *template, filling *f,
                       trm__base_error *error) {
  char quote = 0;
  const char *p = template;
  while (p && *p) {
    if (*p == '{') {
      p = brace(w, p, f, error);
      continue;
    }
    if (*p == quote)
      quote = 0;
    else if (!quote && (*p == '"' || *p == '\''))
      quote = *p, put(w, "", 0);
    else if (!quote && isspace((unsigned char)*p))
      end_word(w);
    else
      put(w, p, 1);
    p++;
  }
  end_word(w);
  if (quote)
    trm__base_error_set(error, TRM_EOPTION, "--launcher: unmatched quote %c",
                        quote);
  return !error->status;
}

char **trm__launch_words(const char *template, int ranks, int threads,
                         char *const command[], trm__base_error *error) {
  word_builder w = {.list = NULL};
  filling f = {ranks, threads, command, false};
  bool good = read_words(&w, template, &f, error);
  if (good && !w.n)
    good = !trm__base_error_set(
        error, TRM_EOPTION,
        "--launcher is empty (expected \"mpirun -n {ranks} "
        "{command}\" or similar)");
  if (good && !f.used) put_command_words(&w, command);
  if (good) return w.list;
  trm__launch_words_free(w.list);
  return NULL;
}

char *trm__launch_quoted(const char *word) {
  word_builder w = {.list = NULL};
  put_quoted(&w, word);
  return w.now;
}

char *trm__launch_words_line(char *const list[]) {
  word_builder w = {.list = NULL};
  put(&w, "", 0);
  put_line(&w, list);
  return w.now;
}

void trm__launch_words_free(char **list) {
  for (char **word = list; word && *word; word++) free(*word);
  free(list);
}
