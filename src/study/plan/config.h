/* A configuration of a study: what is launched. */
#ifndef TRM_STUDY_PLAN_CONFIG_H
#define TRM_STUDY_PLAN_CONFIG_H

/* What is varied. */
#define TRM__MODES(X)                                                \
  X(STRONG, "strong")   /* ranks, of one problem */                  \
  X(WEAK, "weak")       /* ranks; sizes grow with ranks x threads */ \
  X(THREADS, "threads") /* threads of one rank, of one problem */    \
  X(MEMORY,                                                          \
    "memory") /* sizes, from caches to most of the memory, on the     \
                           same ranks x threads */
typedef enum trm__study_mode {
#define TRM__MODE(name, text) TRM__MODE_##name,
  TRM__MODES(TRM__MODE)
#undef TRM__MODE
      TRM__MODE_COUNT
} trm__study_mode;
extern const char *const trm__study_mode_name[];

typedef struct trm__study_config { /* one configuration */
  trm__study_mode mode;
  int series; /* a line of the plots: one mode, one number of threads, one size */
  int problem; /* configurations of one number solve the same problem */
  int ranks, threads;
  int n_words;
  char **words; /* options of the run, sizes included: "--n=256" */
  char *label;  /* of its sizes: "n=256"; "": defaults */
  double work;  /* updates of the busiest core in a launch, by the work model;
                  0: not known */
  double
      expected; /* exponent of a step's seconds over ranks (over threads; over
                      bytes of a rank) in its series, by the work model; NAN: not
                      known */
  char *
      note; /* weak: why its shares are not those of one core; memory: why sizes
                 end there; NULL: nothing to say */
} trm__study_config;

/** "strong 2 ranks x 1 thread n=64": a configuration in words; free with free(). */
char *trm__study_config_text(const trm__study_config *);

#endif
