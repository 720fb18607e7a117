/* The table printed when MPI ends, on request. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "preload/own.h"

static double began; /* when MPI was initialised */

int MPI_Init(int *argc, char ***argv) {
  int status = PMPI_Init(argc, argv);
  began = trm__preload_clock();
  return status;
}

int MPI_Init_thread(int *argc, char ***argv, int required, int *provided) {
  int status = PMPI_Init_thread(argc, argv, required, provided);
  began = trm__preload_clock();
  return status;
}

/* -- over all ranks -------------------------------------------------------- */

enum { KINDS = TRM_PRELOAD_KIND_COUNT };

typedef struct summed { /* over all ranks; rank 0 prints it */
  int64_t count[KINDS][3];
  double seconds[KINDS + 1], slowest[KINDS + 1]; /* the last: of all kinds */
} summed;

static void gather(const trm_preload_total mine[], summed *all) {
  summed own;
  own.seconds[KINDS] = 0;
  for (int k = 0; k < KINDS; k++) {
    own.count[k][0] = mine[k].calls;
    own.count[k][1] = mine[k].messages;
    own.count[k][2] = mine[k].bytes;
    own.seconds[k] = mine[k].seconds;
    own.seconds[KINDS] += mine[k].seconds;
  }
  PMPI_Reduce(own.count, all->count, 3 * KINDS, MPI_INT64_T, MPI_SUM, 0,
              MPI_COMM_WORLD);
  PMPI_Reduce(own.seconds, all->seconds, KINDS + 1, MPI_DOUBLE, MPI_SUM, 0,
              MPI_COMM_WORLD);
  PMPI_Reduce(own.seconds, all->slowest, KINDS + 1, MPI_DOUBLE, MPI_MAX, 0,
              MPI_COMM_WORLD);
}

/* -- printing -------------------------------------------------------------- */

static void print_times(const summed *p, int k, int ranks, double wall) {
  double mean = p->seconds[k] / ranks;
  fprintf(stderr, " %11.6f %11.6f %5.1f %%\n", mean, p->slowest[k],
          100 * mean / wall);
}

static void print_part(const summed *p, const char *who, int ranks,
                       double wall) {
  int kinds = 0;
  for (int k = 0; k < KINDS; k++) kinds += p->count[k][0] > 0;
  if (!kinds) return;
  fprintf(stderr, "%-16s %11s %11s %15s %11s %11s %7s\n", who, "calls",
          "messages", "bytes", "mean s", "slowest s", "of wall");
  for (int k = 0; k < KINDS; k++) {
    if (!p->count[k][0]) continue;
    fprintf(stderr, "  %-14s %11" PRId64 " %11" PRId64 " %15" PRId64,
            trm__preload_name(k), p->count[k][0], p->count[k][1],
            p->count[k][2]);
    print_times(p, k, ranks, wall);
  }
  fprintf(stderr, "  %-14s %11s %11s %15s", "all", "", "", "");
  print_times(p, KINDS, ranks, wall);
}

static void report(void) {
  trm_preload_totals mine;
  summed untracked, inside;
  double wall = trm__preload_clock() - began, longest;
  int rank, ranks;
  trm_preload_read(&mine);
  PMPI_Comm_rank(MPI_COMM_WORLD, &rank);
  PMPI_Comm_size(MPI_COMM_WORLD, &ranks);
  gather(mine.untracked, &untracked);
  gather(mine.inside, &inside);
  PMPI_Reduce(&wall, &longest, 1, MPI_DOUBLE, MPI_MAX, 0, MPI_COMM_WORLD);
  if (rank) return;
  fprintf(stderr, "MPI: %d rank%s, %.3f s from MPI_Init to MPI_Finalize\n",
          ranks, ranks == 1 ? "" : "s", longest);
  print_part(&untracked, "the program", ranks, longest);
  print_part(&inside, "Trireme", ranks, longest);
}

int MPI_Finalize(void) {
  const char *mode = getenv("TRIREME_PRELOAD");
  if (mode && !strcmp(mode, "report")) report();
  return PMPI_Finalize();
}
