/* Checkpoints: a directory with one HDF5 file per checkpoint.
 *
 * A checkpoint is DIR/KERNEL-RUNID-STEP.h5 (RUNID 16 hex digits, STEP 12
 * decimal). It is written as DIR/.KERNEL-RUNID-STEP.h5.part, read back, and
 * then renamed. */
#ifndef TRM_STORE_STORE_H
#define TRM_STORE_STORE_H

#include <trireme/kernel.h>

#include "base/error.h"

/* What a checkpoint says about the run that wrote it: root attributes of its
 * file. */
typedef struct trm__store_stamp {
  char kernel[64];
  char run_id[17]; /* hex digits */
  int64_t step;    /* steps done */
  double seconds;  /* spent in advance so far, over all sessions */
  uint64_t seed;
  char build[128];
  char written[32];   /* ISO 8601, UTC; set by the writer */
  int ranks, threads; /* of the writer; for information only */
  bool complete;      /* the kernel ended the run at this step */
  char *options;      /* JSON object {name: text as typed}; owned */
} trm__store_stamp;
void trm__store_stamp_clear(trm__store_stamp *);

typedef struct trm__store_archive trm__store_archive;

typedef struct trm__store_options {
  const char *dir;
  const char *kernel;
  char run_id[17]; /* in: of a new run; out (after trm__store_open): with
                      `resume`, that of the newest checkpoint */
  int keep;        /* number of newest checkpoints to keep, >= 1 */
  bool resume;
  bool restart;        /* other runs' checkpoints are no reason to refuse */
  bool verify_disk;    /* read back from the disk, not from the page cache */
  double patience;     /* seconds to wait for another writer to finish */
  const char *program; /* for trm__store_checkpoint_examine */
  /* Can a checkpoint with this stamp be resumed from? Called on rank 0; fails
   * with the reason. NULL: always */
  trm_status (*accept)(void *context, const trm__store_stamp *,
                       trm__base_error *);
  void *context;
} trm__store_options;

/** Open a directory for checkpoints: creates it if its parent exists; checks
 * from every host that it is the same directory and writable; takes the
 * writer's lock. Another run's checkpoints without `resume`: TRM_EUSAGE.
 * Another writer still there after `patience` seconds: TRM_EFILE.
 * Collective. */
trm_status trm__store_open(trm_run *, trm__store_options *,
                           trm__store_archive **);
/** Rename all checkpoints of the directory to NAME.abandoned, so that a run may
 * start at step 0. Fails with TRM_EFILE. Collective. */
trm_status trm__store_abandon(trm_run *, trm__store_archive *);
/** Release the lock and free; takes NULL and clears. Collective. */
void trm__store_close(trm_run *, trm__store_archive **);

/** Find the newest usable checkpoint, reading headers only; its stamp says what
 * to resume. One that was rewritten is taken only if none is sealed. Rank 0
 * prints on stderr, one line each, why others were refused or passed over.
 * *found is false if the directory has no checkpoints; if it has some but none
 * is usable: TRM_ERESUME if each is whole but does not fit this run, else
 * TRM_ECHECKPOINT. Collective. */
trm_status trm__store_find(trm_run *, trm__store_archive *, trm__store_stamp *,
                           bool *found);

/** Read all evolving fields and kept arrays of the checkpoint that was found
 * and check their digests. A field in slices takes the length stored in the
 * file. If the checkpoint is damaged or does not fit, the next usable one is
 * read and *stamp changes. Collective. */
trm_status trm__store_read(trm_run *, trm__store_archive *, trm__store_stamp *);

/** Write a checkpoint of all evolving fields and kept arrays, read it back,
 * rename it, and remove checkpoints older than the newest `keep`. A failure
 * removes the unfinished file and leaves older checkpoints alone.
 * Collective. */
trm_status trm__store_write(trm_run *, trm__store_archive *,
                            const trm__store_stamp *);

/** Path of the newest checkpoint written or read; "" if none. Local. */
const char *trm__store_newest(const trm__store_archive *);

/** Check before the first write that there is space for the checkpoints to keep
 * and one more, less those already there. TRM_EFILE if not. Collective; after
 * setup. */
trm_status trm__store_check_space(trm_run *, trm__store_archive *);

/** Bytes of a checkpoint without its header, over all ranks. Local. */
int64_t trm__store_bytes(trm_run *);

/** Digest over all evolving fields and kept arrays: their names, types, shapes
 * and values. The fingerprint of a result. Collective. */
uint64_t trm__store_fingerprint(trm_run *);

/** Write all fields but scratch to one HDF5 file in the same way as a
 * checkpoint, replacing PATH when it is complete. Collective. */
trm_status trm__store_output(trm_run *, const char *path,
                             const trm__store_stamp *);

/** Check before a long run that this file can be created or replaced.
 * TRM_EINPUT: no such directory, or not a regular file; TRM_EFILE otherwise.
 * Collective.
 * \param option for the message: "--picture"; NULL: none  \param path NULL:
 * nothing to check  \param regular must be a regular file: it is replaced, not
 * appended to */
trm_status trm__store_output_check(trm_run *, const char *option,
                                   const char *path, bool regular);

/* -- without MPI: for `trireme ckpt` --------------------------------------- */

typedef struct trm__store_dataset {
  char name[256];
  trm_type type;
  int dims;
  int64_t n[TRM_DIMS]; /* 1 beyond dims */
  uint64_t digest;     /* stored; of the values by linear index */
  int64_t offset; /* of the values in the file; -1: not stored as plain bytes */
  bool kept;      /* a kept array */
  char role[16];  /* "evolving", "constant", "output", "keep" */
} trm__store_dataset;

/* What is known of a checkpoint's file before its values are read. */
typedef enum trm__store_verdict {
  TRM__STORE_DAMAGED,   /* its error says why */
  TRM__STORE_NEWER,     /* written by a newer version of Trireme */
  TRM__STORE_REWRITTEN, /* it has other bytes than were written, but says the
                           same: repacked by another program, or appended to */
  TRM__STORE_SEALED     /* it has the bytes that were written */
} trm__store_verdict;

/** Return "sealed", "rewritten", ... Pure. */
const char *trm__store_verdict_name(trm__store_verdict);

typedef struct trm__store_checkpoint {
  char path[4096];
  int64_t bytes;
  trm__store_verdict verdict;
  trm__store_stamp stamp;
  trm__store_dataset
      *fields; /* owned; kept arrays among them, named "keep/NAME" */
  int nfields;
  bool output;           /* written by trm__store_output: not a checkpoint */
  trm__base_error error; /* TRM_OK: header readable */
} trm__store_checkpoint;

/** Inspect one file. HDF5 opens it in this process: it must not be damaged. */
trm_status trm__store_checkpoint_inspect(const char *path,
                                         trm__store_checkpoint *);
/** The same for any file: one that is not sealed is first looked at by a second
 * process, because HDF5 may crash on it.
 * \param program what to start, TRM__STORE_SELF: this program, if its main calls
 * trm_main; NULL: without it  \param values the second process reads them too,
 * as this one will */
trm_status trm__store_checkpoint_examine(const char *program, const char *path,
                                         bool values, trm__store_checkpoint *);
#define TRM__STORE_SELF "/proc/self/exe"
/** Examine all checkpoints of a directory, newest first; damaged ones have an
 * error. */
trm_status trm__store_checkpoints_list(const char *dir, const char *program,
                                       bool values,
                                       trm__store_checkpoint **checkpoints,
                                       int *n, trm__base_error *);
void trm__store_checkpoints_free(trm__store_checkpoint **checkpoints, int n);
void trm__store_checkpoint_clear(trm__store_checkpoint *);
/** Read all data and compare it with the digests; the error names what
 * differs. */
trm_status trm__store_checkpoint_verify(const trm__store_checkpoint *,
                                        trm__base_error *);

enum { TRM__STORE_FIRST = 3 };

/** Find a sealed checkpoint of a directory whose file has not the name of one.
 * \return its name, free it; NULL: none */
char *trm__store_stray(const char *dir);

/** Compare two checkpoints field by field. */
typedef struct trm__store_difference {
  char name[256];
  bool only_a, only_b, shape;      /* not comparable */
  int64_t differing;               /* elements with other bits */
  double largest;                  /* |a - b| */
  int64_t where;                   /* row-major index of the largest */
  int64_t first[TRM__STORE_FIRST]; /* those of the first that differ */
} trm__store_difference;
trm_status trm__store_checkpoints_compare(const trm__store_checkpoint *a,
                                          const trm__store_checkpoint *b,
                                          trm__store_difference **, int *n,
                                          trm__base_error *);

#endif
