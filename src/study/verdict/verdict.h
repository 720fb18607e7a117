/* The verdict: what limits scaling, in words with figures, from the ledgers of the
 * points of a study. Pure. */
#ifndef TRM_STUDY_VERDICT_VERDICT_H
#define TRM_STUDY_VERDICT_VERDICT_H

#include "study/plan/study.h"

/* What can limit. */
#define TRM__LIMITERS(X)                                   \
  X(NONE, "nothing that was measured")                     \
  X(SLOW_RANK, "one slow rank")                            \
  X(SERIAL, "serial sections")                             \
  X(SMALL_MESSAGES, "many small messages")                 \
  X(SHARED_CORE, "ranks or threads that share a core")     \
  X(MEMORY, "memory bandwidth")                            \
  X(IMBALANCE, "imbalance that grows with the ranks")      \
  X(CHECKPOINTS, "checkpoints too often")                  \
  X(STRADDLE, "threads of a rank across two ranks' cores") \
  X(LATENCY, "reductions bound by latency")                \
  X(DIVISION, "uneven division of the problem")            \
  X(THREAD_IMBALANCE, "imbalance between threads")         \
  X(TRANSFER, "transfer of messages")                      \
  X(WAITING, "chains of waiting")                          \
  X(OUTSIDE, "work outside sites")                         \
  X(SLOWER_CORES, "cores that are slower together")
typedef enum trm__limiter {
#define TRM__LIMIT(name, text) TRM__LIMIT_##name,
  TRM__LIMITERS(TRM__LIMIT)
#undef TRM__LIMIT
      TRM__LIMIT_COUNT
} trm__limiter;
extern const char *const trm__limit_name[];

typedef struct trm__judged {
  trm__limiter limit;
  double lost; /* share of core time at the largest valid point, 0 to 1 */
  double won;  /* how many times faster without it there */
  int point;   /* that the figures are of; -1: none */
  char *text;  /* at most five sentences: what limits, where it shows, how much
                      would be won, the next experiment; owned */
} trm__judged;

/** Judge one series. \return to be freed with trm__judged_clear */
trm__judged trm__judge(const trm__study *, const trm__points *, int series);
void trm__judged_clear(trm__judged *);

#endif
