/* The ring: blocks of bodies go from rank to rank, and each rank adds what they do
 * to its own. */
#include "nbody.h"

#include <string.h>

/* -- who owns what --------------------------------------------------------- */

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

/* Groups that a thread takes at once: few enough for its first cache, and every
 * thread gets as many. */
static int64_t batch_of(const trm_run *run, int64_t groups) {
  enum { MOST = 16 };
  int64_t turns = (groups + MOST * run->threads - 1) / (MOST * run->threads);
  int64_t batches = turns * run->threads;
  return (groups + batches - 1) / batches;
}

static void attract(trm_run *run, nbody_state *s, const nbody_pass *job,
                    const nbody_body *source, int64_t sources, int64_t first) {
  nbody_pairs p = {source,       sources,
                   first,        s->first,
                   s->target[0], s->target[1],
                   s->target[2], {NULL},
                   {0},          (float)(s->o->eps * s->o->eps)};
  for (int k = 0; k < NBODY_SUMS; k++) {
    p.sum[k] = job->sum[k];
    p.round[k] = job->round[k];
  }
  const int64_t groups = nbody_groups(s->count), batch = batch_of(run, groups);
  const double pairs = (double)s->count * (double)sources;
  TRM_PARALLEL(run, job->name, job->flops * pairs,
               16.0 * (double)sources + 36.0 * (double)s->count) {
#pragma omp for schedule(static) nowait
    for (int64_t g = 0; g < groups; g += batch)
      job->sum_up(&p, g, g + batch < groups ? g + batch : groups);
  }
}

/* Pieces of a block between which MPI may move the next one on. */
static int64_t piece_of(const nbody_state *s, int64_t sources) {
  enum { MOST = 8, LEAST = 1 << 19 }; /* pieces; interactions */
  double work = (double)s->count * (double)sources / LEAST;
  int64_t pieces = work < 1 ? 1 : work > MOST ? MOST : (int64_t)work;
  int64_t tiles = nbody_tiles(sources);
  return (tiles + pieces - 1) / pieces * NBODY_TILE;
}

static void attract_all(trm_run *run, nbody_state *s, const nbody_pass *job,
                        const nbody_body *source, int block, trm_batch *next) {
  const int64_t n = nbody_length(s->n, s->blocks, block),
                first = nbody_first(s->n, s->blocks, block),
                piece = s->blocks > 1 ? piece_of(s, n) : n;
  for (int64_t at = 0; at < n; at += piece) {
    int64_t sources = n - at < piece ? n - at : piece;
    attract(run, s, job, source + at, sources, first + at);
    if (next) trm_batch_test(next);
  }
}

/* The block at hand goes on to the rank above, the one from below comes in. */
static void hand_on(trm_run *run, const nbody_state *s, const nbody_body *have,
                    int block, nbody_body *room, trm_batch *batch) {
  const int above = (run->rank + 1) % s->blocks,
            below = (run->rank + s->blocks - 1) % s->blocks,
            coming = (block + s->blocks - 1) % s->blocks;
  const int64_t size = sizeof *have;
  trm_irecv(run->comm, room, size * nbody_length(s->n, s->blocks, coming),
            below, 0, batch);
  trm_isend(run->comm, have, size * nbody_length(s->n, s->blocks, block), above,
            0, batch);
}

void nbody_go_round(trm_run *run, nbody_state *s, const nbody_pass *job) {
  const nbody_body *have = s->own;
  trm_batch batch = {.n = 0};
  int block = run->rank;
  if (!s->count) return;
  for (int k = 0; k < NBODY_SUMS; k++)
    memset(job->sum[k], 0, sizeof(double) * (size_t)s->count);
  for (int k = 0; k < s->blocks; k++) {
    const bool more = k + 1 < s->blocks;
    nbody_body *room = s->block[k % 2];
    if (more) hand_on(run, s, have, block, room, &batch);
    attract_all(run, s, job, have, block, more ? &batch : NULL);
    if (more) trm_batch_wait(&batch);
    have = room;
    block = (block + s->blocks - 1) % s->blocks;
  }
  trm_batch_free(&batch);
}
