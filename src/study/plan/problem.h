/* The problems of a study: options of a kernel, checked by its own table, and how
 * they grow. No run, no MPI. */
#ifndef TRM_STUDY_PLAN_PROBLEM_H
#define TRM_STUDY_PLAN_PROBLEM_H

#include "run/setup/command.h"

typedef struct trm__study_problem {
  const struct trm_listed *listed;
  trm__run_command command; /* read from the words */
  int n;
  char **word;     /* owned: "--n=64" */
  bool same_shape; /* when grown: a share has the shape that it had */
} trm__study_problem;

typedef struct trm__study_problems {
  int n;
  trm__study_problem *list; /* owned */
} trm__study_problems;

/** Options of the kernel of this name, by which answers are compared; NULL: it is not
 * among these.  \param kernels NULL: none */
const trm_option *trm__study_kernel_options(const struct trm_listed *kernels,
                                            const char *name);

/** A new one at the end, zeroed; it may move when another is added. */
trm__study_problem *trm__study_problems_add(trm__study_problems *);
void trm__study_problems_clear(trm__study_problems *);

/** Read the words of a run. \return false and an error; to be cleared either way */
bool trm__study_problem_read(const struct trm_listed *, int n,
                             char *const word[], trm__study_problem *,
                             trm__base_error *);
void trm__study_problem_clear(trm__study_problem *);

/** The same with one option of another value: `name` as typed. */
bool trm__study_problem_with(const trm__study_problem *, const char *name,
                             const char *value, trm__study_problem *,
                             trm__base_error *);

/** Scaled to a number of cores: the sides of a grid (trm_option.sides) as many times as
 * there are ranks along each of them when a run cuts the grown grid, so that a rank's
 * share keeps its shape, the slowest side as many times as there are threads besides;
 * any other option that states how it grows (trm_option.weak) times cores^weak,
 * rounded. */
bool trm__study_problem_grown(const trm__study_problem *, int ranks,
                              int threads, trm__study_problem *,
                              trm__base_error *);

/** Each option that states how it grows times growth^weak, rounded, and within
 * its range. */
bool trm__study_problem_scaled(const trm__study_problem *, double growth,
                               trm__study_problem *, trm__base_error *);

/** What the kernel calls an update: "cell"; "": it does not say. */
const char *trm__study_problem_unit(const trm__study_problem *);

/** Has the kernel an option that says how it grows? */
bool trm__study_problem_grows(const trm__study_problem *);

/** "n=64 m=2": the options that grow, sides that are given, and those of a name;
 * free with free(). */
char *trm__study_problem_label(const trm__study_problem *, const char *name);

typedef struct
    trm__study_rank_work {  /* of a step, by the kernel's work model */
  double updates, resident; /* of the busiest rank; of the largest, bytes */
} trm__study_rank_work;

/** Asks all ranks; of more than 4096 one of each class, or some (run/asked.h). \return false: the kernel has no model, or
 * a file that was not read yet decides */
bool trm__study_problem_work(const trm__study_problem *, int ranks, int threads,
                             trm__study_rank_work *);
/** Asks a few ranks only: for searches. */
bool trm__study_problem_work_sampled(const trm__study_problem *, int ranks,
                                     int threads, trm__study_rank_work *);

/** Steps of a run; -1: it ends by itself. */
int64_t trm__study_problem_steps(const trm__study_problem *);

#endif
