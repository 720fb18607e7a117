/* What a checkpoint will hold. */
#include "array/state.h"
#include "store/file/checkpoint_file.h"

#include <stdlib.h>
#include <string.h>

#include "array/digest.h"
#include "base/memory.h"
#include "comm/run.h"
#include "store/file/header.h"

static const char *const roles[] = {"evolving", "constant", "output",
                                    "scratch"};

static void add(trm__store_checkpoint_plan *plan, const trm__store_dataset *f,
                trm_field *field, const void *kept) {
  trm__store_checkpoint *checkpoint = &plan->checkpoint;
  size_t n = (size_t)checkpoint->nfields + 1;
  checkpoint->fields =
      trm__base_grow(checkpoint->fields, n, sizeof *checkpoint->fields);
  plan->fields = trm__base_grow(plan->fields, n, sizeof *plan->fields);
  plan->kept = trm__base_grow(plan->kept, n, sizeof *plan->kept);
  checkpoint->fields[n - 1] = *f;
  plan->fields[n - 1] = field;
  plan->kept[n - 1] = kept;
  checkpoint->nfields++;
  int64_t bytes = trm__store_dataset_bytes(f);
  plan->total += bytes;
  if (field && bytes > plan->largest) plan->largest = bytes;
}

static void add_field(trm__store_checkpoint_plan *plan, trm_field *field) {
  trm__store_dataset f = {.type = field->type, .dims = field->layout->dims};
  snprintf(f.name, sizeof f.name, "%s", field->name);
  snprintf(f.role, sizeof f.role, "%s", roles[field->role]);
  for (int d = 0; d < TRM_DIMS; d++)
    f.n[d] = d < f.dims ? field->layout->n[d] : 1;
  add(plan, &f, field, NULL);
}

static void add_kept(trm__store_checkpoint_plan *plan,
                     const trm__array_kept *kept) {
  trm__store_dataset f = {.type = kept->type,
                          .dims = 1,
                          .n = {kept->n, 1, 1, 1},
                          .kept = true,
                          .role = "keep"};
  snprintf(f.name, sizeof f.name, "keep/%s", kept->name);
  add(plan, &f, NULL, kept->data);
}

void trm__store_checkpoint_plan_make(trm_run *run, bool output,
                                     trm__store_checkpoint_plan *plan) {
  const trm__array_state *own = trm__array_state_of(run);
  *plan = (trm__store_checkpoint_plan){.checkpoint.output = output};
  for (int i = 0; i < own->nfields; i++) {
    trm_role role = own->fields[i]->role;
    if (output ? role != TRM_SCRATCH : role == TRM_EVOLVING)
      add_field(plan, own->fields[i]);
  }
  for (int i = 0; !output && i < own->nkept; i++) add_kept(plan, &own->kept[i]);
}

void trm__store_checkpoint_plan_clear(trm__store_checkpoint_plan *plan) {
  trm__store_checkpoint_clear(&plan->checkpoint);
  free(plan->fields);
  free(plan->kept);
  *plan = (trm__store_checkpoint_plan){0};
}

/* Rank 0 has and writes the kept arrays. */
void trm__store_checkpoint_plan_digest(trm_run *run,
                                       trm__store_checkpoint_plan *plan) {
  for (int i = 0; i < plan->checkpoint.nfields; i++) {
    trm__store_dataset *f = &plan->checkpoint.fields[i];
    if (plan->fields[i]) {
      f->digest = trm_digest(run, plan->fields[i]);
    } else {
      f->digest = trm__array_digest_run(f->type, plan->kept[i], 1, f->n[0], 0);
      trm_bcast(run->comm, &f->digest, sizeof f->digest, 0);
    }
  }
}

static int by_name(const void *a, const void *b) {
  return strcmp(((const trm__store_dataset *)a)->name,
                ((const trm__store_dataset *)b)->name);
}

uint64_t trm__store_fingerprint(trm_run *run) {
  trm__store_checkpoint_plan plan;
  trm__store_checkpoint_plan_make(run, false, &plan);
  trm__store_checkpoint_plan_digest(run, &plan);
  trm__store_checkpoint *checkpoint = &plan.checkpoint;
  if (checkpoint->nfields)
    qsort(checkpoint->fields, (size_t)checkpoint->nfields,
          sizeof *checkpoint->fields, by_name);
  uint64_t digest = 0;
  for (int i = 0; i < checkpoint->nfields; i++) {
    const trm__store_dataset *f = &checkpoint->fields[i];
    int64_t words[2 + TRM_DIMS + 1] = {f->type, f->dims};
    memcpy(words + 2, f->n, sizeof f->n);
    memcpy(words + 2 + TRM_DIMS, &f->digest, sizeof f->digest);
    digest =
        trm__array_digest_bytes(f->name, (int64_t)strlen(f->name) + 1, digest);
    digest = trm__array_digest_bytes(words, sizeof words, digest);
  }
  trm__store_checkpoint_plan_clear(&plan);
  return digest;
}
