/* A call of MPI as the meter sees it: entered, left and recorded. All Local. */
#ifndef TRM_COMM_CALL_H
#define TRM_COMM_CALL_H

#include "comm/meter.h"

/** Enter a call.  \return the time, or 0 when nothing is timed */
double trm__comm_call_enter(const trm_comm *);

/** Leave a call.  \return the time, or 0 when nothing is timed */
double trm__comm_call_leave(const trm_comm *, trm_call, double enter);

/** Record a collective call. \param root of the communicator; -1: none */
void trm__comm_call_log(const trm_comm *, trm_call, double enter, double leave,
                        int64_t bytes, int root);

typedef struct trm__comm_posted { /* a message sent or received */
  int64_t bytes;
  int partner, tag; /* partner: rank of the communicator */
  bool send;
} trm__comm_posted;

/** Count and record a message.  \param leave of the call; `enter` for further
 * messages of one call */
void trm__comm_message_log(const trm_comm *, const trm__comm_posted *,
                           uint32_t batch, double enter, double leave);

/** Record the end of waiting, or of a test. */
void trm__comm_wait_log(const trm_comm *, trm__comm_event_kind, uint32_t batch,
                        bool done, double enter, double leave);

/** Return a new number for a batch of this rank. */
uint32_t trm__comm_batch_name(const trm_comm *);

#endif
