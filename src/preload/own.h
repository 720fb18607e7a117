/* Counting of calls, private to the wrappers. */
#ifndef TRM_PRELOAD_OWN_H
#define TRM_PRELOAD_OWN_H

#include <mpi.h>

#include "comm/preload.h"

typedef struct trm__preload_booking { /* one call under way */
  trm_preload_kind kind;
  int64_t since;
} trm__preload_booking;

/** Count a call with what it sends, before it is forwarded; then its time. */
trm__preload_booking trm__preload_book(trm_preload_kind, int64_t messages,
                                       int64_t bytes);
void trm__preload_booked(const trm__preload_booking *);

/** Bytes of `count` elements; 0 for a null type. */
int64_t trm__preload_bytes(int64_t count, MPI_Datatype);

/** Seconds of the monotonic clock. */
double trm__preload_clock(void);

const char *trm__preload_name(trm_preload_kind);
trm_preload_class trm__preload_class_of(trm_preload_kind);

/* A wrapper: count the call, forward it, count its time. */
#define TRM__WRAP(name, kind, messages, bytes, parameters, arguments) \
  int MPI_##name parameters {                                         \
    trm__preload_booking booking =                                    \
        trm__preload_book(TRM_PRELOAD_##kind, (messages), (bytes));   \
    int status = PMPI_##name arguments;                               \
    trm__preload_booked(&booking);                                    \
    return status;                                                    \
  }

/* The same for a call and its non-blocking form, which has a request as
 * well. */
#define TRM__LIST(...) __VA_ARGS__
#define TRM__WRAP_BOTH(name, iname, kind, messages, bytes, parameters, \
                       arguments)                                      \
  TRM__WRAP(name, kind, messages, bytes, parameters, arguments)        \
  TRM__WRAP(iname, kind, messages, bytes,                              \
            (TRM__LIST parameters, MPI_Request * request),             \
            (TRM__LIST arguments, request))

#endif
