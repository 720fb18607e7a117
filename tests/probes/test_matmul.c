/* TEST shapes=1x2,3x1,4x2 timeout=150 */
/* C = A B on a 2-D grid of ranks by SUMMA (R. van de Geijn, J. Watts, 1997): a
 * step takes one panel of columns of A and of rows of B, sends it along the
 * rows and columns of the grid, and adds their product, by OpenBLAS, to C. */
#include <trireme/kernel.h>

#include "base/blas.h"
#include "probe.h"

struct options {
  int64_t n, block;
};
struct state {
  const trm_layout *l;
  const trm_comm *row, *column; /* NULL on ranks without a place */
  trm_field *a, *b, *c;
  double *a_panel, *b_panel;
  trm__base_blas blas;
  int64_t n, block;
};

static const trm_option options[] = {
    TRM_OPT(struct options, n, .default_text = "300", .min = 1, .max = 1e5,
            .weak = 1. / 2, .help = "rows and columns of each matrix"),
    TRM_OPT(struct options, block, .default_text = "32", .min = 1, .max = 1024,
            .help = "rows and columns of a block"),
    TRM_OPT_END};

/* Small integers, so that every sum below is exact. */
static double entry(int stream, int64_t n, int64_t i, int64_t j) {
  return (double)(trm_random(1, (uint64_t)stream, (uint64_t)(i * n + j)) % 8);
}

static double a_entry(const int64_t i[], void *s) {
  return entry(1, ((struct state *)s)->n, i[0], i[1]);
}

static double b_entry(const int64_t i[], void *s) {
  return entry(2, ((struct state *)s)->n, i[0], i[1]);
}

static trm_status load_blas(trm_run *run, trm__base_blas *blas) {
  trm__base_error error = {TRM_OK, ""};
  trm_status status = trm__base_blas_load(blas, &error);
  return status ? trm_fail(run, status, "%s", error.text) : TRM_OK;
}

static trm_status setup(trm_run *run, void *state, const void *opts) {
  const struct options *o = opts;
  struct state *s = state;
  trm_dim dim = {.n = o->n, .kind = TRM_CYCLIC, .block = o->block};
  s->n = o->n;
  s->block = o->block;
  TRM_TRY(trm_agree(run, load_blas(run, &s->blas)));
  TRM_TRY(
      trm_layout_new(run, &(trm_plan){.dims = 2, .dim = {dim, dim}}, &s->l));
  TRM_TRY(trm_axis(run, s->l, 0, &s->column));
  TRM_TRY(trm_axis(run, s->l, 1, &s->row));
  TRM_TRY(trm_field_new(run, s->l, "a", TRM_F64, TRM_CONSTANT, &s->a));
  TRM_TRY(trm_field_new(run, s->l, "b", TRM_F64, TRM_CONSTANT, &s->b));
  TRM_TRY(trm_field_new(run, s->l, "c", TRM_F64, TRM_EVOLVING, &s->c));
  trm_field_fill(s->a, a_entry, s);
  trm_field_fill(s->b, b_entry, s);
  int64_t bytes = 8 * o->block;
  void *a, *b;
  trm_status status = trm_alloc(run, "panel of a", s->l->len[0] * bytes, &a);
  if (status == TRM_OK)
    status = trm_alloc(run, "panel of b", s->l->len[1] * bytes, &b);
  if (status == TRM_OK) s->a_panel = a, s->b_panel = b;
  return trm_agree(run, status);
}

/* Columns of A, from k on, to all ranks of this row. */
static void send_columns(struct state *s, int64_t k, int64_t width) {
  const int64_t rows = s->l->len[0], stride = s->l->stride[0];
  const double *a = s->a->data;
  int64_t at = trm_local(s->l, 1, k);
  for (int64_t i = 0; at >= 0 && i < rows; i++)
    for (int64_t j = 0; j < width; j++)
      s->a_panel[i * width + j] = a[i * stride + at + j];
  trm_bcast(s->row, s->a_panel, 8 * rows * width, trm_coord_of(s->l, 1, k));
}

static void send_rows(struct state *s, int64_t k, int64_t width) {
  const int64_t columns = s->l->len[1], at = trm_local(s->l, 0, k);
  const double *b = s->b->data;
  if (at >= 0 && columns)
    memcpy(s->b_panel, b + at * s->l->stride[0],
           sizeof *b * (size_t)(width * columns));
  trm_bcast(s->column, s->b_panel, 8 * width * columns,
            trm_coord_of(s->l, 0, k));
}

static void add_product(trm_run *run, struct state *s, int64_t width) {
  const int m = (int)s->l->len[0], n = (int)s->l->len[1], k = (int)width;
  const double area = (double)m * n;
  if (s->l->count == 0) return;
  TRM_WORK(run, "gemm", 2 * area * k, 16 * area) {
    s->blas.cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, m, n, k, 1,
                        s->a_panel, k, s->b_panel, n, 1, s->c->data, n);
  }
}

static trm_status advance(trm_run *run, void *state, int64_t steps) {
  struct state *s = state;
  for (int64_t panel = run->step; panel < run->step + steps && s->row;
       panel++) {
    int64_t k = panel * s->block;
    int64_t width = s->n - k < s->block ? s->n - k : s->block;
    send_columns(s, k, width);
    send_rows(s, k, width);
    add_product(run, s, width);
  }
  return TRM_OK;
}

static int64_t panels(const void *opts) {
  const struct options *o = opts;
  return (o->n + o->block - 1) / o->block;
}

/* Sums of the rows of C must be A times the sums of the rows of B, exactly. */
static trm_status verify(trm_run *run, void *state, trm_verdict *verdict) {
  struct state *s = state;
  const int64_t n = s->n,
                done = run->step * s->block < n ? run->step * s->block : n;
  double *b_sums = calloc((size_t)n, sizeof *b_sums), wrong = 0;
  for (int64_t k = 0; k < done; k++)
    for (int64_t j = 0; j < n; j++) b_sums[k] += entry(2, n, k, j);
  for (int64_t i = 0; s->row && i < s->l->len[0]; i++) {
    const double *c = (double *)s->c->data + i * s->l->stride[0];
    double sum = 0, want = 0;
    for (int64_t j = 0; j < s->l->len[1]; j++) sum += c[j];
    trm_allreduce(s->row, &sum, 1, TRM_F64, TRM_SUM);
    for (int64_t k = 0; k < done; k++)
      want += entry(1, n, trm_global(s->l, 0, i), k) * b_sums[k];
    wrong += sum != want;
  }
  free(b_sums);
  trm_expect(verdict, "wrong row sums", trm_max(run, wrong), 0, 0);
  return TRM_OK;
}

/* A broadcast along the row and one along the column in each step, of which the
 * ranks that own the panel contribute the bytes. */
static void work(const void *opts, const trm_span *span, trm_work *w) {
  const struct options *o = opts;
  trm_dim dim = {.n = o->n, .kind = TRM_CYCLIC, .block = o->block};
  trm_plan plan = {.dims = 2, .dim = {dim, dim}};
  trm_layout l;
  if (!trm_layout_view(&plan, span->ranks, span->rank, &l)) return;
  if (l.coord[0] < 0) return;
  for (int64_t p = span->first; p < span->first + span->steps; p++) {
    const int64_t at = p * o->block, left = o->n - at;
    const int64_t width = left < o->block ? left : o->block;
    for (int d = 0; d < 2; d++) {
      const int64_t bytes = 8 * width * l.len[d];
      if (!bytes) continue;
      w->calls[TRM_BCAST]++;
      if (p % l.grid[1 - d] == l.coord[1 - d])
        w->call_bytes[TRM_BCAST] += bytes;
    }
  }
  w->updates = span->rank == 0 ? (double)span->steps : 0;
  w->resident_bytes = 24 * (double)l.count;
}

static TRM_KERNEL(matmul) = {.summary = "matrix product by SUMMA",
                             .unit = "panel",
                             .options = options,
                             .options_size = sizeof(struct options),
                             .state_size = sizeof(struct state),
                             .setup = setup,
                             .advance = advance,
                             .verify = verify,
                             .steps = panels,
                             .work = work};

static const trm_listed kernels[] = {TRM_LISTED(matmul), TRM_LIST_END};

int main(int argc, char **argv) {
  PROBE(argc, argv, kernels, "matmul", "--n", "301", "--block", "16");
}
