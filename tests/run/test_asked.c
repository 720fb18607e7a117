/* TEST kernels timeout=120 */
/* Estimates for many ranks: of each kernel, the classes of ranks that its plan makes
 * have the work of all ranks, one by one; and what is asked of more than 4096. */
#include "check.h"

#include "run/setup/asked.h"
#include "run/setup/command.h"
#include "run/setup/estimate.h"

#define X(name) extern const trm_kernel trm_kernel_##name;
KERNELS
#undef X
#define X(name) TRM_LISTED(name),
static const trm_listed kernels[] = {KERNELS TRM_LIST_END};

enum { FIGURES = 9, MOST = 4096 };

typedef struct share {
  double figure[FIGURES];
} share;

static int by_figures(const void *a, const void *b) {
  return memcmp(a, b, sizeof(share));
}

static share share_of(const trm__run_command *c, int ranks, int rank) {
  trm_span span = {ranks, rank, 2, 0, 3, NULL};
  trm_work w = {.updates = 0};
  c->kernel->work(c->options->values, &span, &w);
  return (share){{w.updates, w.flops, w.read_bytes, w.write_bytes,
                  w.resident_bytes, w.streamed_bytes, w.single,
                  (double)w.messages, (double)w.message_bytes}};
}

static trm_plan plan_of(const trm__run_command *c, int ranks) {
  trm_plan plan = {0};
  c->kernel->plan(c->options->values, ranks, &plan);
  return plan;
}

/* As many ranks have each share as the classes say. */
static void check_classes(const trm__run_command *c, int ranks) {
  static share each[MOST], all[MOST];
  trm__array_rank_class *classes;
  trm_plan plan = plan_of(c, ranks);
  int n = trm__array_rank_classes(&plan, ranks, &classes), at = 0;
  CHECK(n >= 1 && n <= ranks);
  for (int r = 0; r < ranks; r++) all[r] = share_of(c, ranks, r);
  for (int i = 0; i < n; i++)
    for (int k = 0; k < classes[i].count && at < ranks; k++)
      each[at++] = all[classes[i].rank];
  CHECK_INT(at, ranks);
  qsort(all, (size_t)ranks, sizeof *all, by_figures);
  qsort(each, (size_t)ranks, sizeof *each, by_figures);
  CHECK(!memcmp(all, each, sizeof *all * (size_t)ranks));
  free(classes);
}

static int64_t counted(int n, const trm__array_rank_class list[], int ranks) {
  int64_t sum = 0;
  for (int i = 0; i < n; i++) {
    sum += list[i].count;
    CHECK(list[i].count >= 1 && list[i].rank >= 0 && list[i].rank < ranks);
    if (i > 0 && list[i].count == 1) continue;
    CHECK(i == 0 || n == 1 || list[i].rank != list[i - 1].rank);
  }
  return sum;
}

/* Few of very many are asked, and they stand for all. */
static void check_many(const trm__run_command *c, int ranks) {
  trm__array_rank_class *classes;
  int n = trm__run_asked_ranks(c->kernel, c->options->values, ranks, MOST,
                               &classes);
  CHECK(n >= 1 && n <= 513);
  CHECK_INT(counted(n, classes, ranks), ranks);
  free(classes);
}

/* The estimate of a job is that of asking everyone: above 4096 as well. */
static void check_need(const trm__run_command *c, int ranks) {
  trm__run_estimate n =
      trm__run_estimate_of(c, ranks, 2, &(trm__run_hosts){0}, NULL);
  double resident = 0, busiest = 0, updates = 0;
  for (int r = 0; r < ranks; r++) {
    share s = share_of(c, ranks, r);
    resident = fmax(resident, s.figure[4]);
    busiest = fmax(busiest, s.figure[0]);
    updates += s.figure[0];
  }
  CHECK_NEAR(n.resident, resident, 0);
  CHECK_NEAR(n.imbalance, busiest * ranks / updates, 1e-12 * n.imbalance);
}

static void check_command(const trm_listed *listed, int words, char **word) {
  const int few[] = {41, 64, 97, 210, 512, 1000, 1021, 2310, 4096},
            many[] = {4097, 64000, 999983, 1000000, 1000003, 100000000};
  trm__run_command c = {.name = NULL};
  trm__base_error error = {TRM_OK, ""};
  trm__run_command_options(&c, listed);
  CHECK_INT(trm__base_options_args(c.options, words, word, &error), TRM_OK);
  CHECK_TEXT(error.text, "");
  for (int ranks = 1; ranks <= 40; ranks++) check_classes(&c, ranks);
  for (int i = 0; i < 9; i++) check_classes(&c, few[i]);
  for (int i = 0; i < 6; i++) check_many(&c, many[i]);
  check_need(&c, 1009);
  check_need(&c, 5003);
  trm__run_command_clear(&c);
}

static void check_kernels(void) {
  int planned = 0;
  for (const trm_listed *k = kernels; k->name; k++) {
    if (!k->kernel->plan) continue;
    planned++;
    check_command(k, 0, NULL);
  }
  CHECK(planned >= 3); /* heat, nbody, triad */
}

static void check_words(const char *kernel, int words, char **word) {
  trm__base_error error = {TRM_OK, ""};
  const trm_listed *listed = trm__run_kernel_find(kernels, kernel, &error);
  CHECK(listed != NULL);
  if (listed) check_command(listed, words, word);
}

/* -- without a plan -------------------------------------------------------- */

static void check_sample(int ranks, int most) {
  trm__array_rank_class *list;
  int n = trm__run_asked_sample(ranks, most, &list);
  CHECK_INT(n, ranks < most ? ranks : most);
  CHECK_INT(counted(n, list, ranks), ranks);
  CHECK_INT(list[0].rank, 0);
  CHECK_INT(list[n - 1].rank, ranks - 1);
  for (int i = 1; i < n; i++) CHECK(list[i].rank > list[i - 1].rank);
  free(list);
}

/* Of more than 4096 ranks, a sample, which is said: the first ranks are among it,
 * which have the most, and the mean is nearly that of all. */
static void check_without_plan(void) {
  trm_kernel heat = trm_kernel_heat;
  trm_listed listed = {"heat", &heat, sizeof heat};
  trm__run_command c = {.name = NULL};
  trm__base_error error = {TRM_OK, ""};
  trm__run_command_options(&c, &listed);
  char *word[] = {"--n", "301"};
  CHECK_INT(trm__base_options_args(c.options, 2, word, &error), TRM_OK);
  trm__run_estimate all =
      trm__run_estimate_of(&c, 50000, 1, &(trm__run_hosts){0}, NULL);
  CHECK_INT(all.sampled, 0);
  heat.plan = NULL;
  trm__run_estimate some =
      trm__run_estimate_of(&c, 50000, 1, &(trm__run_hosts){0}, NULL);
  CHECK_INT(some.sampled, MOST);
  CHECK_NEAR(some.resident, all.resident, 0);
  CHECK_NEAR(some.imbalance, all.imbalance, 0.01 * all.imbalance);
  some = trm__run_estimate_of(&c, MOST, 1, &(trm__run_hosts){0}, NULL);
  CHECK_INT(some.sampled, 0);
  trm__run_command_clear(&c);
}

/* -- layouts that kernels may have ----------------------------------------- */

static void classes_of(const trm_plan *plan, int ranks, int want) {
  trm__array_rank_class *list;
  int n = trm__array_rank_classes(plan, ranks, &list);
  CHECK_INT(n, want);
  if (n > 0) CHECK_INT(counted(n, list, ranks), ranks);
  free(list);
}

static void layouts(void) {
  const int64_t lengths[] = {7, 7, 7, 7, 7, 7, 7, 5, 5, 5, 5, 5, 5};
  const int map[] = {4, 3, 2};
  trm_plan p = trm_grid_plan(1, (int64_t[]){1000000}, 1, NULL);
  classes_of(&p, 1000000, 5); /* 0, 1, between, the last two */
  p.dim[0].n = 1000003;
  classes_of(&p, 999999,
             8); /* 0 to 3 are longer: 0 1 2 3 4 5-.. and the last two */
  p.dim[0].n = 1000000;
  p.dim[0].grid = 10;
  classes_of(&p, 1000000, 6);
  p = (trm_plan){
      .dims = 1,
      .dim = {{.n = 79, .kind = TRM_SLICES, .lengths = lengths, .grid = 13}}};
  classes_of(&p, 13, 8); /* 0 1 2-5 6 7 8-10 11 12 */
  p.dim[0] = (trm_dim){.n = 100053, .kind = TRM_CYCLIC, .block = 10};
  classes_of(&p, 1000,
             9); /* 5 has a part of a block: 0 1 2-3 4 5 6 7-997 998 999 */
  p = (trm_plan){.dims = 1, .dim = {{.n = 30, .grid = 3}}, .map = map};
  classes_of(&p, 6, 4);
  p.dim[0].grid = 7;
  p.map = NULL;
  classes_of(&p, 6, 0); /* no such layout */
}

int main(void) {
  check_kernels();
  check_words("heat", 4, (char *[]){"--n", "200", "--walls", "xz"});
  check_words("heat", 6,
              (char *[]){"--nx", "3001", "--ny", "1000", "--nz", "-1"});
  check_words("nbody", 2, (char *[]){"--n", "100003"});
  check_words("triad", 2, (char *[]){"--n", "10007"});
  layouts();
  check_without_plan();
  const int ranks[] = {1, 2, 4, 5, 16, 17, 4097, 65536, 1000003, 2147483647};
  for (int i = 0; i < 10; i++) {
    check_sample(ranks[i], 16);
    check_sample(ranks[i], 4096);
  }
  return check_done();
}
