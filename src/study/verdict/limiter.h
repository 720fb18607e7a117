/* What can limit scaling. */
#ifndef TRM_STUDY_VERDICT_LIMITER_H
#define TRM_STUDY_VERDICT_LIMITER_H

/* What can limit. */
#define TRM__LIMITERS(X)                                   \
  X(NONE, "nothing measured")                              \
  X(SLOW_RANK, "one slow rank")                            \
  X(SERIAL, "serial sections")                             \
  X(SMALL_MESSAGES, "many small messages")                 \
  X(SHARED_CORE, "ranks or threads that share a core")     \
  X(MEMORY, "memory bandwidth")                            \
  X(IMBALANCE, "imbalance that grows with the ranks")      \
  X(CHECKPOINTS, "frequent checkpoints")                   \
  X(STRADDLE, "threads of a rank across two ranks' cores") \
  X(LATENCY, "latency of reductions")                      \
  X(DIVISION, "uneven division of the problem")            \
  X(THREAD_IMBALANCE, "imbalance between threads")         \
  X(TRANSFER, "transfer of messages")                      \
  X(WAITING, "propagated delays")                          \
  X(OUTSIDE, "work outside sites")                         \
  X(SLOWER_CORES, "cores that slow each other down")
typedef enum trm__study_limiter {
#define TRM__LIMIT(name, text) TRM__LIMIT_##name,
  TRM__LIMITERS(TRM__LIMIT)
#undef TRM__LIMIT
      TRM__LIMIT_COUNT
} trm__study_limiter;
extern const char *const trm__study_limiter_name[];

#endif
