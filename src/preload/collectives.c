/* Collective operations, blocking and non-blocking, neighbour collectives too.
 * The bytes that this rank contributes are counted. For MPI_IN_PLACE the
 * receive arguments describe them. */
#include <stdbool.h>

#include "preload/own.h"

static int ranks_of(MPI_Comm comm) {
  int between, ranks;
  PMPI_Comm_test_inter(comm, &between);
  if (between)
    PMPI_Comm_remote_size(comm, &ranks);
  else
    PMPI_Comm_size(comm, &ranks);
  return ranks;
}

static int rank_in(MPI_Comm comm) {
  int rank;
  PMPI_Comm_rank(comm, &rank);
  return rank;
}

/* On an intercommunicator the root passes MPI_ROOT. */
static bool is_root(int root, MPI_Comm comm) {
  int between;
  PMPI_Comm_test_inter(comm, &between);
  return between ? root == MPI_ROOT : root == rank_in(comm);
}

/* -- bytes ----------------------------------------------------------------- */

static int64_t from_root(int64_t n, MPI_Datatype type, int root,
                         MPI_Comm comm) {
  return is_root(root, comm) ? trm__preload_bytes(n, type) : 0;
}

static int64_t sum_of(const int n[], MPI_Datatype type, int count) {
  int64_t sum = 0;
  for (int i = 0; i < count; i++) sum += n[i];
  return trm__preload_bytes(sum, type);
}

static int64_t sum_of_types(const int n[], const MPI_Datatype type[],
                            int count) {
  int64_t sum = 0;
  for (int i = 0; i < count; i++) sum += trm__preload_bytes(n[i], type[i]);
  return sum;
}

/* The piece of this rank; with MPI_IN_PLACE it is already in the output. */
static int64_t piece(const void *in, int n, MPI_Datatype type, int64_t m,
                     MPI_Datatype out_type) {
  return in == MPI_IN_PLACE ? trm__preload_bytes(m, out_type)
                            : trm__preload_bytes(n, type);
}

static int64_t piece_v(const void *in, int n, MPI_Datatype type, const int m[],
                       MPI_Datatype out_type, MPI_Comm comm) {
  return piece(in, n, type, in == MPI_IN_PLACE ? m[rank_in(comm)] : 0,
               out_type);
}

static int64_t piece_for_root(const void *in, int n, MPI_Datatype type) {
  return in == MPI_IN_PLACE ? 0 : trm__preload_bytes(n, type);
}

static int64_t scatter_v(const int n[], MPI_Datatype type, int root,
                         MPI_Comm comm) {
  return is_root(root, comm) ? sum_of(n, type, ranks_of(comm)) : 0;
}

static int64_t all_v(const void *in, const int n[], MPI_Datatype type,
                     const int m[], MPI_Datatype out_type, MPI_Comm comm) {
  int ranks = ranks_of(comm);
  return in == MPI_IN_PLACE ? sum_of(m, out_type, ranks)
                            : sum_of(n, type, ranks);
}

static int64_t all_w(const void *in, const int n[], const MPI_Datatype type[],
                     const int m[], const MPI_Datatype out_type[],
                     MPI_Comm comm) {
  int ranks = ranks_of(comm);
  return in == MPI_IN_PLACE ? sum_of_types(m, out_type, ranks)
                            : sum_of_types(n, type, ranks);
}

/* Number of neighbours that this rank sends to. */
static int neighbours(MPI_Comm comm) {
  int kind, n = 0, in, weighted;
  PMPI_Topo_test(comm, &kind);
  if (kind == MPI_CART) {
    PMPI_Cartdim_get(comm, &n);
    n *= 2;
  } else if (kind == MPI_GRAPH) {
    PMPI_Graph_neighbors_count(comm, rank_in(comm), &n);
  } else if (kind == MPI_DIST_GRAPH) {
    PMPI_Dist_graph_neighbors_count(comm, &in, &n, &weighted);
  }
  return n;
}

/* -- from one, to one ------------------------------------------------------ */

TRM__WRAP(Barrier, BARRIER, 0, 0, (MPI_Comm comm), (comm))
TRM__WRAP(Ibarrier, BARRIER, 0, 0, (MPI_Comm comm, MPI_Request *request),
          (comm, request))
TRM__WRAP_BOTH(Bcast, Ibcast, BCAST, 0, from_root(n, type, root, comm),
               (void *data, int n, MPI_Datatype type, int root, MPI_Comm comm),
               (data, n, type, root, comm))
TRM__WRAP_BOTH(Gather, Igather, GATHER, 0, piece_for_root(in, n, type),
               (const void *in, int n, MPI_Datatype type, void *out, int m,
                MPI_Datatype out_type, int root, MPI_Comm comm),
               (in, n, type, out, m, out_type, root, comm))
TRM__WRAP_BOTH(Gatherv, Igatherv, GATHER, 0, piece_for_root(in, n, type),
               (const void *in, int n, MPI_Datatype type, void *out,
                const int m[], const int at[], MPI_Datatype out_type, int root,
                MPI_Comm comm),
               (in, n, type, out, m, at, out_type, root, comm))
TRM__WRAP_BOTH(Scatter, Iscatter, SCATTER, 0,
               from_root((int64_t)n *ranks_of(comm), type, root, comm),
               (const void *in, int n, MPI_Datatype type, void *out, int m,
                MPI_Datatype out_type, int root, MPI_Comm comm),
               (in, n, type, out, m, out_type, root, comm))
TRM__WRAP_BOTH(Scatterv, Iscatterv, SCATTER, 0, scatter_v(n, type, root, comm),
               (const void *in, const int n[], const int at[],
                MPI_Datatype type, void *out, int m, MPI_Datatype out_type,
                int root, MPI_Comm comm),
               (in, n, at, type, out, m, out_type, root, comm))

/* -- reductions ------------------------------------------------------------ */

TRM__WRAP_BOTH(Reduce, Ireduce, REDUCE, 0, trm__preload_bytes(n, type),
               (const void *in, void *out, int n, MPI_Datatype type, MPI_Op op,
                int root, MPI_Comm comm),
               (in, out, n, type, op, root, comm))
#define REDUCE(name, iname, kind)                                      \
  TRM__WRAP_BOTH(name, iname, kind, 0, trm__preload_bytes(n, type),    \
                 (const void *in, void *out, int n, MPI_Datatype type, \
                  MPI_Op op, MPI_Comm comm),                           \
                 (in, out, n, type, op, comm))
REDUCE(Allreduce, Iallreduce, ALLREDUCE)
REDUCE(Scan, Iscan, SCAN)
REDUCE(Exscan, Iexscan, SCAN)
TRM__WRAP_BOTH(Reduce_scatter, Ireduce_scatter, REDUCE_SCATTER, 0,
               sum_of(m, type, ranks_of(comm)),
               (const void *in, void *out, const int m[], MPI_Datatype type,
                MPI_Op op, MPI_Comm comm),
               (in, out, m, type, op, comm))
TRM__WRAP_BOTH(Reduce_scatter_block, Ireduce_scatter_block, REDUCE_SCATTER, 0,
               trm__preload_bytes((int64_t)m *ranks_of(comm), type),
               (const void *in, void *out, int m, MPI_Datatype type, MPI_Op op,
                MPI_Comm comm),
               (in, out, m, type, op, comm))

/* -- all to all --------------------------------------------------------- */

TRM__WRAP_BOTH(Allgather, Iallgather, ALLGATHER, 0,
               piece(in, n, type, m, out_type),
               (const void *in, int n, MPI_Datatype type, void *out, int m,
                MPI_Datatype out_type, MPI_Comm comm),
               (in, n, type, out, m, out_type, comm))
TRM__WRAP_BOTH(Allgatherv, Iallgatherv, ALLGATHER, 0,
               piece_v(in, n, type, m, out_type, comm),
               (const void *in, int n, MPI_Datatype type, void *out,
                const int m[], const int at[], MPI_Datatype out_type,
                MPI_Comm comm),
               (in, n, type, out, m, at, out_type, comm))
TRM__WRAP_BOTH(Alltoall, Ialltoall, ALLTOALL, 0,
               piece(in, n, type, m, out_type) * ranks_of(comm),
               (const void *in, int n, MPI_Datatype type, void *out, int m,
                MPI_Datatype out_type, MPI_Comm comm),
               (in, n, type, out, m, out_type, comm))
TRM__WRAP_BOTH(Alltoallv, Ialltoallv, ALLTOALL, 0,
               all_v(in, n, type, m, out_type, comm),
               (const void *in, const int n[], const int in_at[],
                MPI_Datatype type, void *out, const int m[], const int at[],
                MPI_Datatype out_type, MPI_Comm comm),
               (in, n, in_at, type, out, m, at, out_type, comm))
TRM__WRAP_BOTH(Alltoallw, Ialltoallw, ALLTOALL, 0,
               all_w(in, n, type, m, out_type, comm),
               (const void *in, const int n[], const int in_at[],
                const MPI_Datatype type[], void *out, const int m[],
                const int at[], const MPI_Datatype out_type[], MPI_Comm comm),
               (in, n, in_at, type, out, m, at, out_type, comm))

/* -- neighbours ------------------------------------------------------------ */

TRM__WRAP_BOTH(Neighbor_allgather, Ineighbor_allgather, NEIGHBOUR, 0,
               trm__preload_bytes(n, type),
               (const void *in, int n, MPI_Datatype type, void *out, int m,
                MPI_Datatype out_type, MPI_Comm comm),
               (in, n, type, out, m, out_type, comm))
TRM__WRAP_BOTH(Neighbor_allgatherv, Ineighbor_allgatherv, NEIGHBOUR, 0,
               trm__preload_bytes(n, type),
               (const void *in, int n, MPI_Datatype type, void *out,
                const int m[], const int at[], MPI_Datatype out_type,
                MPI_Comm comm),
               (in, n, type, out, m, at, out_type, comm))
TRM__WRAP_BOTH(Neighbor_alltoall, Ineighbor_alltoall, NEIGHBOUR, 0,
               trm__preload_bytes((int64_t)n *neighbours(comm), type),
               (const void *in, int n, MPI_Datatype type, void *out, int m,
                MPI_Datatype out_type, MPI_Comm comm),
               (in, n, type, out, m, out_type, comm))
TRM__WRAP_BOTH(Neighbor_alltoallv, Ineighbor_alltoallv, NEIGHBOUR, 0,
               sum_of(n, type, neighbours(comm)),
               (const void *in, const int n[], const int in_at[],
                MPI_Datatype type, void *out, const int m[], const int at[],
                MPI_Datatype out_type, MPI_Comm comm),
               (in, n, in_at, type, out, m, at, out_type, comm))
TRM__WRAP_BOTH(Neighbor_alltoallw, Ineighbor_alltoallw, NEIGHBOUR, 0,
               sum_of_types(n, type, neighbours(comm)),
               (const void *in, const int n[], const MPI_Aint in_at[],
                const MPI_Datatype type[], void *out, const int m[],
                const MPI_Aint at[], const MPI_Datatype out_type[],
                MPI_Comm comm),
               (in, n, in_at, type, out, m, at, out_type, comm))
