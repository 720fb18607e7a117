#include <trireme/field.h>

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <trireme/redistribute.h>
#include <trireme/work.h>

#include "array/state.h"
#include "array/layout/layout.h"
#include "comm/run.h"

struct trm__array_field {
  trm_field pub;
  char name[64];
  void *memory; /* NULL if this rank owns nothing */
};

static void *data_of(const trm_layout *l, void *memory, trm_type type) {
  return memory ? (char *)memory + l->origin * (int64_t)trm_type_size(type)
                : NULL;
}

static trm_status field_memory(trm_run *run, const trm_layout *l, trm_type type,
                               const char *name, void **memory) {
  *memory = NULL;
  trm_status status = TRM_OK;
  if (l->total)
    status =
        trm_alloc(run, name, l->total * (int64_t)trm_type_size(type), memory);
  status = trm_agree(run, status);
  if (status != TRM_OK) trm_release(run, memory);
  return status;
}

static trm_status check_name(trm_run *run, const char *name) {
  size_t n = strlen(name);
  bool good = n > 0 && n < 64;
  for (size_t i = 0; i < n; i++)
    good = good && (isalnum((unsigned char)name[i]) || strchr("_-", name[i]));
  if (!good)
    return trm_fail(
        run, TRM_EINPUT,
        "field name '%s': expected 1 to 63 characters of A-Za-z0-9_-", name);
  if (trm_field_find(run, name))
    return trm_fail(run, TRM_EINPUT, "field name '%s' is used twice", name);
  return TRM_OK;
}

static void remove_from_list(trm_run *run, const trm_field *f) {
  trm__array_state *own = trm__array_state_of(run);
  int k = 0;
  for (int i = 0; i < own->nfields; i++)
    if (own->fields[i] != f) own->fields[k++] = own->fields[i];
  own->nfields = k;
}

static void field_drop(trm_run *run, void *what) {
  struct trm__array_field *own = what;
  remove_from_list(run, &own->pub);
  trm_release(run, &own->memory);
  trm__array_layout_release(run, own->pub.layout);
  free(own);
}

trm_status trm_field_new(trm_run *run, const trm_layout *layout,
                         const char *name, trm_type type, trm_role role,
                         trm_field **result) {
  *result = NULL;
  TRM_TRY(check_name(run, name));
  struct trm__array_field *own = trm__base_calloc(1, sizeof *own);
  strcpy(own->name, name);
  trm_status status = field_memory(run, layout, type, own->name, &own->memory);
  if (status != TRM_OK) {
    free(own);
    return status;
  }
  own->pub = (trm_field){
      own->name, type, role, layout, data_of(layout, own->memory, type), own};
  trm__array_layout_retain(layout);
  trm__comm_attach(run, own, field_drop);
  trm__array_state *list = trm__array_state_of(run);
  list->fields = trm__base_grow(list->fields, (size_t)list->nfields + 1,
                                sizeof *list->fields);
  list->fields[list->nfields++] = &own->pub;
  *result = &own->pub;
  return TRM_OK;
}

void trm_field_drop(trm_run *run, trm_field **field) {
  if (!*field) return;
  trm__comm_detach(run, (*field)->own);
  field_drop(run, (*field)->own);
  *field = NULL;
}

trm_field *trm_field_find(const trm_run *run, const char *name) {
  const trm__array_state *list = trm__array_state_of(run);
  for (int i = 0; i < list->nfields; i++)
    if (!strcmp(list->fields[i]->name, name)) return list->fields[i];
  return NULL;
}

void trm_swap(trm_field *a, trm_field *b) {
  if (a->layout != b->layout || a->type != b->type) {
    fprintf(
        stderr,
        "%s:%d: trm_swap of %s and %s: must have the same layout and type\n",
        __FILE__, __LINE__, a->name, b->name);
    abort();
  }
  void *data = a->data, *memory = a->own->memory;
  a->data = b->data;
  a->own->memory = b->own->memory;
  b->data = data;
  b->own->memory = memory;
}

/* Give a field new memory, of another layout, and free the old memory. */
static void replace_memory(trm_run *run, trm_field *f, const trm_layout *layout,
                           void *memory) {
  trm__array_layout_retain(layout);
  trm__array_layout_release(run, f->layout);
  trm_release(run, &f->own->memory);
  f->own->memory = memory;
  f->layout = layout;
  f->data = data_of(layout, memory, f->type);
}

trm_status trm_reshape(trm_run *run, trm_field *f, const trm_layout *layout) {
  void *memory;
  TRM_TRY(field_memory(run, layout, f->type, f->name, &memory));
  replace_memory(run, f, layout, memory);
  return TRM_OK;
}

trm_status trm_relayout(trm_run *run, trm_field *f, const trm_layout *layout) {
  void *memory;
  TRM_TRY(field_memory(run, layout, f->type, f->name, &memory));
  trm_field moved = *f;
  moved.layout = layout;
  moved.data = data_of(layout, memory, f->type);
  trm_status status = trm_redistribute(run, f, &moved);
  if (status == TRM_OK)
    replace_memory(run, f, layout, memory);
  else
    trm_release(run, &memory);
  return status;
}

trm_status trm_keep(trm_run *run, const char *name, trm_type type, int64_t n,
                    void *data) {
  trm__array_state *own = trm__array_state_of(run);
  for (int i = 0; i < own->nkept; i++)
    if (!strcmp(own->kept[i].name, name))
      return trm_fail(run, TRM_EINPUT,
                      "name '%s' of a kept array is used twice", name);
  own->kept =
      trm__base_grow(own->kept, (size_t)own->nkept + 1, sizeof *own->kept);
  own->kept[own->nkept++] =
      (trm__array_kept){trm__base_strdup(name), type, n, data};
  return TRM_OK;
}

static void set_element(trm_type type, void *data, int64_t at, double value) {
  switch (type) {
    case TRM_F64:
      ((double *)data)[at] = value;
      break;
    case TRM_F32:
      ((float *)data)[at] = (float)value;
      break;
    case TRM_I64:
      ((int64_t *)data)[at] = (int64_t)value;
      break;
    case TRM_I32:
      ((int32_t *)data)[at] = (int32_t)value;
      break;
    case TRM_U64:
      ((uint64_t *)data)[at] = (uint64_t)value;
      break;
    case TRM_U8:
      ((uint8_t *)data)[at] = (uint8_t)value;
      break;
    default:
      ((double _Complex *)data)[at] = value;
      break;
  }
}

void trm_field_fill(trm_field *f, trm_field_fn fn, void *context) {
  const trm_layout *l = f->layout;
  const int64_t *len = l->len;
  TRM_PARALLEL(l->run, "fill", 0, (double)l->count * 8) {
#pragma omp for schedule(static) nowait
    for (int64_t row = 0; row < len[0] * len[1] * len[2]; row++) {
      int64_t i[TRM_DIMS] = {row / len[2] / len[1], row / len[2] % len[1],
                             row % len[2], 0};
      for (; i[3] < len[3]; i[3]++) {
        int64_t index[TRM_DIMS], at = 0;
        for (int d = 0; d < TRM_DIMS; d++) {
          index[d] = trm_global(l, d, i[d]);
          at += i[d] * l->stride[d];
        }
        set_element(f->type, f->data, at, fn(index, context));
      }
    }
  }
}
