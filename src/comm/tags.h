/* Tags of the library's own messages; kernels have those below. */
#ifndef TRM_COMM_TAGS_H
#define TRM_COMM_TAGS_H

enum {
  TRM__TAG_ALLTOALL = 30000,
  TRM__TAG_GATHER,
  TRM__TAG_SCAN,
  TRM__TAG_REDISTRIBUTE,
  TRM__TAG_MEASURE,
  TRM__TAG_HALO = 30100,    /* + 8 * plan + 2 * dimension + side */
  TRM__TAG_HALO_PLANS = 256 /* MPI promises tags up to 32767 */
};

#endif
