/* The problems of a study: options of a kernel, checked by its own table, and how
 * they grow. No run, no MPI. */
#ifndef TRM_STUDY_PROBLEM_H
#define TRM_STUDY_PROBLEM_H

#include "run/command.h"

typedef struct trm__problem {
  const trm_listed *listed;
  trm__command command; /* read from the words */
  int n;
  char **word; /* owned: "--n=64" */
} trm__problem;

/** Read the words of a run. \return false and an error; to be cleared either way */
bool trm__problem_read(const trm_listed *, int n, char *const word[],
                       trm__problem *, trm__error *);
void trm__problem_clear(trm__problem *);

/** The same with one option of another value: `name` as typed. */
bool trm__problem_with(const trm__problem *, const char *name,
                       const char *value, trm__problem *, trm__error *);

/** Grown for so many cores: each option that states how (trm_option.weak) times
 * cores^weak, rounded. \param clamp to the option's range, rather than to fail */
bool trm__problem_grown(const trm__problem *, double cores, bool clamp,
                        trm__problem *, trm__error *);

/** Has the kernel an option that says how it grows? */
bool trm__problem_grows(const trm__problem *);

/** "n=64 m=2": the options that grow, and those of a name; free with free(). */
char *trm__problem_label(const trm__problem *, const char *name);

typedef struct trm__share { /* of a step, by the kernel's work model */
  double updates, resident; /* of the busiest rank; of the largest, bytes */
  double all_resident;      /* of all ranks */
} trm__share;

/** False: the kernel has no model, or a file that was not read yet decides. */
bool trm__problem_share(const trm__problem *, int ranks, int threads,
                        trm__share *);

/** Steps of a run; -1: it ends by itself. */
int64_t trm__problem_steps(const trm__problem *);

#endif
