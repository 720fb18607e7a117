/* Statuses: what a call returns and with what a process exits.
 *
 * One list defines names, texts and exit codes. Later entries are worse: if
 * ranks disagree, the worst status wins (trm_agree). */
#ifndef TRIREME_STATUS_H
#define TRIREME_STATUS_H

#ifdef __cplusplus
extern "C" {
#endif

/*  name          exit  text                                              */
#define TRM_STATUSES(X)                                   \
  X(OK, 0, "done")                                        \
  X(DONE, 0, "ended by itself")                           \
  X(STOPPED, 75, "stopped early with a valid checkpoint") \
  X(EVERIFY, 1, "finished with a wrong result")           \
  X(EUSAGE, 2, "bad usage")                               \
  X(EOPTION, 2, "bad option")                             \
  X(EINPUT, 2, "bad input")                               \
  X(ERESUME, 2, "the checkpoint does not fit this run")   \
  X(ECHECKPOINT, 3, "no valid checkpoint")                \
  X(EMEMORY, 3, "not enough memory")                      \
  X(EFILE, 3, "a file could not be read or written")      \
  X(ENOPROGRESS, 3, "no progress in repeated sessions")   \
  X(EINTERRUPTED, 3, "stopped by a signal, without a new checkpoint")

typedef enum trm_status {
#define TRM__STATUS(name, exit_code, text) TRM_##name,
  TRM_STATUSES(TRM__STATUS)
#undef TRM__STATUS
      TRM_STATUS_COUNT
} trm_status;

/** Return the name of a status as in C, without the prefix: "EOPTION". Pure. */
const char *trm_status_name(trm_status);

/** Describe a status in a few words. Pure. */
const char *trm_status_text(trm_status);

/** Return the exit code of a status. Pure. */
int trm_status_exit(trm_status);

/** Return a failure to the caller: the only macro that leaves a function.
 * TRM_DONE is not a failure but is returned too. */
#define TRM_TRY(call)                              \
  do {                                             \
    trm_status trm__status = (call);               \
    if (trm__status != TRM_OK) return trm__status; \
  } while (0)

#ifdef __cplusplus
}
#endif

#endif
