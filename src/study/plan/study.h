/* A study: configurations of one kernel, launched again and again, and what came of
 * it. It lives in a directory:
 *
 *   study.json       what was asked: written aside and renamed, and again when
 *                    the budget or the like is given anew
 *   launches.jsonl   one line a launch, appended and flushed: a study that was
 *                    interrupted goes on from there
 *   points.csv .jsonl, report.html, *.svg, *.png   made anew by `report`
 *
 * No MPI is started here: launches are processes. Times are seconds. */
#ifndef TRM_STUDY_PLAN_STUDY_H
#define TRM_STUDY_PLAN_STUDY_H

#include <cjson/cJSON.h>
#include <trireme/kernel.h>
#include <trireme/machine.h>

#include "base/error.h"
#include "meter/ledger.h"
#include "study/statistics/stat.h"

/* What is varied. */
#define TRM__MODES(X)                                                \
  X(STRONG, "strong")   /* ranks, of one problem */                  \
  X(WEAK, "weak")       /* ranks; sizes grow with ranks x threads */ \
  X(THREADS, "threads") /* threads of one rank, of one problem */    \
  X(MEMORY,                                                          \
    "memory") /* sizes, from caches to most of the memory, on the     \
                           same ranks x threads */
typedef enum trm__mode {
#define TRM__MODE(name, text) TRM__MODE_##name,
  TRM__MODES(TRM__MODE)
#undef TRM__MODE
      TRM__MODE_COUNT
} trm__mode;
extern const char *const trm__mode_name[];

/* Kinds of points: never joined by a line; only measured ones are fitted. */
typedef enum trm__origin {
  TRM__MEASURED,
  TRM__OVERSUBSCRIBED, /* more ranks x threads than cores */
  TRM__SIMULATED,
  TRM__MODELLED,
  TRM__ORIGIN_COUNT
} trm__origin;
extern const char *const trm__origin_name[];

typedef struct trm__config { /* one configuration */
  trm__mode mode;
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
} trm__config;

typedef struct trm__launch { /* one launch of a configuration */
  int config, repeat;        /* repeat: 0, 1, ... */
  int status;                /* exit status; 128 + signal; -1: not started */
  bool late;                 /* it was ended, as its time was over */
  double wall;               /* of the whole command */
  double waited;             /* before it, for others to be quiet */
  double load, steal;        /* what others used just before, as a share of the
                                processors; steal while it ran; -1: not known */
  char began[32];            /* UTC, as in results */
  char *last;                /* last line that it said, when it failed; NULL */
  cJSON *result;             /* as the run wrote it; NULL: none */
  bool cut;                  /* late, as the budget left it no more */
} trm__launch;

typedef struct trm__study {
  char *dir, *kernel, *launcher, *host;
  char began[32];
  uint64_t seed;
  double target;  /* wanted half width of an interval / median */
  double budget;  /* seconds; 0: none */
  int repeat;     /* launches of each; 0: as many as the target needs */
  double timeout; /* of a launch, seconds; 0: none; NAN: not said */
  double settle;  /* wait at most so long for a quiet machine; NAN: not said */
  int cores;      /* that launches may use, as was said; 0: trm__launch_room */
  double memory, cache; /* that it was planned with, bytes; 0: not known */
  int configs, launches;
  trm__config *config;
  trm__launch *launch;
  cJSON *machine; /* the machine file, as it was; NULL */
  cJSON *build;   /* commit, compiler, flags of what was launched; NULL */
} trm__study;

/** Write study.json into a new directory. \return false and an error: it cannot be
 * written, or there is another study in it */
bool trm__study_save(const trm__study *, trm__base_error *);
/** Write it again, where it was saved. */
bool trm__study_rewrite(const trm__study *, trm__base_error *);
/** Read a study and its launches; a last line that is cut off is left out. */
bool trm__study_load(const char *dir, trm__study *, trm__base_error *);
/** Append a launch, to the file too; takes over what it owns. */
bool trm__study_append(trm__study *, trm__launch *, trm__base_error *);
void trm__study_clear(trm__study *);

/** Launches in the order of their configurations, each one's in the order of
 * launching: those of c are (*order)[k], (*start)[c] <= k < (*start)[c + 1]. Both to
 * be freed with free(). */
void trm__study_order(const trm__study *, int **order, int **start);

/* -- what came of it -------------------------------------------------------- */

typedef struct trm__point { /* of a configuration: its launches together */
  const trm__config *config;
  trm__origin origin; /* means nothing where not valid */
  int cores;          /* ranks x threads */
  int launches, failed,
      counted;     /* counted: valid ones, which all figures are of */
  bool valid;      /* counted > 0 */
  char *flaw;      /* why not, or what else is to be known; NULL: nothing */
  double *seconds; /* counted: seconds a step, in order of launching */
  double inside; /* level that an interval of these needs by itself for 95 % to
                    hold, as looks at them ended the launches */
  trm__interval time;    /* median of these, at 95 % */
  double updates;        /* a step */
  trm__interval rate;    /* updates / s */
  trm__interval speedup; /* over the series' base, in updates / s; bootstrap */
  trm__interval efficiency; /* speed-up / (cores / the base's cores) */
  double over_serial; /* over the best serial run's rate; NAN: there is none */
  bool superlinear;   /* efficiency above 1.1 */
  double load, steal; /* medians over its launches, as shares of the
                          processors; -1: not known */
  double resident,
      memory; /* bytes of a rank: of the work model; most allocated */
  trm__meter_ledger ledger; /* of the launch in the middle; total 0: none */
  const cJSON *result;      /* of that launch; borrowed of the study */
} trm__point;

typedef struct trm__points {
  int n;
  trm__point *point; /* in the order of configurations */
  int wrong;         /* launches of a wrong result, or whose answer is not that
                         of their problem */
  int serial;        /* the best of 1 rank x 1 thread, among valid ones of the
                         problem of the first; -1: none */
} trm__points;

/* The best serial run of a point is the fastest one of 1 rank x 1 thread that is valid
 * and measured, in any mode, of the same problem; weak points have that of the problem
 * of their series' first. */

/** Summarise. A launch counts if it ended well, verified, of a known origin, its
 * fingerprint is that of most configurations of its problem (its sketch, within rtol;
 * none counts where several answers have as many), and the doctor found nothing but
 * oversubscription. */
trm__points trm__points_of(const trm__study *);
void trm__points_clear(trm__points *);

/** What the speed-ups of a series are over: its first point that is valid and
 * measured, else the first that is valid; -1: none is. */
int trm__series_base(const trm__points *, int series);
int trm__series_count(const trm__points *);
/** "strong, 1 thread, n=256": free with free(). */
char *trm__series_name(const trm__points *, int series);

#endif
