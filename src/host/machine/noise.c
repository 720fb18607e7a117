/* Noise of the operating system: a fixed quantum of work, repeated on all cores
 * at once; and the clock. */
#include "host/machine/machine.h"

#include <omp.h>
#include <stdlib.h>

#include "base/memory.h"

enum { QUANTA = 2000, READINGS = 2000 };

typedef struct noise {
  int64_t times;           /* loops of a quantum */
  double *sample;          /* threads x QUANTA: of the last piece */
  trm__host_samples all;   /* quanta of all threads of this rank */
  trm__host_samples *mean; /* threads: means of pieces */
} noise;

static void quanta(trm__host_stage *stage, void *what, int threads) {
  noise *w = what;
  double sink = 0;
#pragma omp parallel num_threads(threads) reduction(+ : sink)
  {
    double *sample = w->sample + (int64_t)QUANTA * omp_get_thread_num(), last;
    double before = trm_now();
    for (int i = 0; i < QUANTA; i++) {
      trm__host_fma_f64(w->times, &last);
      double now = trm_now();
      sample[i] = now - before;
      before = now;
      sink += last;
    }
  }
  stage->sink += (uint64_t)sink;
}

/* Quanta of some 25 us. */
static int64_t calibrate(void) {
  double best = 1, result;
  const int64_t times = 2000;
  for (int i = 0; i < 50; i++) {
    double since = trm_now();
    trm__host_fma_f64(times, &result);
    double t = trm_now() - since;
    if (t > 0 && t < best) best = t;
  }
  return (int64_t)(25e-6 / best * times) + 1;
}

static void collect(trm__host_stage *stage, noise *w) {
  for (int t = 0; t < stage->run->threads; t++) {
    double sum = 0;
    for (int i = 0; i < QUANTA; i++) {
      double sample = w->sample[(int64_t)t * QUANTA + i];
      sum += sample;
      trm__host_samples_add(&w->all, sample);
    }
    trm__host_samples_add(&w->mean[t], sum / QUANTA);
  }
}

static double mean_of(const trm__host_samples *s) {
  double sum = 0;
  for (int i = 0; i < s->n; i++) sum += s->value[i];
  return s->n ? sum / s->n : 0;
}

/* Percentiles are those of the worst rank; the quantum is one for the host. */
static void summarise(trm__host_stage *stage, noise *w) {
  const trm_comm *host = stage->host;
  const int n = w->all.n;
  trm__base_sort(n, w->all.value);
  double q = n ? w->all.value[0] : 1;
  trm_allreduce(host, &q, 1, TRM_F64, TRM_MIN);
  double worst[5] = {trm__base_quantile(n, w->all.value, 0.5) / q - 1,
                     trm__base_quantile(n, w->all.value, 0.99) / q - 1,
                     trm__base_quantile(n, w->all.value, 1) / q - 1, 0, 0};
  trm__host_samples share = {0};
  for (int t = 0; t < stage->run->threads; t++) {
    const trm__host_samples *mean = &w->mean[t];
    for (int i = 0; i < mean->n; i++)
      trm__host_samples_add(&share, q / mean->value[i]);
    double lost = 1 - q / mean_of(mean);
    if (lost > worst[3]) worst[3] = lost;
  }
  trm_figure mine = trm__host_samples_figure(&share, TRM__HIGHER);
  worst[4] = -mine.median;
  trm_allreduce(host, worst, 5, TRM_F64, TRM_MAX);
  trm_allreduce(host, &mine.best, 1, TRM_F64, TRM_MAX);
  trm_allreduce(host, &mine.spread, 1, TRM_F64, TRM_MAX);
  stage->machine->undisturbed = (trm_figure){mine.best, -worst[4], mine.spread};
  stage->machine->noise = (trm_noise){q,        q / (1 - worst[3]), worst[3],
                                      worst[0], worst[1],           worst[2]};
  trm__host_samples_clear(&share);
}

/* The smallest observed step of the clock. */
static void look_at_clock(trm_machine *m) {
  double step = 1, since = trm_now(), before = since;
  int readings = 0;
  for (int steps = 0; steps < READINGS && readings < 100 * READINGS;
       readings++) {
    double now = trm_now();
    if (now <= before) continue;
    if (now - before < step) step = now - before;
    before = now;
    steps++;
  }
  m->clock_cost = (trm_now() - since) / readings;
  m->clock_resolution = step;
}

trm_status trm__host_measure_noise(trm__host_stage *stage) {
  const int threads = stage->run->threads;
  noise w = {.times = calibrate()};
  look_at_clock(stage->machine);
  trm_bcast(stage->run->comm, &w.times, sizeof w.times, 0);
  w.sample = trm__base_calloc((size_t)threads * QUANTA, sizeof *w.sample);
  w.mean = trm__base_calloc((size_t)threads, sizeof *w.mean);
  for (int r = 0; trm__host_turn(stage, r); r++) {
    trm__host_all(stage, quanta, &w);
    collect(stage, &w);
  }
  summarise(stage, &w);
  for (int t = 0; t < threads; t++) trm__host_samples_clear(&w.mean[t]);
  trm__host_samples_clear(&w.all);
  free(w.mean);
  free(w.sample);
  return TRM_OK;
}
