/* Pathologies that are planted with real work, sleeps and messages, and the name
 * that the verdict gives them. A program with kernels of its own:
 *
 *   mpirun -n RANKS bench_verdict run KERNEL --result FILE
 *   bench_verdict trim [asleep] FILE     what the verdict reads of its results, of
 *                                        the fastest of each configuration
 *   bench_verdict judge FILE             name and text of the verdict
 *
 * asleep: the work was slept through, which needs no core: those of its results that
 * had more ranks than cores count as measured. Driven by verdict.sh. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <trireme/kernel.h>

#include "../tests/study/recorded.h"
#include "study/verdict/verdict.h"

/* -- what all have in common ----------------------------------------------- */

static const double UNIT = 0.04; /* seconds of one step on one core */
enum { TAG = 7, SMALL = 2, MESSAGES = 2000, REDUCTIONS = 400, UNITS = 10 };

typedef struct options {
  int64_t n;
} options;

typedef struct state {
  trm_field *u, *next;
} state;

static const trm_option table[] = {
    TRM_OPT(options, n, .default_text = "1000000", .unit = "elements", .min = 1,
            .max = 1e9, .weak = 1, .help = "length of the array"),
    TRM_OPT_END};

static double identity(const int64_t index[], void *none) {
  (void)none;
  return (double)index[0];
}

static trm_status setup(trm_run *run, void *memory, const void *opts) {
  const options *o = opts;
  state *s = memory;
  const trm_layout *line;
  TRM_TRY(trm_grid(run, 1, &o->n, 0, NULL, &line));
  TRM_TRY(trm_field_new(run, line, "u", TRM_F64, TRM_EVOLVING, &s->u));
  TRM_TRY(trm_field_new(run, line, "next", TRM_F64, TRM_SCRATCH, &s->next));
  trm_field_fill(s->u, identity, NULL);
  return TRM_OK;
}

static trm_status verify(trm_run *run, void *memory, trm_verdict *verdict) {
  state *s = memory;
  trm_field_fill(s->next, identity, NULL);
  trm_expect(verdict, "wrong elements", trm_differing(run, s->u, s->next), 0,
             0);
  return TRM_OK;
}

static void rest(double seconds) {
  time_t whole = (time_t)seconds;
  nanosleep(&(struct timespec){whole, (long)(1e9 * (seconds - (double)whole))},
            NULL);
}

/* Every thread works so long; flops are as many for as much work. */
static void sleep_at(trm_run *run, const char *site, double seconds,
                     double flops) {
  TRM_PARALLEL(run, site, flops, 0) rest(seconds);
}

/* A chain of dependent operations that no compiler shortens; as long as `seconds`
 * on a core of its own, longer where the core is shared. */
static double spin(double operations) {
  double x = 1;
  for (int64_t i = 0; i < (int64_t)operations; i++) x = x * 0.999999 + 1e-7;
  return x;
}

static void work_at(trm_run *run, const char *site, double operations) {
  static const double never = -1;
  TRM_PARALLEL(run, site, 2 * operations, 0)
  if (spin(operations / run->threads) == never) abort();
}

static double part(const trm_run *run) {
  return UNIT / run->ranks / run->threads;
}

/* -- a step of each --------------------------------------------------------- */

static void good(trm_run *run, state *s) {
  (void)s;
  sleep_at(run, "work", part(run), 1e6 / run->ranks);
  trm_barrier(run->comm);
}

static void slow_rank(trm_run *run, state *s) {
  (void)s;
  bool slow = run->ranks > 1 && run->rank == run->ranks / 2;
  sleep_at(run, "work", part(run) * (slow ? 1.6 : 1), 1e6 / run->ranks);
  trm_barrier(run->comm);
}

static void serial(trm_run *run, state *s) {
  double sum = 0;
  (void)s;
  if (run->rank == 0) TRM_WORK(run, "sum", 1e5, 0) rest(UNIT / 4);
  trm_bcast(run->comm, &sum, sizeof sum, 0);
  sleep_at(run, "work", part(run), 1e6 / run->ranks);
  trm_barrier(run->comm);
}

/* Each sends to the next rank, a pair of doubles at a time. */
static void tiny_messages(trm_run *run, state *s) {
  const trm_comm *comm = run->comm;
  int to = (run->rank + 1) % run->ranks,
      from = (run->rank + run->ranks - 1) % run->ranks;
  double pair[SMALL] = {0}, got[SMALL];
  (void)s;
  work_at(run, "work", 1e6 / run->ranks);
  for (int i = 0; run->ranks > 1 && i < MESSAGES; i++)
    trm_sendrecv(comm, pair, sizeof pair, to, got, sizeof got, from, TAG);
}

static void reductions(trm_run *run, state *s) {
  double sum = 1;
  (void)s;
  for (int i = 0; i < REDUCTIONS; i++) {
    work_at(run, "work", 2e3 / run->ranks);
    trm_allreduce(run->comm, &sum, 1, TRM_F64, TRM_MAX);
  }
}

static void compute(trm_run *run, state *s) {
  (void)s;
  work_at(run, "work", 4e6 / run->ranks);
  trm_barrier(run->comm);
}

/* As much work by count, dearer on the later ranks, the more so the more there
 * are. */
static void imbalance(trm_run *run, state *s) {
  (void)s;
  double dearer = 1 + 0.3 * run->rank;
  sleep_at(run, "work", part(run) * dearer, 1e6 / run->ranks);
  trm_barrier(run->comm);
}

/* Ten units on all ranks. */
static void division(trm_run *run, state *s) {
  double units = (double)s->u->layout->count;
  sleep_at(run, "work", units * UNIT / UNITS, 1e5 * units);
  trm_barrier(run->comm);
}

static void stream(trm_run *run, state *s) {
  const int64_t n = s->u->layout->count;
  double *u = s->u->data, *next = s->next->data;
  TRM_PARALLEL(run, "copy", (double)n, 16.0 * (double)n) {
#pragma omp for simd nowait
    for (int64_t i = 0; i < n; i++) next[i] = 1.0 * u[i];
  }
  trm_swap(s->u, s->next);
}

/* -- kernels ---------------------------------------------------------------- */

#define PLANT(name, step)                                                  \
  static trm_status name##_advance(trm_run *run, void *s, int64_t steps) { \
    for (int64_t k = 0; k < steps; k++) step(run, s);                      \
    return TRM_OK;                                                         \
  }                                                                        \
  TRM_KERNEL(name) = {.summary = #name,                                    \
                      .unit = "element",                                   \
                      .options = table,                                    \
                      .options_size = sizeof(options),                     \
                      .state_size = sizeof(state),                         \
                      .setup = setup,                                      \
                      .advance = name##_advance,                           \
                      .verify = verify}

PLANT(good, good);
PLANT(slow_rank, slow_rank);
PLANT(serial, serial);
PLANT(small_messages, tiny_messages);
PLANT(latency, reductions);
PLANT(compute, compute);
PLANT(imbalance, imbalance);
PLANT(division, division);
PLANT(memory, stream);

static const trm_listed kernels[] = {
    TRM_LISTED(good),      TRM_LISTED(slow_rank),
    TRM_LISTED(serial),    TRM_LISTED(small_messages),
    TRM_LISTED(latency),   TRM_LISTED(compute),
    TRM_LISTED(imbalance), TRM_LISTED(division),
    TRM_LISTED(memory),    TRM_LIST_END};

/* -- results ---------------------------------------------------------------- */

/* What no verdict reads. */
static const char *const dropped[] = {"sketch", "checks",  "counted",
                                      "build",  "run_id",  "seed",
                                      "gauges", "written", "rate"};

/* Of the options the size alone. */
static void keep_size(cJSON *result) {
  double n =
      trm__base_json_f64_at(trm__base_json_at(result, "options"), "n", 0);
  cJSON *size = cJSON_CreateObject();
  cJSON_AddNumberToObject(size, "n", n);
  cJSON_ReplaceItemInObjectCaseSensitive(result, "options", size);
}

static void wake(cJSON *result) {
  const cJSON *found = cJSON_GetObjectItemCaseSensitive(result, "doctor");
  if (cJSON_GetArraySize(found) > 1) return;
  cJSON_ReplaceItemInObjectCaseSensitive(result, "origin",
                                         cJSON_CreateString("measured"));
  cJSON_ReplaceItemInObjectCaseSensitive(result, "doctor", cJSON_CreateArray());
}

/* Six digits are enough. */
static void shorten(cJSON *json) {
  for (cJSON *item = json->child; item; item = item->next) shorten(item);
  if (!cJSON_IsNumber(json)) return;
  char text[32];
  snprintf(text, sizeof text, "%.6g", json->valuedouble);
  cJSON_SetNumberValue(json, atof(text));
}

static double advanced(const cJSON *result) {
  const cJSON *seconds = cJSON_GetObjectItemCaseSensitive(result, "seconds");
  return trm__base_json_f64_at(seconds, "advance", 0);
}

/* The least disturbed launch of a configuration. */
static cJSON *fastest(const trm__study *s, int config) {
  cJSON *best = NULL;
  for (int i = 0; i < s->launches; i++) {
    cJSON *result = s->launch[i].result;
    if (s->launch[i].config != config) continue;
    if (!best || advanced(result) < advanced(best)) best = result;
  }
  return best;
}

static int trim(const char *path, bool asleep) {
  trm__study s = recorded_study(path, TRM__MODE_STRONG);
  for (int i = 0; i < s.configs; i++) {
    cJSON *result = fastest(&s, i);
    for (size_t k = 0; k < sizeof dropped / sizeof *dropped; k++)
      cJSON_DeleteItemFromObjectCaseSensitive(result, dropped[k]);
    keep_size(result);
    if (asleep) wake(result);
    shorten(result);
    char *line = trm__base_json_line(result);
    puts(line);
    free(line);
  }
  trm__study_clear(&s);
  return 0;
}

static int judge(const char *path) {
  trm__study s = recorded_study(path, TRM__MODE_STRONG);
  trm__study_points points = trm__study_points_of(&s);
  trm__study_verdict j = trm__study_judge(&s, &points, 0);
  printf("%s\n%s\n", trm__study_limiter_name[j.limit], j.text);
  trm__study_verdict_clear(&j);
  trm__study_points_clear(&points);
  trm__study_clear(&s);
  return 0;
}

int main(int argc, char **argv) {
  if (argc > 2 && !strcmp(argv[1], "trim"))
    return trim(argv[argc - 1], argc > 3 && !strcmp(argv[2], "asleep"));
  if (argc == 3 && !strcmp(argv[1], "judge")) return judge(argv[2]);
  return trm_main(argc, argv, kernels);
}
