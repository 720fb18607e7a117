#include "cli/check/differ.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "store/store.h"

typedef struct recording { /* checkpoints, newest first */
  trm__store_checkpoint *list;
  int n;
} recording;

static recording open_recording(const char *dir) {
  recording r = {NULL, 0};
  trm__base_error ignored = {TRM_OK, ""};
  if (trm__store_checkpoints_list(dir, NULL, false, &r.list, &r.n, &ignored))
    r.n = 0;
  return r;
}

static const trm__store_checkpoint *at_step(const recording *r, int64_t step) {
  for (int i = 0; i < r->n; i++)
    if (!r->list[i].error.status && r->list[i].stamp.step == step)
      return &r->list[i];
  return NULL;
}

static bool differs(const trm__store_difference *d) {
  return d->only_a || d->only_b || d->shape || d->differing > 0;
}

static const trm__store_dataset *dataset_of(const trm__store_checkpoint *c,
                                            const char *name) {
  for (int i = 0; i < c->nfields; i++)
    if (!strcmp(c->fields[i].name, name)) return &c->fields[i];
  return NULL;
}

/* Append "7" or "(0, 7)". */
static char *put_index(char *text, const trm__store_dataset *f, int64_t where) {
  int64_t index[TRM_DIMS] = {0};
  for (int d = f->dims - 1; d >= 0; d--) {
    index[d] = where % f->n[d];
    where /= f->n[d];
  }
  for (int d = 0; d < f->dims; d++) {
    char *longer =
        trm__base_format("%s%s%" PRId64 "%s", text,
                         d             ? ", "
                         : f->dims > 1 ? "("
                                       : "",
                         index[d], f->dims > 1 && d == f->dims - 1 ? ")" : "");
    free(text);
    text = longer;
  }
  return text;
}

static char *put(char *text, const char *more) {
  char *longer = trm__base_format("%s%s", text, more);
  free(text);
  return longer;
}

/* "the first 0, 1, 2" */
static char *first_elements(const trm__store_difference *d,
                            const trm__store_dataset *f) {
  char *text = trm__base_strdup("the first ");
  for (int i = 0; i < TRM__STORE_FIRST && i < d->differing; i++) {
    if (i) text = put(text, ", ");
    text = put_index(text, f, d->first[i]);
  }
  return text;
}

static char *explain_values(const trm__store_difference *d,
                            const trm__store_dataset *f, int64_t step) {
  double all = 1;
  for (int i = 0; i < f->dims; i++) all *= (double)f->n[i];
  char *first = first_elements(d, f);
  char *by = isfinite(d->largest)
                 ? trm__base_format("by %.3g at most", d->largest)
                 : trm__base_strdup("NaN or infinity in one of them");
  char *text = trm__base_format("field \"%s\" differs at step %" PRId64
                                " in %" PRId64 " of %.0f elements, %s; %s",
                                d->name, step, d->differing, all, first, by);
  free(first);
  free(by);
  return text;
}

static char *explain(const trm__store_difference *d,
                     const trm__store_checkpoint *a, int64_t step) {
  if (d->only_a || d->only_b)
    return trm__base_format(
        "field \"%s\" is in one of them only at step "
        "%" PRId64,
        d->name, step);
  if (d->shape)
    return trm__base_format("field \"%s\" has another shape at step %" PRId64,
                            d->name, step);
  return explain_values(d, dataset_of(a, d->name), step);
}

/* The first field that differs, and how many more do. */
static char *compare(const trm__store_checkpoint *a,
                     const trm__store_checkpoint *b) {
  trm__store_difference *list = NULL;
  trm__base_error error = {TRM_OK, ""};
  int n = 0, more = -1;
  char *text = NULL;
  if (trm__store_checkpoints_compare(a, b, &list, &n, &error)) {
    free(list);
    return trm__base_strdup(error.text);
  }
  for (int i = 0; i < n; i++) {
    if (!differs(&list[i])) continue;
    if (!text) text = explain(&list[i], a, a->stamp.step);
    more++;
  }
  free(list);
  if (more < 1) return text;
  char *tail = trm__base_format("; %s more differ%s",
                                trm__base_text_count(more, "field").s,
                                more == 1 ? "s" : "");
  text = put(text, tail);
  free(tail);
  return text;
}

char *trm__cli_check_difference(const char *dir_a, const char *dir_b, bool last,
                                int64_t *step) {
  recording a = open_recording(dir_a), b = open_recording(dir_b);
  char *text = NULL;
  for (int i = 0; i < a.n && !text; i++) {
    const trm__store_checkpoint *x = &a.list[last ? i : a.n - 1 - i], *y;
    y = x->error.status ? NULL : at_step(&b, x->stamp.step);
    if (!y) continue;
    text = compare(x, y);
    if (step) *step = x->stamp.step;
    if (last) break;
  }
  trm__store_checkpoints_free(&a.list, a.n);
  trm__store_checkpoints_free(&b.list, b.n);
  return text;
}
