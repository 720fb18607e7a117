/* TEST ranks=1,2,3 threads=1,2 */
/* What is timed does what it says: sweeps write what they must, all of it and
 * nothing else; reading sees every byte; sums of products come out right. */
#include "check_mpi.h"
#include "host/machine/machine.h"

/* Every bit of every length counts. */
static void test_reading(trm_run *run) {
  enum { BLOCKS = 37 };
  void *memory;
  CHECK_OK(run, trm_alloc(run, "blocks", BLOCKS * 64, &memory));
  uint64_t *word = memory;
  for (int i = 0; i < BLOCKS * 8; i++) word[i] = 0;
  for (int n = 1; n <= BLOCKS; n++) {
    CHECK_HEX(trm__host_read_blocks(memory, n), 0);
    for (int at = 0; at < BLOCKS * 8; at++) {
      word[at] = 0x8000000000000001u;
      CHECK_HEX(trm__host_read_blocks(memory, n), at < 8 * n ? word[at] : 0);
      word[at] = 0;
    }
  }
}

static void check_sweep(trm__host_stage *stage, trm__host_arrays *s, int kind,
                        int64_t n) {
  const double c = kind >= TRM__TRIAD ? 3 : 0;
  const bool writes = kind != TRM__READ;
  int64_t wrong = 0;
  s->kind = (trm__host_sweep_kind)kind;
  s->now = n;
  for (int64_t i = 0; i < s->alone; i++) s->a[i] = -1;
  trm__host_arrays_sweep(stage, s, stage->run->threads);
  for (int64_t i = 0; i < s->alone; i++) {
    double want = writes && i < n ? s->b[i] + c * s->c[i] : -1;
    wrong += s->a[i] != want;
  }
  CHECK_INT(wrong, 0);
}

static void test_sweeps(trm_run *run, trm__host_stage *stage) {
  trm__host_arrays s;
  const int64_t block = TRM__SWEEP_BLOCK;
  CHECK_OK(run, trm__host_arrays_new(stage, 100e3 * run->ranks, 300e3, &s));
  CHECK(s.n * 8 <= 100000 && s.n * 8 > 100000 - 8 * block);
  CHECK(stage->leader ? s.alone > 2 * s.n : s.alone == s.n);
  for (int64_t i = 0; i < s.alone; i++)
    s.b[i] = (double)i, s.c[i] = (double)(i % 5);
  for (int kind = 0; kind < TRM__SWEEPS; kind++) {
    check_sweep(stage, &s, kind, s.n);
    check_sweep(stage, &s, kind, s.alone);
    check_sweep(stage, &s, kind, block);
  }
  CHECK_OK(run, trm__host_arrays_check(stage, &s));
  CHECK_SAME(trm__host_sweep_bytes(TRM__READ), 8);
  CHECK_SAME(trm__host_sweep_bytes(TRM__COPY_STREAM), 16);
  CHECK_SAME(trm__host_sweep_bytes(TRM__TRIAD), 24);
}

/* x/2 + 1, from 0 to 11: (11 sums) / 2^k above 2, and exactly 2 in the end. */
static void test_fma(void) {
  double result, flops = trm__host_fma_f64(1, &result);
  CHECK_NEAR(result, 5.5 / 2 + 1, 1e-12);
  CHECK_SAME(trm__host_fma_f64(7, &result), 7 * flops);
  CHECK_NEAR(result, 2 + 3.5 / 128, 1e-12);
  trm__host_fma_f64(2000, &result);
  CHECK_NEAR(result, 2, 1e-12);
  CHECK_SAME(trm__host_fma_f32(1, &result), 2 * flops);
  CHECK_NEAR(result, 5.5 / 2 + 1, 1e-6);
}

/* -- turns ----------------------------------------------------------------- */

typedef struct seen {
  int calls, threads;
} seen;

static void note(trm__host_stage *stage, void *what, int threads) {
  seen *s = what;
  (void)stage;
  s->calls++;
  s->threads = threads;
}

static void test_turns(trm_run *run, trm__host_stage *stage) {
  seen s = {0, 0};
  double t = trm__host_one(stage, note, &s);
  CHECK_INT(s.calls, stage->leader);
  CHECK_INT(s.threads, stage->leader);
  CHECK(stage->leader ? t > 0 : t == 0);
  double sum = trm__host_all(stage, note, &s);
  CHECK_INT(s.calls, 1 + stage->leader);
  CHECK_INT(s.threads, run->threads);
  CHECK(sum > 0);
  CHECK_SAME(trm_max(run, sum), trm_min(run, sum)); /* one host here */
  int rounds = 0;
  stage->until = trm_now() - 1; /* too late: as many as every figure gets */
  while (trm__host_turn(stage, rounds)) rounds++;
  CHECK_INT(rounds, 3);
  for (int r = 0; r < run->ranks; r++) trm__host_wait_asleep(run->comm, r);
}

static void test(trm_run *run) {
  trm_machine machine = {0};
  trm__host_stage stage;
  cpu_set_t before, after;
  sched_getaffinity(0, sizeof before, &before);
  trm__host_stage_open(&stage, run, &machine);
  CHECK(machine.cores >= 1);
  CHECK(stage.cache > 0 && stage.caches >= stage.cache);
  CHECK_INT((int)trm_total(run, stage.leader), stage.hosts);
  test_reading(run);
  test_sweeps(run, &stage);
  test_fma();
  test_turns(run, &stage);
  trm__host_stage_close(&stage);
  sched_getaffinity(0, sizeof after, &after);
  CHECK(CPU_EQUAL(&before, &after));
}

int main(int argc, char **argv) {
  return check_mpi(argc, argv, test);
}
