/* A study: configurations of one kernel that are launched repeatedly, and the record
 * of their launches. It lives in a directory:
 *
 *   study.json       the request: written to a temporary file and renamed, and again
 *                    when a later call changes the budget or similar
 *   launches.jsonl   one line per launch, appended and flushed: an interrupted study
 *                    resumes from there
 *   points.csv .jsonl, report.html, *.svg, *.png   written again by each `report`
 *
 * No MPI is started here: launches are processes. Times are seconds. */
#ifndef TRM_STUDY_PLAN_STUDY_H
#define TRM_STUDY_PLAN_STUDY_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "study/plan/config.h"

typedef struct trm__study_launch { /* one launch of a configuration */
  int config, repeat;              /* repeat: 0, 1, ... */
  int status;         /* exit status; 128 + signal; -1: not started */
  bool late;          /* it was ended, as timed out */
  double wall;        /* of the whole command */
  double waited;      /* before it, for others to be quiet */
  double load, steal; /* what others used just before, as a share of the
                                processors; steal while it ran; -1: not known */
  char began[32];     /* UTC, as in results */
  char *last;         /* last line that it said, when it failed; NULL */
  cJSON *result;      /* as the run wrote it; NULL: none */
  bool cut;           /* late, as the budget left it no more */
} trm__study_launch;

typedef struct trm__study {
  char *dir, *kernel, *launcher, *host;
  char began[32];
  uint64_t seed;
  double target;  /* wanted half width of an interval / median */
  double budget;  /* seconds; 0: none */
  int repeat;     /* launches of each; 0: as many as the target needs */
  double timeout; /* of a launch, seconds; 0: none; NAN: not said */
  double settle;  /* wait at most so long for a quiet machine; NAN: not said */
  int cores; /* that launches may use, as was said; 0: trm__launch_available_cores */
  double memory, cache; /* that it was planned with, bytes; 0: not known */
  int configs, launches;
  trm__study_config *config;
  trm__study_launch *launch;
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
bool trm__study_append(trm__study *, trm__study_launch *, trm__base_error *);
void trm__study_clear(trm__study *);

/** Launches in the order of their configurations, each one's in the order of
 * launching: those of c are (*order)[k], (*start)[c] <= k < (*start)[c + 1]. Both to
 * be freed with free(). */
void trm__study_order(const trm__study *, int **order, int **start);

#endif
