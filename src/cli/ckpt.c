/* trireme ckpt: inspect checkpoints, without MPI. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/json.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/help/help.h"
#include "cli/help/text.h"
#include "cli/words.h"
#include "store/store.h"
#include "store/verdict/inspection.h"
#include "store/verdict/inspector.h"

static int fail(const trm__base_error *error) {
  trm__base_error_print("%s", error->text);
  return trm_status_exit(error->status);
}

static bool is_directory(const char *path) {
  struct stat what;
  return !stat(path, &what) && S_ISDIR(what.st_mode);
}

/* The checkpoints that a path names: of a directory, newest first, or one file. */
typedef struct checkpoints {
  trm__store_checkpoint *list;
  int n;
} checkpoints;

static trm_status open_checkpoints(const char *path, bool values,
                                   checkpoints *s, trm__base_error *error) {
  *s = (checkpoints){NULL, 0};
  if (is_directory(path)) {
    TRM_TRY(trm__store_checkpoints_list(path, TRM__STORE_SELF, values, &s->list,
                                        &s->n, error));
    if (s->n > 0) return TRM_OK;
    return trm__base_error_set(error, TRM_EINPUT, "%s: no checkpoint there",
                               path);
  }
  s->list = calloc(1, sizeof *s->list);
  s->n = 1;
  if (!trm__store_checkpoint_examine(TRM__STORE_SELF, path, values, s->list))
    return TRM_OK;
  if (s->list->error.status == TRM_ECHECKPOINT) return TRM_OK;
  *error = s->list->error;
  return error->status;
}

static void close_checkpoints(checkpoints *s) {
  trm__store_checkpoints_free(&s->list, s->n);
}

/* The newest that can be read, else the newest. */
static const trm__store_checkpoint *newest(const checkpoints *s) {
  for (int i = 0; i < s->n; i++)
    if (!s->list[i].error.status) return &s->list[i];
  return &s->list[0];
}

static const char *base(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

/* -- ls -------------------------------------------------------------------- */

static void print_row(const trm__store_checkpoint *c, int width) {
  if (c->error.status) {
    printf("%-*s  %s\n", width, base(c->path), c->error.text);
    return;
  }
  printf("%-*s  %12" PRId64 "  %10s  %-20s  %-9s  %s\n", width, base(c->path),
         c->stamp.step, trm__base_text_bytes((double)c->bytes).s,
         c->stamp.written, trm__store_verdict_name(c->verdict),
         c->stamp.kernel);
}

static int ls(const trm__cli *cli) {
  trm__base_error error = {TRM_OK, ""};
  checkpoints s;
  if (open_checkpoints(cli->argv[0], false, &s, &error)) {
    close_checkpoints(&s);
    return fail(&error);
  }
  int width = 10;
  for (int i = 0; i < s.n; i++)
    if ((int)strlen(base(s.list[i].path)) > width)
      width = (int)strlen(base(s.list[i].path));
  printf("%-*s  %12s  %10s  %-20s  %-9s  %s\n", width, "checkpoint", "step",
         "size", "written", "state", "kernel");
  for (int i = 0; i < s.n; i++) print_row(&s.list[i], width);
  close_checkpoints(&s);
  return 0;
}

/* -- show ------------------------------------------------------------------ */

static void print_options(const char *json) {
  cJSON *object = cJSON_Parse(json ? json : "{}");
  printf("options     ");
  for (const cJSON *o = object ? object->child : NULL; o; o = o->next)
    printf(" %s=%s", o->string, o->valuestring ? o->valuestring : "?");
  putchar('\n');
  cJSON_Delete(object);
}

static void print_field(const trm__store_dataset *f) {
  char shape[100] = "";
  for (int d = 0; d < f->dims; d++) {
    size_t n = strlen(shape);
    snprintf(shape + n, sizeof shape - n, "%s%" PRId64, d ? " x " : "",
             f->n[d]);
  }
  printf("  %-20s  %-4s  %-30s  %016" PRIx64 "\n", f->name,
         trm_type_name(f->type), shape, f->digest);
}

static const char *explain(trm__store_verdict verdict) {
  return verdict == TRM__STORE_SEALED
             ? "sealed: its header has the bytes that were written"
             : "rewritten: other bytes than were written, the same contents";
}

static void print_checkpoint(const trm__store_checkpoint *c) {
  const trm__store_stamp *t = &c->stamp;
  printf("checkpoint   %s\n", c->path);
  printf("state        %s\n", explain(c->verdict));
  printf("kernel       %s\n", t->kernel);
  print_options(t->options);
  printf("step         %" PRId64 "%s\n", t->step,
         t->complete ? ", where the run ended by itself" : "");
  printf("time         %s in advance\n", trm__base_text_duration(t->seconds).s);
  printf("written      %s by %s x %s, %s\n", t->written,
         trm__base_text_count(t->ranks, "rank").s,
         trm__base_text_count(t->threads, "thread").s, t->build);
  printf("run          %s, seed %" PRIu64 "\n", t->run_id, t->seed);
  printf("size         %s\n", trm__base_text_bytes((double)c->bytes).s);
  printf("\n  %-20s  %-4s  %-30s  %s\n", "field", "type", "shape", "digest");
  for (int i = 0; i < c->nfields; i++) print_field(&c->fields[i]);
}

static int show(const trm__cli *cli) {
  trm__base_error error = {TRM_OK, ""};
  checkpoints s;
  trm_status status = open_checkpoints(cli->argv[0], false, &s, &error);
  const trm__store_checkpoint *c = status ? NULL : newest(&s);
  if (c && c->error.status) error = c->error;
  if (!error.status) print_checkpoint(c);
  int code = error.status ? fail(&error) : 0;
  close_checkpoints(&s);
  return code;
}

/* -- verify ---------------------------------------------------------------- */

static trm__store_verdict verify_one(const trm__store_checkpoint *c,
                                     trm__base_error *error) {
  trm__store_verdict verdict = c->verdict;
  if (c->error.status)
    *error = c->error;
  else if (trm__store_checkpoint_verify(c, error))
    verdict = TRM__STORE_DAMAGED;
  printf("%-9s  %s\n", trm__store_verdict_name(verdict), c->path);
  return verdict;
}

static int verify(const trm__cli *cli) {
  trm__base_error error = {TRM_OK, ""};
  trm__store_verdict worst = TRM__STORE_SEALED;
  checkpoints s;
  if (open_checkpoints(cli->argv[0], true, &s, &error)) {
    close_checkpoints(&s);
    return fail(&error);
  }
  for (int i = 0; i < s.n; i++) {
    trm__base_error one = {TRM_OK, ""};
    trm__store_verdict verdict = verify_one(&s.list[i], &one);
    if (verdict < worst) worst = verdict;
    fflush(stdout);
    if (one.status) fail(&one);
  }
  close_checkpoints(&s);
  if (worst == TRM__STORE_SEALED) return 0;
  return worst == TRM__STORE_REWRITTEN ? 1 : trm_status_exit(TRM_ECHECKPOINT);
}

/* -- diff ------------------------------------------------------------------ */

static bool print_difference(const trm__store_difference *d) {
  if (d->only_a || d->only_b) {
    printf("  %-20s  only in the %s\n", d->name,
           d->only_a ? "first" : "second");
    return true;
  }
  if (d->shape) {
    printf("  %-20s  another type or shape\n", d->name);
    return true;
  }
  if (d->differing == 0) {
    printf("  %-20s  the same\n", d->name);
    return false;
  }
  printf("  %-20s  %" PRId64
         " elements differ, by %.3g at most, at element %" PRId64 "\n",
         d->name, d->differing, d->largest, d->where);
  return true;
}

static int print_differences(const trm__store_checkpoint *a,
                             const trm__store_checkpoint *b,
                             trm__base_error *error) {
  trm__store_difference *list = NULL;
  int n = 0;
  bool different = false;
  if (a->error.status || b->error.status)
    *error = a->error.status ? a->error : b->error;
  else
    trm__store_checkpoints_compare(a, b, &list, &n, error);
  if (error->status) return fail(error);
  printf("first   %s, step %" PRId64 "\nsecond  %s, step %" PRId64 "\n",
         a->path, a->stamp.step, b->path, b->stamp.step);
  for (int i = 0; i < n; i++) different |= print_difference(&list[i]);
  free(list);
  return different;
}

static int diff(const trm__cli *cli) {
  trm__base_error error = {TRM_OK, ""};
  checkpoints a, b = {NULL, 0};
  trm_status status = open_checkpoints(cli->argv[0], true, &a, &error);
  if (!status) status = open_checkpoints(cli->argv[1], true, &b, &error);
  int code =
      status ? fail(&error) : print_differences(newest(&a), newest(&b), &error);
  close_checkpoints(&a);
  close_checkpoints(&b);
  return code;
}

/* -- the whole ------------------------------------------------------------- */

static const struct verb {
  const char *name, *words;
  int paths;
  int (*call)(const trm__cli *);
} verbs[] = {{"ls", "DIR", 1, ls},
             {"show", "DIR|FILE", 1, show},
             {"verify", "DIR|FILE", 1, verify},
             {"diff", "DIR|FILE DIR|FILE", 2, diff}};

static int unknown(const char *verb) {
  char list[80];
  trm__base_nearest nearest = {.typed = verb};
  for (int i = 0; i < 4; i++) trm__base_nearest_offer(&nearest, verbs[i].name);
  trm__cli_text_verbs(&trm__cli_ckpt, list, sizeof list);
  if (!nearest.word)
    return trm__cli_usage("ckpt %s: no such command (choose from %s)", verb,
                          list);
  return trm__cli_usage(
      "ckpt %s: no such command; did you mean %s? (choose from %s)", verb,
      nearest.word, list);
}

static int ckpt_main(const trm__cli *cli) {
  if (trm__cli_wants_help(cli)) return trm__cli_help_command(&trm__cli_ckpt);
  if (cli->argc < 1)
    return trm__cli_usage(
        "ckpt: no command given; usage: ckpt ls DIR, show DIR|FILE, verify "
        "DIR|FILE, or diff A B");
  if (cli->argc == 3 && !strcmp(cli->argv[0], TRM__STORE_INSPECTOR_VERB))
    return trm__store_inspection(cli->argv[1], cli->argv[2]);
  trm__cli rest = *cli;
  rest.argc--;
  rest.argv++;
  for (int i = 0; i < 4; i++) {
    if (strcmp(verbs[i].name, cli->argv[0])) continue;
    if (rest.argc == verbs[i].paths) return verbs[i].call(&rest);
    return trm__cli_usage("ckpt %s: usage: ckpt %s %s", verbs[i].name,
                          verbs[i].name, verbs[i].words);
  }
  return unknown(cli->argv[0]);
}

const trm__cli_command trm__cli_ckpt = {
    "ckpt",
    "ls|show|verify|diff ...",
    "list, show, verify and compare checkpoints",
    ckpt_main,
    NULL,
    false};
