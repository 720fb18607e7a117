/* The points of a study: what its launches come to. */
#ifndef TRM_STUDY_RUN_POINTS_H
#define TRM_STUDY_RUN_POINTS_H

#include "meter/ledger.h"
#include "study/run/valid.h"
#include "study/statistics/stat.h"

typedef struct
    trm__study_point { /* of a configuration: its launches together */
  const trm__study_config *config;
  trm__study_origin origin; /* means nothing where not valid */
  int cores;                /* ranks x threads */
  int launches, failed,
      counted;     /* counted: valid ones, which all figures are of */
  bool valid;      /* counted > 0 */
  char *flaw;      /* why not, or what else is to be known; NULL: nothing */
  double *seconds; /* counted: seconds per step, in order of launching */
  double inside; /* level that an interval of these needs by itself for 95 % to
                    hold, as checks of them ended the launches */
  trm__study_interval time; /* median of these, at 95 % */
  double updates;           /* per step */
  trm__study_interval rate; /* updates / s */
  trm__study_interval
      speedup; /* over the series' base, in updates / s; bootstrap */
  trm__study_interval efficiency; /* speed-up / (cores / the base's cores) */
  double over_serial; /* over the best serial run's rate; NAN: there is none */
  bool superlinear;   /* efficiency above 1.1 */
  double load, steal; /* medians over its launches, as shares of the
                          processors; -1: not known */
  double resident,
      memory; /* bytes of a rank: of the work model; most allocated */
  trm__meter_ledger ledger; /* of the launch in the middle; total 0: none */
  const cJSON *result;      /* of that launch; borrowed of the study */
} trm__study_point;

typedef struct trm__study_points {
  int n;
  trm__study_point *point; /* in the order of configurations */
  int wrong;  /* launches of a wrong result, or whose answer is not that
                         of their problem */
  int serial; /* the best of 1 rank x 1 thread, among valid ones of the
                         problem of the first; -1: none */
} trm__study_points;

/* The best serial run of a point is the fastest one of 1 rank x 1 thread that is valid
 * and measured, in any mode, of the same problem; weak points have that of the problem
 * of their series' first. */

/** Summarise. A launch counts if it ended well, verified, of a known origin, its
 * fingerprint is that of most configurations of its problem (its sketch, within rtol;
 * none counts where several answers have as many), and the doctor found nothing but
 * oversubscription. */
trm__study_points trm__study_points_of(const trm__study *);
void trm__study_points_clear(trm__study_points *);

/** What the speed-ups of a series are over: its first point that is valid and
 * measured, else the first that is valid; -1: none is. */
int trm__study_series_base(const trm__study_points *, int series);
int trm__study_series_count(const trm__study_points *);
/** "strong, 1 thread, n=256": free with free(). */
char *trm__study_series_name(const trm__study_points *, int series);

#endif
