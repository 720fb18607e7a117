/* The store: the checkpoints of one directory over the life of a run. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/memory.h"
#include "comm/run.h"
#include "store/directory/directory.h"
#include "store/file/header.h"
#include "store/directory/names.h"
#include "store/file/checkpoint_file.h"
#include "store/file/stamp.h"

/* What a resume knows of a candidate. */
typedef enum fate { UNSEEN, REFUSED, REWRITTEN } fate;

struct trm__store_archive {
  trm_run *run;
  char *dir, *newest; /* newest: checkpoint written or read; NULL: none */
  trm__store_options want;
  trm__store_lock lock;   /* rank 0 */
  trm__store_name *names; /* rank 0: candidates of a resume, latest first */
  fate *fates;            /* of each */
  int nnames, next;       /* next: to inspect */
  bool second;            /* pass: those that were rewritten */
  trm_status worst;       /* of those refused */
  trm__store_checkpoint checkpoint; /* found, on all ranks */
  trm__store_bulk *bulk;            /* kept for the next checkpoint */
};

/* -- open and close -------------------------------------------------------- */

/* Which of them to continue cannot be known. */
static trm_status two_runs(const trm__store_archive *s,
                           trm__base_error *error) {
  const trm__store_name *first = NULL;
  for (int i = 0; i < s->nnames; i++) {
    const trm__store_name *name = &s->names[i];
    if (strcmp(name->kernel, s->want.kernel)) continue;
    if (!first) first = name;
    if (strcmp(name->run_id, first->run_id))
      return trm__base_error_set(
          error, TRM_EUSAGE,
          "%s: holds checkpoints of two runs: %s and %s; move those of one run "
          "to another directory",
          s->dir, first->file, name->file);
  }
  return TRM_OK;
}

/* Without --resume the directory must hold no checkpoints; with it, their run
 * is continued. */
static trm_status claim(trm__store_archive *s, trm__store_options *o,
                        trm__base_error *error) {
  if (trm__store_lock_take(&s->lock, o->dir, o->run_id, o->patience, error))
    return error->status;
  if (trm__store_names_list(o->dir, &s->names, &s->nnames, error))
    return error->status;
  const trm__store_name *last = NULL;
  for (int i = 0; i < s->nnames && !last; i++)
    if (strcmp(s->names[i].run_id, o->run_id)) last = &s->names[i];
  if (last && !o->resume && !o->restart)
    return trm__base_error_set(
        error, TRM_EUSAGE,
        "%s: there are checkpoints of another run (%s, step "
        "%" PRId64
        "); continue it with --resume, or name an "
        "empty directory",
        o->dir, last->kernel, last->step);
  if (o->resume && !o->restart && two_runs(s, error)) return error->status;
  s->fates = trm__base_calloc((size_t)s->nnames, sizeof *s->fates);
  if (s->nnames && o->resume)
    memcpy(o->run_id, s->names[0].run_id, sizeof o->run_id);
  trm__store_names_clean(o->dir);
  return TRM_OK;
}

trm_status trm__store_open(trm_run *run, trm__store_options *o,
                           trm__store_archive **result) {
  trm__base_error error = {TRM_OK, ""};
  *result = NULL;
  TRM_TRY(trm__store_directory_check(run, o->dir));
  trm__store_archive *s = trm__base_calloc(1, sizeof *s);
  s->run = run;
  s->dir = trm__base_strdup(o->dir);
  s->want = *o;
  if (s->want.keep < 1) s->want.keep = 1;
  s->lock.fd = -1;
  if (run->rank == 0) claim(s, o, &error);
  trm_status status = trm__comm_agree_on(run, &error);
  trm_bcast(run->comm, o->run_id, sizeof o->run_id, 0);
  if (status) trm__store_close(run, &s);
  *result = s;
  return status;
}

void trm__store_close(trm_run *run, trm__store_archive **store) {
  trm__store_archive *s = *store;
  (void)run;
  if (!s) return;
  trm__store_lock_drop(&s->lock);
  trm__store_bulk_free(&s->bulk);
  trm__store_checkpoint_clear(&s->checkpoint);
  free(s->names);
  free(s->fates);
  free(s->dir);
  free(s->newest);
  free(s);
  *store = NULL;
}

static void abandon(trm__store_archive *s, trm__base_error *error) {
  for (int i = 0; i < s->nnames && !error->status; i++) {
    char *from = trm__base_format("%s/%s", s->dir, s->names[i].file);
    char *to = trm__base_format("%s.abandoned", from);
    if (rename(from, to))
      trm__base_error_set(error, TRM_EFILE, "%s: cannot rename it to %s: %s",
                          from, to, strerror(errno));
    else
      trm__base_error_print("%s: renamed to %s.abandoned", from,
                            s->names[i].file);
    free(to);
    free(from);
  }
  s->nnames = s->next = 0;
}

trm_status trm__store_abandon(trm_run *run, trm__store_archive *s) {
  trm__base_error error = {TRM_OK, ""};
  if (run->rank == 0) abandon(s, &error);
  trm__store_checkpoint_clear(&s->checkpoint);
  return trm__comm_agree_on(run, &error);
}

const char *trm__store_newest(const trm__store_archive *s) {
  return s->newest ? s->newest : "";
}

static void set_newest(trm__store_archive *s, const char *path) {
  free(s->newest);
  s->newest = trm__base_strdup(path);
}

static trm_status ensure_bulk(trm__store_archive *s, int64_t largest) {
  if (s->bulk && trm__store_bulk_fits(s->bulk, largest)) return TRM_OK;
  trm__store_bulk_free(&s->bulk);
  return trm__store_bulk_new(s->run, largest, &s->bulk);
}

/* -- find and read --------------------------------------------------------- */

/* Rank 0: refuse the candidate that was looked at last. */
static void refuse(trm__store_archive *s, trm_status status, const char *why) {
  trm__base_error_print("refused: %s", why);
  s->fates[s->next - 1] = REFUSED;
  if (status > s->worst) s->worst = status;
}

static trm_status unfit(const trm__store_archive *s, const char *path,
                        trm__base_error *error) {
  const trm__store_checkpoint *c = &s->checkpoint;
  trm__base_error reason = {TRM_OK, ""};
  if (c->output)
    return trm__base_error_set(error, TRM_ERESUME,
                               "%s: an output, not a checkpoint", path);
  if (!s->want.accept ||
      s->want.accept(s->want.context, &c->stamp, &reason) == TRM_OK)
    return TRM_OK;
  return trm__base_error_set(error, TRM_ERESUME, "%s: %s", path, reason.text);
}

/* Rank 0: is this candidate usable? Says why not. */
static bool is_usable(trm__store_archive *s, const trm__store_name *name) {
  trm__base_error error = {TRM_OK, ""};
  char *path = trm__base_format("%s/%s", s->dir, name->file);
  if (strcmp(name->kernel, s->want.kernel))
    trm__base_error_set(&error, TRM_ERESUME,
                        "%s: belongs to the kernel %s, not %s", path,
                        name->kernel, s->want.kernel);
  else if (trm__store_checkpoint_examine(s->want.program, path, s->second,
                                         &s->checkpoint))
    error = s->checkpoint.error;
  else
    unfit(s, path, &error);
  if (error.status) refuse(s, error.status, error.text);
  free(path);
  return !error.status;
}

static int of_my_kernel(const trm__store_archive *s) {
  int n = 0;
  for (int i = 0; i < s->nnames; i++)
    n += !strcmp(s->names[i].kernel, s->want.kernel);
  return n;
}

/* Rank 0: the next usable candidate that is sealed; if there is none, one that
 * was rewritten. */
static bool inspect_next(trm__store_archive *s) {
  while (s->next < s->nnames) {
    int i = s->next++;
    trm__store_checkpoint_clear(&s->checkpoint);
    if (s->fates[i] != (s->second ? REWRITTEN : UNSEEN)) continue;
    if (!is_usable(s, &s->names[i])) continue;
    if (s->second || s->checkpoint.verdict == TRM__STORE_SEALED) return true;
    s->fates[i] = REWRITTEN;
    trm__base_error_print(
        "passed over: %s: rewritten after it was sealed; used only if no "
        "sealed checkpoint is there",
        s->checkpoint.path);
  }
  if (s->second) return false;
  s->second = true;
  s->next = 0;
  return inspect_next(s);
}

static bool find_next(trm__store_archive *s) {
  trm__store_checkpoint_clear(&s->checkpoint);
  int found = s->run->rank == 0 && of_my_kernel(s) && inspect_next(s);
  trm_bcast(s->run->comm, &found, sizeof found, 0);
  if (found) trm__store_checkpoint_bcast(s->run, &s->checkpoint);
  return found;
}

static void tell(const trm__store_archive *s, trm__store_stamp *stamp) {
  trm__store_stamp_clear(stamp);
  trm__store_stamp_copy(stamp, &s->checkpoint.stamp);
}

/* No usable checkpoint was found: none there, or all refused? */
static trm_status none(trm__store_archive *s) {
  trm__base_error error = {TRM_OK, ""};
  if (s->nnames && !of_my_kernel(s))
    trm__base_error_set(
        &error, TRM_ERESUME,
        "%s: its checkpoints are of the kernel %s, not %s; name "
        "another directory",
        s->dir, s->names[0].kernel, s->want.kernel);
  else if (s->worst == TRM_ERESUME)
    trm__base_error_set(&error, TRM_ERESUME,
                        "%s: none of its %d checkpoints fits this run; name "
                        "another directory",
                        s->dir, s->nnames);
  else if (s->nnames)
    trm__base_error_set(
        &error, TRM_ECHECKPOINT,
        "%s: none of its %d checkpoints can be resumed from; --restart starts "
        "again from step 0",
        s->dir, s->nnames);
  return trm__comm_agree_on(s->run, &error);
}

trm_status trm__store_find(trm_run *run, trm__store_archive *s,
                           trm__store_stamp *stamp, bool *found) {
  (void)run;
  *found = find_next(s);
  if (!*found) return none(s);
  tell(s, stamp);
  return TRM_OK;
}

static int64_t largest_of(const trm__store_checkpoint *checkpoint) {
  int64_t largest = 0;
  for (int i = 0; i < checkpoint->nfields; i++) {
    int64_t bytes = trm__store_dataset_bytes(&checkpoint->fields[i]);
    if (bytes > largest) largest = bytes;
  }
  return largest;
}

trm_status trm__store_read(trm_run *run, trm__store_archive *s,
                           trm__store_stamp *stamp) {
  trm_status status = TRM_OK;
  trm_cause before = trm_comm_cause(run->comm, TRM_FOR_CHECKPOINT);
  for (;;) {
    status = ensure_bulk(s, largest_of(&s->checkpoint));
    if (status == TRM_OK)
      status = trm__store_checkpoint_restore(s->bulk, &s->checkpoint);
    if (status != TRM_ECHECKPOINT && status != TRM_ERESUME) break;
    if (run->rank == 0) refuse(s, status, trm_message(run));
    if (find_next(s)) {
      tell(s, stamp);
      continue;
    }
    status = none(s);
    break;
  }
  trm_comm_cause_end(run->comm, before);
  if (status == TRM_OK) set_newest(s, s->checkpoint.path);
  return status;
}

/* -- write ----------------------------------------------------------------- */

/* Is it one that the resume refused or passed over, and is still there? */
static bool is_unused(const trm__store_archive *s, const char *file,
                      const char *written) {
  if (!strcmp(file, written)) return false;
  for (int i = 0; i < s->nnames; i++)
    if (s->fates[i] != UNSEEN && !strcmp(s->names[i].file, file)) return true;
  return false;
}

/* Checkpoints of later steps were abandoned; those and the refused ones are
 * neither counted nor removed. */
static void prune(const trm__store_archive *s, const trm__store_stamp *stamp,
                  const char *written) {
  trm__base_error error = {TRM_OK, ""};
  trm__store_name *names;
  int n, kept = 0;
  if (trm__store_names_list(s->dir, &names, &n, &error)) return;
  for (int i = 0; i < n; i++) {
    if (strcmp(names[i].run_id, stamp->run_id) ||
        strcmp(names[i].kernel, stamp->kernel) || names[i].step > stamp->step ||
        is_unused(s, names[i].file, written))
      continue;
    if (kept++ < s->want.keep) continue;
    char *path = trm__base_format("%s/%s", s->dir, names[i].file);
    unlink(path);
    free(path);
  }
  free(names);
}

trm_status trm__store_write(trm_run *run, trm__store_archive *s,
                            const trm__store_stamp *stamp) {
  trm__store_checkpoint_plan plan;
  trm_cause before = trm_comm_cause(run->comm, TRM_FOR_CHECKPOINT);
  trm__store_checkpoint_plan_make(run, false, &plan);
  trm__store_stamp_copy(&plan.checkpoint.stamp, stamp);
  char *file = trm__store_name_make(stamp->kernel, stamp->run_id, stamp->step);
  char *path = trm__base_format("%s/%s", s->dir, file);
  trm_status status = ensure_bulk(s, plan.largest);
  if (status == TRM_OK) {
    trm__store_checkpoint_plan_digest(run, &plan);
    status = trm__store_checkpoint_write(s->bulk, &plan, path,
                                         s->want.verify_disk, false);
  }
  if (status == TRM_OK) {
    set_newest(s, path);
    if (run->rank == 0) prune(s, stamp, file);
  }
  free(path);
  free(file);
  trm__store_checkpoint_plan_clear(&plan);
  trm_comm_cause_end(run->comm, before);
  return status;
}

int64_t trm__store_bytes(trm_run *run) {
  trm__store_checkpoint_plan plan;
  trm__store_checkpoint_plan_make(run, false, &plan);
  int64_t total = plan.total;
  trm__store_checkpoint_plan_clear(&plan);
  return total;
}

trm_status trm__store_check_space(trm_run *run, trm__store_archive *s) {
  trm__base_error error = {TRM_OK, ""};
  trm__store_checkpoint_plan plan;
  trm__store_checkpoint_plan_make(run, false, &plan);
  /* While a checkpoint is written there is one more than is kept. Those of a
   * resumed run already take their space. */
  int files = s->want.keep + 1 - s->nnames;
  if (run->rank == 0)
    trm__store_directory_space(s->dir, plan.total, files > 1 ? files : 1,
                               &error);
  trm__store_checkpoint_plan_clear(&plan);
  return trm__comm_agree_on(run, &error);
}
