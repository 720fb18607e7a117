#include "run/session/files.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "comm/run.h"
#include "run/report/ledger.h"
#include "run/report/output.h"
#include "run/report/result.h"
#include "store/directory/directory.h"
#include "store/directory/names.h"

enum { OUTPUTS = 5 };

typedef struct outputs {
  const char *path[OUTPUTS], *what[OUTPUTS]; /* path NULL: not wanted */
  char *sidecar;                             /* owned */
} outputs;

static outputs outputs_of(const trm__run_session *s) {
  char *sidecar =
      s->want->output ? trm__run_output_sidecar(s->want->output) : NULL;
  return (outputs){{s->want->output, sidecar, s->want->picture, s->want->result,
                    s->want->trace},
                   {"--output", "the XDMF file of --output", "--picture",
                    "--result", "--trace"},
                   sidecar};
}

/* -- names ----------------------------------------------------------------- */

/* Of two outputs with one name only one would remain. */
static trm_status check_apart(trm__run_session *s) {
  outputs o = outputs_of(s);
  trm_status status = TRM_OK;
  for (int i = 0; i < OUTPUTS; i++)
    for (int k = i + 1; k < OUTPUTS; k++)
      if (o.path[i] && o.path[k] && !strcmp(o.path[i], o.path[k]))
        status = trm_fail(s->run, TRM_EOPTION,
                          "%s: %s and %s name the same file; give each its own",
                          o.path[i], o.what[i], o.what[k]);
  free(o.sidecar);
  return status;
}

/* A file is what its name says; devices have none. */
static trm_status check_ending(trm__run_session *s, const char *option,
                               const char *path, const char *ending) {
  if (!path || trm__base_text_ends(path, ending) || !strncmp(path, "/dev/", 5))
    return TRM_OK;
  return trm_fail(s->run, TRM_EOPTION, "%s=%s: the name must end in %s", option,
                  path, ending);
}

/* Ranks of all hosts write to this file. */
static trm_status check_shared(trm__run_session *s, const char *path) {
  if (!path || s->run->own->hosts < 2) return TRM_OK;
  char *dir = trm__base_path_dir(path);
  trm_status status = trm__store_directory_check(s->run, dir);
  free(dir);
  return status;
}

trm_status trm__run_files_check(trm__run_session *s) {
  TRM_TRY(check_apart(s));
  TRM_TRY(trm__store_output_check(s->run, "--output", s->want->output, true));
  TRM_TRY(check_ending(s, "--output", s->want->output, ".h5"));
  TRM_TRY(check_shared(s, s->want->output));
  TRM_TRY(trm__run_ledger_check(s));
  TRM_TRY(trm__store_output_check(s->run, "--picture", s->want->picture, true));
  TRM_TRY(check_ending(s, "--picture", s->want->picture, ".png"));
  TRM_TRY(trm__store_output_check(s->run, "--result", s->want->result, false));
  return trm__run_result_check(s);
}

/* -- inputs and checkpoints ------------------------------------------------ */

static bool same_file(const char *a, const char *b) {
  struct stat one, other;
  return !stat(a, &one) && !stat(b, &other) && S_ISREG(one.st_mode) &&
         one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

/* A text is a path, or a path and the name of something in that file. */
static bool names_file(const char *text, const char *path) {
  if (same_file(path, text)) return true;
  bool same = false;
  char *part = trm__base_strdup(text);
  for (char *c = part; !same && (c = strstr(c, ":/")); c++) {
    *c = 0;
    same = same_file(path, part);
    *c = ':';
  }
  free(part);
  return same;
}

static void check_options(const trm__base_options *o, const char *path,
                          const char *what, trm__base_error *error) {
  for (int i = 0; i < o->n && !error->status; i++)
    if (o->value[i].text && names_file(o->value[i].text, path))
      trm__base_error_set(error, TRM_EOPTION,
                          "%s=%s: would replace the input --%s=%s; name "
                          "another file",
                          what, path, trm__base_option_name(&o->table[i]).s,
                          o->value[i].text);
}

/* Files of the directory of checkpoints that other names would not reveal. */
static void check_checkpoints(const char *dir, const char *path,
                              const char *what, trm__base_error *error) {
  static const char *const ours[] = {"status.json", "allocations.jsonl",
                                     "slots.jsonl", ".trireme-lock"};
  const char *base = trm__base_path_base(path);
  trm__store_name name;
  bool taken = trm__store_name_parse(base, &name);
  for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
    taken |= !strcmp(base, ours[i]);
  if (!dir || !taken) return;
  struct stat one, other;
  char *folder = trm__base_path_dir(path);
  if (!stat(dir, &one) && !stat(folder, &other) && one.st_dev == other.st_dev &&
      one.st_ino == other.st_ino)
    trm__base_error_set(error, TRM_EOPTION,
                        "%s=%s: is a name of --checkpoint %s; name another "
                        "file",
                        what, path, dir);
  free(folder);
}

trm_status trm__run_files_check_inputs(trm__run_session *s) {
  trm__base_error error = {TRM_OK, ""};
  outputs o = outputs_of(s);
  for (int i = 0; i < OUTPUTS && s->run->rank == 0; i++) {
    if (!o.path[i]) continue;
    check_options(s->command->options, o.path[i], o.what[i], &error);
    check_checkpoints(s->want->checkpoint, o.path[i], o.what[i], &error);
    if (s->want->config && same_file(o.path[i], s->want->config))
      trm__base_error_set(&error, TRM_EOPTION,
                          "%s=%s: would replace --config; name another file",
                          o.what[i], o.path[i]);
  }
  free(o.sidecar);
  return trm__comm_agree_on(s->run, &error);
}
