#include "run/setup/asked.h"

#include <trireme/random.h>

#include "base/memory.h"

/* Drawn at random: equal strides could hit the same coordinate of a grid each time. */
static trm__array_rank_class draw(int64_t from, int64_t to, int stretch) {
  uint64_t drawn = trm_random(0, 0, (uint64_t)stretch);
  int64_t count = to - from;
  return (trm__array_rank_class){
      (int)(from + (int64_t)(drawn % (uint64_t)count)), (int)count};
}

int trm__run_asked_sample(int ranks, int most,
                          trm__array_rank_class **classes) {
  const int n = ranks < most ? ranks : most, first = n / 2;
  trm__array_rank_class *list = trm__base_calloc((size_t)n, sizeof *list);
  for (int i = 0; i < first || (n == ranks && i < n); i++)
    list[i] = (trm__array_rank_class){i, 1};
  if (n < ranks) {
    const int stretches = n - first - 1;
    const int64_t others = ranks - first - 1;
    for (int i = 0; i < stretches; i++)
      list[first + i] = draw(first + others * i / stretches,
                             first + others * (i + 1) / stretches, i);
    list[n - 1] = (trm__array_rank_class){ranks - 1, 1};
  }
  *classes = list;
  return n;
}

int trm__run_asked_ranks(const trm_kernel *kernel, const void *options,
                         int ranks, int most, trm__array_rank_class **classes) {
  if (ranks <= TRM__ASKED_ALL)
    return trm__run_asked_sample(ranks, ranks, classes);
  if (kernel->plan) {
    trm_plan plan = {0};
    kernel->plan(options, ranks, &plan);
    int n = trm__array_rank_classes(&plan, ranks, classes);
    if (n > 0) return n;
  }
  return trm__run_asked_sample(ranks, most, classes);
}
