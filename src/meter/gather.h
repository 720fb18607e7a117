/* Gathering: rank 0 collects all meters after the steps, one rank and one
 * window at a time, so that no rank needs memory for all of it. */
#ifndef TRM_METER_GATHER_H
#define TRM_METER_GATHER_H

#include <trireme/work.h>

#include "meter/clocks.h"
#include "meter/replay.h"

typedef struct trm__meter_partner { /* messages from one rank to another */
  int from, to;
  int64_t messages, bytes;
} trm__meter_partner;

typedef struct
    trm__meter_site_loop { /* of a site of one rank: inside the loop */
  int64_t entries;
  double seconds_max,
      seconds_sum; /* as in its total; max: of the slowest thread of
                                      all, or less where it was another before */
} trm__meter_site_loop;

typedef struct trm__meter_record { /* of one rank, as on rank 0 */
  int threads;
  int rows; /* threads that were in sites, the first included */
  trm__comm_spent spent;
  trm_call_total calls[TRM_CAUSE_COUNT][TRM_CALL_COUNT]; /* in the loop */
  trm_tally sent[TRM_CAUSE_COUNT][TRM_SIZE_CLASSES];
  trm_tally received[TRM_CAUSE_COUNT][TRM_SIZE_CLASSES];
  double clock_bound;
  char host[64];
  int sites, partners, text;   /* text: bytes of the names */
  trm_site_total *site;        /* owned; names borrowed from the text */
  trm__meter_site_loop *loop;  /* sites; owned */
  trm__meter_partner *partner; /* owned */
  char *names;                 /* owned: names of the sites, each ends with 0 */
} trm__meter_record;

/** Hand each rank's record to `each` on rank 0, in rank order; it takes
 * ownership of the record's memory. Collective. */
void trm__meter_records_gather(trm_run *, const trm__meter_record *mine,
                               void (*each)(void *context, int rank,
                                            const trm__meter_record *),
                               void *context);
void trm__meter_record_clear(trm__meter_record *);

typedef struct trm__meter_thread_mark { /* of a thread other than the first */
  double enter, leave;
  const char *name;
  int thread;
} trm__meter_thread_mark;

typedef struct
    trm__meter_window_view { /* one window of all ranks, on rank 0's clock */
  int64_t chunk, first, steps;
  int ranks;
  trm__meter_part_events *part;  /* ranks; the events are owned */
  int *marks;                    /* ranks */
  trm__meter_thread_mark **mark; /* ranks */
} trm__meter_window_view;

/** Bring a window to rank 0. Collective.
 * \param clock before and after the loop
 * \param record on rank 0 of all ranks, for the names  \param marks include
 * those of the other threads  \param view filled on rank 0, empty elsewhere */
void trm__meter_window_gather(trm_run *, int window,
                              const trm__meter_clock clock[2],
                              const trm__meter_record *record, bool marks,
                              trm__meter_window_view *view);
void trm__meter_window_view_clear(trm__meter_window_view *);

#endif
