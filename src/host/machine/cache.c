/* The ladder of caches: bandwidth and latency of one core over sizes of its
 * working set. Latency is that of loads that depend on one another, at random
 * in huge pages, one per line. */
#include "host/machine/machine.h"

#include <stdlib.h>

enum { LINE = 64, SMALLEST = 8 << 10, HOPS = 20000 };

typedef struct ladder {
  char *memory;
  int rungs;
  int64_t bytes[TRM_LADDER];
  int rung; /* of the next piece */
  int64_t passes;
  trm__host_samples bandwidth[TRM_LADDER], latency[TRM_LADDER];
} ladder;

/* 2^k and 3 2^k, up to four times the last cache. */
static void rungs(ladder *l, double largest) {
  for (int64_t b = SMALLEST; (double)b <= largest; b *= 2) {
    if (l->rungs + 2 > TRM_LADDER) return;
    l->bytes[l->rungs++] = b;
    if ((double)b * 1.5 <= largest) l->bytes[l->rungs++] = b + b / 2;
  }
}

/* One cycle through all lines: i -> (a i + c) mod lines, which visits each if c
 * and the number of lines have no common factor and a - 1 is a multiple of 4
 * and of all its prime factors, 2 and 3 (Hull and Dobell, 1962). */
static void make_chain(char *memory, int64_t lines) {
  int64_t twelfths = (int64_t)(0.3819660112501051 * (double)lines) / 12;
  while (twelfths % 2 == 0 || twelfths % 3 == 0) twelfths++;
  int64_t a = 12 * twelfths + 1, next = 7;
  next %= lines;
  a %= lines;
  for (int64_t i = 0; i < lines; i++) {
    *(void **)(memory + i * LINE) = memory + next * LINE;
    next += a;
    if (next >= lines) next -= lines;
  }
}

static void chase(trm__host_stage *stage, void *what, int threads) {
  const ladder *l = what;
  void **p = (void **)l->memory;
  (void)threads;
  for (int64_t i = 0; i < HOPS; i += 10) {
#pragma GCC unroll 10
    for (int k = 0; k < 10; k++) p = *p;
  }
  stage->sink ^= (uint64_t)(uintptr_t)p;
}

static void read_again(trm__host_stage *stage, void *what, int threads) {
  const ladder *l = what;
  (void)threads;
  for (int64_t i = 0; i < l->passes; i++)
    stage->sink += trm__host_read_blocks(l->memory, l->bytes[l->rung] / LINE);
}

static double timed(trm__host_stage *stage, trm__host_piece *piece, ladder *l) {
  double since = trm_now();
  piece(stage, l, 1);
  return trm_now() - since;
}

/* Both figures of one rung; its memory is traversed once before timing. */
static void climb(trm__host_stage *stage, ladder *l, int rung) {
  const int64_t bytes = l->bytes[rung], least = 32 << 20;
  l->rung = rung;
  make_chain(l->memory, bytes / LINE);
  timed(stage, chase, l);
  trm__host_samples_add(&l->latency[rung], timed(stage, chase, l) / HOPS);
  l->passes = 1;
  timed(stage, read_again, l);
  l->passes = bytes < least ? least / bytes : 1;
  double t = timed(stage, read_again, l);
  trm__host_samples_add(&l->bandwidth[rung], (double)(l->passes * bytes) / t);
}

static void one_round(trm__host_stage *stage, void *what, int threads) {
  ladder *l = what;
  (void)threads;
  for (int r = 0; r < l->rungs; r++) climb(stage, l, r);
}

static void keep(trm_machine *m, ladder *l) {
  m->rungs = l->rungs;
  for (int r = 0; r < l->rungs; r++) {
    m->ladder[r].bytes = (double)l->bytes[r];
    m->ladder[r].bandwidth =
        trm__host_samples_figure(&l->bandwidth[r], TRM__HIGHER);
    m->ladder[r].latency = trm__host_samples_figure(&l->latency[r], TRM__LOWER);
    m->latency = m->ladder[r].latency;
    trm__host_samples_clear(&l->bandwidth[r]);
    trm__host_samples_clear(&l->latency[r]);
  }
}

trm_status trm__host_measure_cache(trm__host_stage *stage) {
  ladder l = {0};
  void *memory = NULL;
  trm_status status = TRM_OK;
  rungs(&l, stage->quick ? 2 * stage->cache : 4 * stage->cache);
  if (stage->leader)
    status = trm_alloc(stage->run, "the ladder of caches", l.bytes[l.rungs - 1],
                       &memory);
  status = trm_agree(stage->run, status);
  l.memory = memory;
  for (int r = 0; !status && trm__host_turn(stage, r); r++)
    trm__host_one(stage, one_round, &l);
  if (!status && stage->leader) keep(stage->machine, &l);
  trm_release(stage->run, &memory);
  return status;
}
