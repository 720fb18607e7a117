/* Reading a checkpoint into the fields of a run. */
#include "array/state.h"
#include "store/file/checkpoint_file.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "array/digest.h"
#include "base/memory.h"
#include "comm/run.h"
#include "store/file/header.h"

void trm__store_checkpoint_bcast(trm_run *run,
                                 trm__store_checkpoint *checkpoint) {
  trm__store_dataset *fields = checkpoint->fields;
  char *options = checkpoint->stamp.options;
  int64_t length = options ? (int64_t)strlen(options) + 1 : 0;
  trm_bcast(run->comm, checkpoint, sizeof *checkpoint, 0);
  trm_bcast(run->comm, &length, sizeof length, 0);
  if (run->rank != 0) {
    fields = trm__base_calloc((size_t)checkpoint->nfields, sizeof *fields);
    options = length ? trm__base_calloc((size_t)length, 1) : NULL;
  }
  trm_bcast(run->comm, fields, checkpoint->nfields * (int64_t)sizeof *fields,
            0);
  trm_bcast(run->comm, options, length, 0);
  checkpoint->fields = fields;
  checkpoint->stamp.options = options;
}

static void shape_text(const trm__store_dataset *f, char *text, size_t size) {
  int used = snprintf(text, size, "%s ", trm_type_name(f->type));
  for (int d = 0; d < f->dims && (size_t)used < size; d++)
    used += snprintf(text + used, size - (size_t)used, "%s%" PRId64,
                     d ? " x " : "", f->n[d]);
}

static trm_status misfit(trm_run *run, const trm__store_checkpoint *checkpoint,
                         const trm__store_dataset *mine,
                         const trm__store_dataset *stored) {
  char there[160], here[160];
  shape_text(stored, there, sizeof there);
  shape_text(mine, here, sizeof here);
  return trm_fail(
      run, TRM_ERESUME,
      "%s: %s is %s in the checkpoint, but %s in this run; resume with the "
      "options of the checkpoint",
      checkpoint->path, mine->name, there, here);
}

/* Lengths may differ only in dimensions cut into slices. */
static bool fits(const trm_field *field, const trm__store_dataset *mine,
                 const trm__store_dataset *stored) {
  if (mine->type != stored->type || mine->dims != stored->dims) return false;
  for (int d = 0; d < mine->dims; d++)
    if (mine->n[d] != stored->n[d] &&
        (!field || field->layout->kind[d] != TRM_SLICES))
      return false;
  return true;
}

/* The run and the checkpoint must have the same fields. */
static trm_status compare(trm_run *run, const trm__store_checkpoint_plan *plan,
                          const trm__store_checkpoint *checkpoint) {
  for (int i = 0; i < plan->checkpoint.nfields; i++) {
    const trm__store_dataset *mine = &plan->checkpoint.fields[i];
    const trm__store_dataset *stored =
        trm__store_dataset_find(checkpoint, mine->name);
    if (!stored)
      return trm_fail(run, TRM_ERESUME,
                      "%s: has no %s, which this run needs; it was written "
                      "by another version of the kernel",
                      checkpoint->path, mine->name);
    if (!fits(plan->fields[i], mine, stored))
      return misfit(run, checkpoint, mine, stored);
  }
  for (int i = 0; i < checkpoint->nfields; i++)
    if (!trm__store_dataset_find(&plan->checkpoint, checkpoint->fields[i].name))
      return trm_fail(run, TRM_ERESUME,
                      "%s: has %s, which this run does not know; it was "
                      "written by another version of the kernel",
                      checkpoint->path, checkpoint->fields[i].name);
  return TRM_OK;
}

/* Fields that share a layout must keep sharing it: some are swapped, or share
 * halos. */
static trm_status reshape_all(trm_run *run, const trm_layout *from,
                              const trm_layout *to) {
  for (int i = 0; i < trm__array_state_of(run)->nfields; i++)
    if (trm__array_state_of(run)->fields[i]->layout == from)
      TRM_TRY(trm_reshape(run, trm__array_state_of(run)->fields[i], to));
  return TRM_OK;
}

/* Give a field in slices its stored length, divided evenly over its ranks. */
static trm_status reshape(trm_run *run, trm_field *field,
                          const trm__store_dataset *stored) {
  const trm_layout *old = field->layout;
  if (!memcmp(old->n, stored->n, (size_t)old->dims * sizeof *old->n))
    return TRM_OK;
  trm_plan plan = trm_layout_plan(old);
  for (int d = 0; d < old->dims; d++) {
    plan.dim[d].n = stored->n[d];
    plan.dim[d].lengths = NULL;
  }
  const trm_layout *even;
  TRM_TRY(trm_layout_new(run, &plan, &even));
  trm_status status = reshape_all(run, old, even);
  trm_layout_drop(run, &even); /* the field holds it */
  return status;
}

static trm_status damaged(trm_run *run, const trm__store_checkpoint *checkpoint,
                          const trm__store_dataset *f) {
  return trm_fail(run, TRM_ECHECKPOINT,
                  "%s: the values of %s are damaged: their digest is not the "
                  "one that was stored",
                  checkpoint->path, f->name);
}

static trm_status restore_field(trm__store_bulk *bulk,
                                const trm__store_checkpoint *checkpoint,
                                const trm__store_dataset *stored,
                                trm_field *field) {
  trm_run *run = trm__store_bulk_run(bulk);
  TRM_TRY(reshape(run, field, stored));
  trm_status status =
      trm__store_bulk_read(bulk, checkpoint->path, stored, field);
  if (status == TRM_EFILE)
    status = TRM_ECHECKPOINT; /* an older checkpoint may be valid */
  TRM_TRY(status);
  if (trm_digest(run, field) == stored->digest) return TRM_OK;
  return trm_agree(run, damaged(run, checkpoint, stored));
}

/* Rank 0 reads and broadcasts. */
static trm_status restore_kept(trm_run *run,
                               const trm__store_checkpoint *checkpoint,
                               const trm__store_dataset *stored, void *data) {
  trm__base_error error = {TRM_OK, ""};
  trm__store_source source;
  trm__store_transfer job = {0};
  if (run->rank == 0) {
    if (trm__store_source_open(&source, checkpoint->path, stored, NULL, "read",
                               &error) == TRM_OK) {
      trm__store_source_start(&source, 0, stored->n[0], data, &job);
      trm__store_transfer_finish(&job);
      error = job.error;
    }
    trm__store_source_close(&source);
    if (error.status)
      trm_fail(run, TRM_ECHECKPOINT, "%s", error.text);
    else if (trm__array_digest_run(stored->type, data, 1, stored->n[0], 0) !=
             stored->digest)
      error.status = damaged(run, checkpoint, stored);
  }
  TRM_TRY(trm_agree(run, error.status ? TRM_ECHECKPOINT : TRM_OK));
  trm_bcast(run->comm, data, trm__store_dataset_bytes(stored), 0);
  return TRM_OK;
}

trm_status trm__store_checkpoint_restore(
    trm__store_bulk *bulk, const trm__store_checkpoint *checkpoint) {
  trm_run *run = trm__store_bulk_run(bulk);
  trm__store_checkpoint_plan plan;
  trm__store_checkpoint_plan_make(run, false, &plan);
  trm_status status = compare(run, &plan, checkpoint);
  for (int i = 0; status == TRM_OK && i < plan.checkpoint.nfields; i++) {
    const trm__store_dataset *stored =
        trm__store_dataset_find(checkpoint, plan.checkpoint.fields[i].name);
    if (plan.fields[i])
      status = restore_field(bulk, checkpoint, stored, plan.fields[i]);
    else
      status = restore_kept(run, checkpoint, stored, (void *)plan.kept[i]);
  }
  trm__store_checkpoint_plan_clear(&plan);
  return status;
}
