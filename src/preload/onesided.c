/* One-sided operations, and the calls that open and close their epochs. */
#include "preload/own.h"

static int64_t bytes_at(int target, int n, MPI_Datatype type) {
  return target == MPI_PROC_NULL ? 0 : trm__preload_bytes(n, type);
}

/* -- operations, with and without a request -------------------------------- */

TRM__WRAP_BOTH(Put, Rput, PUT, target != MPI_PROC_NULL,
               bytes_at(target, n, type),
               (const void *data, int n, MPI_Datatype type, int target,
                MPI_Aint at, int m, MPI_Datatype target_type, MPI_Win win),
               (data, n, type, target, at, m, target_type, win))
TRM__WRAP_BOTH(Get, Rget, GET, target != MPI_PROC_NULL,
               bytes_at(target, n, type),
               (void *data, int n, MPI_Datatype type, int target, MPI_Aint at,
                int m, MPI_Datatype target_type, MPI_Win win),
               (data, n, type, target, at, m, target_type, win))
TRM__WRAP_BOTH(Accumulate, Raccumulate, ACCUMULATE, target != MPI_PROC_NULL,
               bytes_at(target, n, type),
               (const void *data, int n, MPI_Datatype type, int target,
                MPI_Aint at, int m, MPI_Datatype target_type, MPI_Op op,
                MPI_Win win),
               (data, n, type, target, at, m, target_type, op, win))
TRM__WRAP_BOTH(Get_accumulate, Rget_accumulate, ACCUMULATE,
               target != MPI_PROC_NULL,
               bytes_at(target, op == MPI_NO_OP ? k : n,
                        op == MPI_NO_OP ? result_type : type),
               (const void *data, int n, MPI_Datatype type, void *result, int k,
                MPI_Datatype result_type, int target, MPI_Aint at, int m,
                MPI_Datatype target_type, MPI_Op op, MPI_Win win),
               (data, n, type, result, k, result_type, target, at, m,
                target_type, op, win))
TRM__WRAP(Fetch_and_op, ACCUMULATE, target != MPI_PROC_NULL,
          bytes_at(target, 1, type),
          (const void *data, void *result, MPI_Datatype type, int target,
           MPI_Aint at, MPI_Op op, MPI_Win win),
          (data, result, type, target, at, op, win))
TRM__WRAP(Compare_and_swap, ACCUMULATE, target != MPI_PROC_NULL,
          bytes_at(target, 1, type),
          (const void *data, const void *compare, void *result,
           MPI_Datatype type, int target, MPI_Aint at, MPI_Win win),
          (data, compare, result, type, target, at, win))

/* -- epochs ---------------------------------------------------------------- */

#define SYNC(name, parameters, arguments) \
  TRM__WRAP(name, SYNC, 0, 0, parameters, arguments)
SYNC(Win_fence, (int assertion, MPI_Win win), (assertion, win))
SYNC(Win_lock, (int type, int rank, int assertion, MPI_Win win),
     (type, rank, assertion, win))
SYNC(Win_unlock, (int rank, MPI_Win win), (rank, win))
SYNC(Win_lock_all, (int assertion, MPI_Win win), (assertion, win))
SYNC(Win_unlock_all, (MPI_Win win), (win))
SYNC(Win_flush, (int rank, MPI_Win win), (rank, win))
SYNC(Win_flush_all, (MPI_Win win), (win))
SYNC(Win_flush_local, (int rank, MPI_Win win), (rank, win))
SYNC(Win_flush_local_all, (MPI_Win win), (win))
SYNC(Win_start, (MPI_Group group, int assertion, MPI_Win win),
     (group, assertion, win))
SYNC(Win_complete, (MPI_Win win), (win))
SYNC(Win_post, (MPI_Group group, int assertion, MPI_Win win),
     (group, assertion, win))
SYNC(Win_wait, (MPI_Win win), (win))
SYNC(Win_test, (MPI_Win win, int *flag), (win, flag))
SYNC(Win_sync, (MPI_Win win), (win))
