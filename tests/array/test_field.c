/* TEST ranks=13 threads=1,2 split */
/* Fields: declared, filled, swapped, moved to other layouts, given back. */
#include <complex.h>

#include <trireme/kernel.h>

#include "plans.h"

static double value(const int64_t index[], void *context) {
  double v = *(double *)context;
  for (int d = 0; d < TRM_DIMS; d++) v = v * 3 + (double)index[d];
  return fmod(v, 251);
}

static double get(const trm_field *f, int64_t at) {
  switch (f->type) {
    case TRM_F64:
      return ((double *)f->data)[at];
    case TRM_F32:
      return ((float *)f->data)[at];
    case TRM_I64:
      return (double)((int64_t *)f->data)[at];
    case TRM_I32:
      return ((int32_t *)f->data)[at];
    case TRM_U64:
      return (double)((uint64_t *)f->data)[at];
    case TRM_U8:
      return ((uint8_t *)f->data)[at];
    default:
      return creal(((double _Complex *)f->data)[at]);
  }
}

/* Owned elements hold value(), everything else in memory is 0. */
static void check_values(const trm_field *f, double start, bool zero) {
  const trm_layout *l = f->layout;
  int64_t index[TRM_DIMS] = {0}, nonzero = 0;
  bool more = volume(l->n) > 0;
  for (; more && l->count; more = next_index(l->n, index)) {
    int64_t at = element_at(l, index);
    if (at < 0) continue;
    double want = zero ? 0 : value(index, &start);
    CHECK_SAME(get(f, at - l->origin), want);
    nonzero += want != 0;
  }
  for (int64_t i = 0; i < l->total; i++) nonzero -= get(f, i - l->origin) != 0;
  CHECK_INT(nonzero, 0);
}

/* All types on random layouts, with values that fit into a byte. */
static void types(trm_run *run) {
  dice d = {.seed = 11 + (uint64_t)run->ranks};
  for (int k = 0; k < 4 * TRM_TYPE_COUNT; k++) {
    int64_t n[TRM_DIMS], before = trm_memory_now(run);
    double start = 1;
    random_plan p;
    const trm_layout *l;
    trm_field *f;
    int dims = 1 + (int)roll(&d, 4);
    roll_shape(&d, dims, dims == 1 ? 60 : 6, n);
    roll_plan(&d, dims, n, 2, run->ranks, &p);
    CHECK_OK(run, trm_layout_new(run, &p.plan, &l));
    CHECK_OK(run, trm_field_new(run, l, "f", (trm_type)(k % TRM_TYPE_COUNT),
                                TRM_OUTPUT, &f));
    CHECK(f->layout == l && f->role == TRM_OUTPUT && !strcmp(f->name, "f"));
    CHECK((f->data != NULL) == (l->count > 0));
    check_values(f, 0, true);
    trm_field_fill(f, value, &start);
    check_values(f, 1, false);
    trm_layout_drop(run, &l); /* the field holds it */
    check_values(f, 1, false);
    trm_field_drop(run, &f);
    CHECK(f == NULL);
    CHECK_INT(trm_memory_now(run), before);
  }
}

static void names(trm_run *run) {
  const trm_layout *l;
  trm_field *f = NULL, *g;
  CHECK_OK(run, trm_grid(run, 1, (int64_t[]){9}, 0, NULL, &l));
  const char *bad[] = {
      "", "a b", "a/b", "\xc3\xa4",
      "0123456789012345678901234567890123456789012345678901234567890123"};
  for (int i = 0; i < 5; i++) {
    CHECK_STATUS(trm_field_new(run, l, bad[i], TRM_F64, TRM_SCRATCH, &f),
                 TRM_EINPUT);
    CHECK(f == NULL && strstr(trm_message(run), bad[i]));
    trm_agree(run, TRM_OK);
  }
  CHECK_OK(run, trm_field_new(run, l, "a-Z_09", TRM_F64, TRM_SCRATCH, &f));
  CHECK_STATUS(trm_field_new(run, l, "a-Z_09", TRM_F64, TRM_SCRATCH, &g),
               TRM_EINPUT);
  CHECK_TEXT(trm_message(run), "field name 'a-Z_09' is used twice");
  trm_agree(run, TRM_OK);
  CHECK(trm_field_find(run, "a-Z_09") == f && !trm_field_find(run, "a-Z"));
  trm_field_drop(run, &f);
  CHECK(!trm_field_find(run, "a-Z_09"));
  trm_field_drop(run, &f);
  double x = 0;
  CHECK_OK(run, trm_keep(run, "time", TRM_F64, 1, &x));
  CHECK_STATUS(trm_keep(run, "time", TRM_F64, 1, &x), TRM_EINPUT);
  CHECK_TEXT(trm_message(run), "name 'time' of a kept array is used twice");
  trm_agree(run, TRM_OK);
}

static void swapped(trm_run *run) {
  const trm_layout *l;
  trm_field *a, *b;
  CHECK_OK(run, trm_grid(run, 2, (int64_t[]){9, 7}, 1, NULL, &l));
  CHECK_OK(run, trm_field_new(run, l, "a", TRM_F64, TRM_EVOLVING, &a));
  CHECK_OK(run, trm_field_new(run, l, "b", TRM_F64, TRM_SCRATCH, &b));
  trm_field_fill(a, value, &(double){5});
  trm_field_fill(b, value, &(double){7});
  trm_swap(a, b);
  check_values(a, 7, false);
  check_values(b, 5, false);
  CHECK(a->role == TRM_EVOLVING && !strcmp(a->name, "a"));
  trm_field_drop(run, &a);
  check_values(b, 5, false);
  trm_field_drop(run, &b);
  trm_layout_drop(run, &l);
}

static void moved(trm_run *run) {
  dice d = {.seed = 23 + (uint64_t)run->ranks};
  int64_t n[TRM_DIMS] = {7, 6, 5, 1};
  random_plan p;
  const trm_layout *l;
  trm_field *f;
  roll_plan(&d, 3, n, 2, run->ranks, &p);
  CHECK_OK(run, trm_layout_new(run, &p.plan, &l));
  CHECK_OK(run, trm_field_new(run, l, "f", TRM_I32, TRM_EVOLVING, &f));
  trm_field_fill(f, value, &(double){2});
  for (int k = 0; k < 8; k++) {
    if (k % 2) trm_layout_drop(run, &l); /* before or after the move */
    const trm_layout *old = l;
    roll_plan(&d, 3, n, 2, run->ranks, &p);
    CHECK_OK(run, trm_layout_new(run, &p.plan, &l));
    CHECK_OK(run, trm_relayout(run, f, l));
    trm_layout_drop(run, &old);
    CHECK(f->layout == l && trm_field_find(run, "f") == f);
    check_values(f, 2, false);
  }
  CHECK_OK(run, trm_relayout(run, f, l)); /* to where it is */
  check_values(f, 2, false);
  const trm_layout *other;
  CHECK_OK(run, trm_grid(run, 2, (int64_t[]){4, 9}, 1, NULL, &other));
  CHECK_STATUS(trm_relayout(run, f, other), TRM_EINPUT);
  trm_agree(run, TRM_OK);
  check_values(f, 2, false);
  CHECK_OK(run, trm_reshape(run, f, other));
  check_values(f, 0, true);
  CHECK(f->layout == other && f->type == TRM_I32 && f->role == TRM_EVOLVING);
  trm_layout_drop(run, &l);
  trm_layout_drop(run, &other);
  trm_field_drop(run, &f);
}

/* One rank wants too much: all of them hear of it. */
static void no_memory(trm_run *run) {
  const trm_layout *l;
  trm_field *f;
  int last = run->ranks - 1;
  int64_t before = trm_memory_now(run);
  CHECK_OK(run, trm_slices(run, run->rank == last ? (int64_t)1 << 50 : 10, &l));
  CHECK_STATUS(trm_field_new(run, l, "huge", TRM_F64, TRM_SCRATCH, &f),
               TRM_EMEMORY);
  char want[64];
  snprintf(want, sizeof want, "huge: no memory for 8388608.000 GiB on rank %d",
           last);
  CHECK(f == NULL && strstr(trm_message(run), want) == trm_message(run));
  CHECK(!trm_field_find(run, "huge"));
  CHECK_INT(trm_memory_now(run), before);
  trm_layout_drop(run, &l);
}

/* What is left for the run to free, in an order that invites mistakes: a field
 * that is older than its layout, swapped memory, axes, a halo. */
static void left_behind(trm_run *outer) {
  trm_run *run;
  const trm_layout *old, *young, *dropped;
  const trm_comm *axis;
  trm_field *a, *b;
  CHECK_STATUS(trm_run_new(outer->comm->mpi, 1, 1, &run), TRM_OK);
  int64_t n[] = {9, 8};
  CHECK_OK(run, trm_grid(run, 2, n, 0, NULL, &old));
  CHECK_OK(run, trm_field_new(run, old, "a", TRM_F64, TRM_EVOLVING, &a));
  CHECK_OK(run, trm_field_new(run, old, "b", TRM_F64, TRM_EVOLVING, &b));
  trm_swap(a, b);
  trm_field_drop(run, &b);
  CHECK_OK(run, trm_grid(run, 2, n, 1, (bool[]){true, true}, &young));
  CHECK_OK(run, trm_relayout(run, a, young));
  CHECK_OK(run, trm_axis(run, young, 0, &axis));
  CHECK_OK(run, trm_halo_fill(run, TRM_BOX, 1, &a));
  CHECK_OK(run, trm_grid(run, 2, n, 1, NULL, &dropped));
  CHECK_OK(run, trm_field_new(run, dropped, "c", TRM_F32, TRM_SCRATCH, &b));
  trm_layout_drop(run, &dropped);
  trm_run_free(&run);
}

static void test(trm_run *run) {
  names(run);
  int64_t before = trm_memory_now(run);
  swapped(run);
  CHECK_INT(trm_memory_now(run), before);
  types(run);
  moved(run);
  no_memory(run);
  left_behind(run);
}

int main(int argc, char **argv) {
  return check_mpi(argc, argv, test);
}
