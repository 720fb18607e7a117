/* The ring: blocks of bodies pass from rank to rank, and each rank adds their
 * contributions to its own bodies. */
#include "nbody.h"

#include <string.h>

/* -- decomposition --------------------------------------------------------- */

int64_t nbody_tiles(int64_t n) {
  return (n + NBODY_TILE - 1) / NBODY_TILE;
}

int nbody_blocks(int64_t n, int ranks) {
  return nbody_tiles(n) < ranks ? (int)nbody_tiles(n) : ranks;
}

int64_t nbody_first(int64_t n, int blocks, int block) {
  int64_t each = nbody_tiles(n) / blocks, more = nbody_tiles(n) % blocks;
  int64_t tile = block * each + (block < more ? block : more);
  return tile * NBODY_TILE < n ? tile * NBODY_TILE : n;
}

int64_t nbody_length(int64_t n, int blocks, int block) {
  if (block >= blocks) return 0;
  return nbody_first(n, blocks, block + 1) - nbody_first(n, blocks, block);
}

/* -- the ring -------------------------------------------------------------- */

int64_t nbody_groups(int64_t targets) {
  return (targets + NBODY_GROUP - 1) / NBODY_GROUP;
}

/* Groups that a thread handles at a time: few enough for its first-level cache,
 * with an equal number of batches per thread. */
static int64_t batch_of(const trm_run *run, int64_t groups) {
  enum { MAX = 16 };
  int64_t rounds = (groups + MAX * run->threads - 1) / (MAX * run->threads);
  int64_t batches = rounds * run->threads;
  return (groups + batches - 1) / batches;
}

static void sum_sources(trm_run *run, nbody_state *s, const nbody_pass *pass,
                        const nbody_body *source, int64_t sources,
                        int64_t first) {
  nbody_pairs p = {source,       sources,
                   first,        s->first,
                   s->target[0], s->target[1],
                   s->target[2], {NULL},
                   {0},          (float)(s->o->eps * s->o->eps)};
  for (int k = 0; k < NBODY_SUMS; k++) {
    p.sum[k] = pass->sum[k];
    p.round[k] = pass->round[k];
  }
  const int64_t groups = nbody_groups(s->count), batch = batch_of(run, groups);
  const double pairs = (double)s->count * (double)sources;
  TRM_PARALLEL(run, pass->name, pass->flops * pairs,
               16.0 * (double)sources + 36.0 * (double)s->count) {
#pragma omp for schedule(static) nowait
    for (int64_t g = 0; g < groups; g += batch)
      pass->sum_up(&p, g, g + batch < groups ? g + batch : groups);
  }
}

/* Length of the pieces of a block between which MPI may progress the transfer
 * of the next block. */
static int64_t piece_of(const nbody_state *s, int64_t sources) {
  enum { MAX = 8, MIN = 1 << 19 }; /* pieces; interactions per piece */
  double work = (double)s->count * (double)sources / MIN;
  int64_t pieces = work < 1 ? 1 : work > MAX ? MAX : (int64_t)work;
  int64_t tiles = nbody_tiles(sources);
  return (tiles + pieces - 1) / pieces * NBODY_TILE;
}

static void sum_block(trm_run *run, nbody_state *s, const nbody_pass *pass,
                      const nbody_body *source, int block, trm_batch *next) {
  const int64_t n = nbody_length(s->n, s->blocks, block),
                first = nbody_first(s->n, s->blocks, block),
                piece = s->blocks > 1 ? piece_of(s, n) : n;
  for (int64_t at = 0; at < n; at += piece) {
    int64_t sources = n - at < piece ? n - at : piece;
    sum_sources(run, s, pass, source + at, sources, first + at);
    if (next) trm_batch_test(next);
  }
}

/* Start to send the current block to the rank above and to receive the next one
 * from the rank below. */
static void start_transfer(trm_run *run, const nbody_state *s,
                           const nbody_body *block_data, int block,
                           nbody_body *incoming, trm_batch *batch) {
  const int above = (run->rank + 1) % s->blocks,
            below = (run->rank + s->blocks - 1) % s->blocks,
            coming = (block + s->blocks - 1) % s->blocks;
  const int64_t size = sizeof *block_data;
  trm_irecv(run->comm, incoming, size * nbody_length(s->n, s->blocks, coming),
            below, 0, batch);
  trm_isend(run->comm, block_data, size * nbody_length(s->n, s->blocks, block),
            above, 0, batch);
}

void nbody_sum_pairs(trm_run *run, nbody_state *s, const nbody_pass *pass) {
  const nbody_body *block_data = s->own;
  trm_batch batch = {.n = 0};
  int block = run->rank;
  if (!s->count) return;
  for (int k = 0; k < NBODY_SUMS; k++)
    memset(pass->sum[k], 0, sizeof(double) * (size_t)s->count);
  for (int k = 0; k < s->blocks; k++) {
    const bool more = k + 1 < s->blocks;
    nbody_body *incoming = s->block[k % 2];
    if (more) start_transfer(run, s, block_data, block, incoming, &batch);
    sum_block(run, s, pass, block_data, block, more ? &batch : NULL);
    if (more) trm_batch_wait(&batch);
    block_data = incoming;
    block = (block + s->blocks - 1) % s->blocks;
  }
  trm_batch_free(&batch);
}
