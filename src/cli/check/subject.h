/* The kernel that is checked: its reference run, and one line per promise. */
#ifndef TRM_CLI_CHECK_SUBJECT_H
#define TRM_CLI_CHECK_SUBJECT_H

#include <stdbool.h>

#include <trireme/option.h>

#include "cli/check/trial.h"

typedef struct trm__cli_check_subject {
  trm__cli_check_bench bench;
  const trm_option *table; /* of the kernel; borrowed */
  trm__cli_check_shape *shape;
  cJSON **result; /* of each shape, NULL: none; [0] is the reference; owned */
  int shapes;
  int64_t every;     /* steps between recorded checkpoints */
  bool recorded;     /* checkpoints of the reference are in `record` */
  cJSON *recording;  /* the result of that run; NULL: none; owned */
  char *unrecorded;  /* why not; owned */
  bool stateless;    /* nothing is checkpointed: fingerprints mean nothing */
  bool unrepeatable; /* the reference differs from itself */
  bool apart;        /* other ranks x threads give other bits */
  int kept, broken, unchecked;
  trm__base_error error; /* set: no launch can work any more */
} trm__cli_check_subject;

/** Directory of the reference's checkpoints, for trm__cli_check_path. */
#define TRM__CLI_CHECK_RECORD "record"

/** Print the line of a promise, and count it. Local. */
void trm__cli_check_kept(trm__cli_check_subject *, const char *promise,
                         const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void trm__cli_check_broken(trm__cli_check_subject *, const char *promise,
                           const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void trm__cli_check_unchecked(trm__cli_check_subject *, const char *promise,
                              const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/** Return the reference's steps and rtol. Pure. */
int64_t trm__cli_check_steps(const trm__cli_check_subject *);
double trm__cli_check_rtol(const trm__cli_check_subject *);

/** Tell whether this and later promises can be checked; false where launching
 * failed, and, with one line, where results are not repeatable. Local. */
bool trm__cli_check_ready(trm__cli_check_subject *, const char *promise);

/** Launch, and compare the result with one of the same kernel. Local.
 * \param against NULL: the reference; a difference is then located by one more
 * launch
 * \param result of this launch; free with cJSON_Delete(); NULL: not wanted
 * \return what differs, or what went wrong; NULL: the same. Free with free(). */
char *trm__cli_check_compare(trm__cli_check_subject *,
                             const trm__cli_check_trial *, const cJSON *against,
                             cJSON **result);

/** Locate the difference of a run from the reference by recording it. Local.
 * \return as trm__cli_check_difference */
char *trm__cli_check_locate(trm__cli_check_subject *,
                            const trm__cli_check_trial *);

void trm__cli_check_subject_clear(trm__cli_check_subject *);

#endif
