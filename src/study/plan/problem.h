/* The problems of a study: options of a kernel, checked by its own table, and how
 * they grow. No run, no MPI. */
#ifndef TRM_STUDY_PLAN_PROBLEM_H
#define TRM_STUDY_PLAN_PROBLEM_H

#include "run/command.h"

typedef struct trm__problem {
  const trm_listed *listed;
  trm__run_command command; /* read from the words */
  int n;
  char **word;     /* owned: "--n=64" */
  bool same_shape; /* when grown: a share has the shape that it had */
} trm__problem;

typedef struct trm__problems {
  int n;
  trm__problem *list; /* owned */
} trm__problems;

/** A new one at the end, zeroed; it may move when another is added. */
trm__problem *trm__problems_add(trm__problems *);
void trm__problems_clear(trm__problems *);

/** Read the words of a run. \return false and an error; to be cleared either way */
bool trm__problem_read(const trm_listed *, int n, char *const word[],
                       trm__problem *, trm__base_error *);
void trm__problem_clear(trm__problem *);

/** The same with one option of another value: `name` as typed. */
bool trm__problem_with(const trm__problem *, const char *name,
                       const char *value, trm__problem *, trm__base_error *);

/** Grown for so many cores: the sides of a grid (trm_option.sides) as many times as
 * there are ranks along each of them when a run cuts the grown grid, so that a rank's
 * share keeps its shape, the slowest side as many times as there are threads besides;
 * any other option that states how it grows (trm_option.weak) times cores^weak,
 * rounded. */
bool trm__problem_grown(const trm__problem *, int ranks, int threads,
                        trm__problem *, trm__base_error *);

/** Each option that states how it grows times growth^weak, rounded, and within
 * its range. */
bool trm__problem_scaled(const trm__problem *, double growth, trm__problem *,
                         trm__base_error *);

/** Has the kernel an option that says how it grows? */
bool trm__problem_grows(const trm__problem *);

/** "n=64 m=2": the options that grow, sides that are given, and those of a name;
 * free with free(). */
char *trm__problem_label(const trm__problem *, const char *name);

typedef struct trm__share { /* of a step, by the kernel's work model */
  double updates, resident; /* of the busiest rank; of the largest, bytes */
} trm__share;

/** Asks all ranks; of more than 4096 one of each class, or some (run/asked.h). \return false: the kernel has no model, or
 * a file that was not read yet decides */
bool trm__problem_share(const trm__problem *, int ranks, int threads,
                        trm__share *);
/** Asks a few ranks only: for searches. */
bool trm__problem_share_about(const trm__problem *, int ranks, int threads,
                              trm__share *);

/** Steps of a run; -1: it ends by itself. */
int64_t trm__problem_steps(const trm__problem *);

#endif
