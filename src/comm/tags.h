/* Tags of the library's own messages; kernels use those below. */
#ifndef TRM_COMM_TAGS_H
#define TRM_COMM_TAGS_H

#include <trireme/comm.h>

enum {
  TRM__TAG_ALLTOALL = 30000,
  TRM__TAG_GATHER,
  TRM__TAG_SCAN,
  TRM__TAG_MEASURE,
  TRM__TAG_MOVE = 30100 /* + number of the plan */
};

/** The highest tag that this MPI accepts, at least 32767; $TRM_TAG_LIMIT lowers
 * it for tests. Local. */
int trm__comm_tag_limit(const trm_comm *);

#endif
