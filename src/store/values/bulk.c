#include "store/values/bulk.h"

#include <stdlib.h>
#include <string.h>

#include "array/digest.h"
#include "base/memory.h"
#include "comm/run.h"
#include "store/file/header.h"

enum {
  PER_HOST = 4,     /* aggregating ranks */
  BUFFERS = 3,      /* windows in transfer on each */
  UNIT = 1 << 20,   /* bytes; each rank's part of a file begins at a multiple */
  LARGEST = 8 << 20 /* window */
};

struct trm__store_bulk {
  trm_run *run;
  int aggregators, mine; /* mine: index of this rank among them; -1: none */
  int *ranks;            /* of the aggregators, ascending */
  int64_t *first,
      *length;    /* windows of the current round, by rank of the run */
  int64_t window; /* bytes, a multiple of UNIT */
  void *memory;   /* BUFFERS windows; NULL on other ranks */
};

/* Aggregators are spread over the ranks of each host; rank 0 is one of them. */
static void choose_ranks(trm__store_bulk *b) {
  trm_run *run = b->run;
  const trm_comm *host = run->own->host;
  int n = host->ranks < PER_HOST ? host->ranks : PER_HOST, one = 0;
  for (int i = 0; i < n; i++) one |= host->rank == i * host->ranks / n;
  int *all = trm__base_calloc((size_t)run->ranks, sizeof *all);
  trm_allgather(run->comm, &one, sizeof one, all);
  b->ranks = trm__base_calloc((size_t)run->ranks, sizeof *b->ranks);
  b->mine = -1;
  for (int r = 0; r < run->ranks; r++) {
    if (!all[r]) continue;
    if (r == run->rank) b->mine = b->aggregators;
    b->ranks[b->aggregators++] = r;
  }
  free(all);
}

static int64_t window_for(const trm__store_bulk *b, int64_t largest) {
  int64_t share = (largest + b->aggregators - 1) / b->aggregators;
  if (share > LARGEST) share = LARGEST;
  return share < UNIT ? UNIT : (share + UNIT - 1) / UNIT * UNIT;
}

trm_status trm__store_bulk_new(trm_run *run, int64_t largest,
                               trm__store_bulk **result) {
  trm__store_bulk *b = trm__base_calloc(1, sizeof *b);
  b->run = run;
  choose_ranks(b);
  b->first = trm__base_calloc((size_t)run->ranks, sizeof *b->first);
  b->length = trm__base_calloc((size_t)run->ranks, sizeof *b->length);
  b->window = window_for(b, largest);
  *result = b;
  trm_status status = TRM_OK;
  if (b->mine >= 0)
    status =
        trm_alloc(run, "checkpoint buffers", BUFFERS * b->window, &b->memory);
  status = trm_agree(run, status);
  if (status) trm__store_bulk_free(result);
  return status;
}

void trm__store_bulk_free(trm__store_bulk **bulk) {
  trm__store_bulk *b = *bulk;
  if (!b) return;
  trm_release(b->run, &b->memory);
  free(b->ranks);
  free(b->first);
  free(b->length);
  free(b);
  *bulk = NULL;
}

bool trm__store_bulk_fits(const trm__store_bulk *b, int64_t largest) {
  return window_for(b, largest) <= b->window;
}

trm_run *trm__store_bulk_run(const trm__store_bulk *b) {
  return b->run;
}

bool trm__store_bulk_mine(const trm__store_bulk *b) {
  return b->mine >= 0;
}

/* -- windows --------------------------------------------------------------- */

typedef struct part {
  int64_t lo, hi;
} part; /* elements of one aggregator */

static part part_of(const trm__store_bulk *b, const trm__store_dataset *f,
                    int who) {
  int64_t count = trm__store_dataset_count(f);
  int64_t unit = UNIT / (int64_t)trm_type_size(f->type);
  int64_t units = (count + unit - 1) / unit, n = b->aggregators;
  int64_t whole = units / n, more = units % n; /* the first get one more */
  int64_t lo = who * whole + (who < more ? who : more);
  int64_t hi = lo + whole + (who < more);
  part p = {lo * unit, hi * unit < count ? hi * unit : count};
  if (p.lo > count) p.lo = count;
  return p;
}

static int64_t step_of(const trm__store_bulk *b, const trm__store_dataset *f) {
  return b->window / (int64_t)trm_type_size(f->type);
}

static part window_of(const trm__store_bulk *b, const trm__store_dataset *f,
                      int who, int64_t round) {
  part p = part_of(b, f, who);
  int64_t step = step_of(b, f), lo = p.lo + round * step;
  if (lo > p.hi) lo = p.hi;
  return (part){lo, p.hi - lo < step ? p.hi : lo + step};
}

static int64_t rounds_of(const trm__store_bulk *b,
                         const trm__store_dataset *f) {
  part p = part_of(b, f, 0); /* the longest */
  int64_t step = step_of(b, f);
  return (p.hi - p.lo + step - 1) / step;
}

static trm__array_linear set_windows(trm__store_bulk *b,
                                     const trm__store_dataset *f,
                                     int64_t round) {
  for (int a = 0; a < b->aggregators; a++) {
    part w = window_of(b, f, a, round);
    b->first[b->ranks[a]] = w.lo;
    b->length[b->ranks[a]] = w.hi - w.lo;
  }
  return (trm__array_linear){b->first, b->length};
}

static void *buffer(const trm__store_bulk *b, int64_t round) {
  if (!b->memory) return NULL;
  return (char *)b->memory + round % BUFFERS * b->window;
}

/* -- transfers ------------------------------------------------------------- */

static trm_status finish(trm__store_bulk *b, trm__store_transfer *job) {
  if (trm__store_transfer_finish(job) == TRM_OK) return TRM_OK;
  return trm_fail(b->run, job->error.status, "%s", job->error.text);
}

static trm_status finish_all(trm__store_bulk *b,
                             trm__store_transfer jobs[BUFFERS]) {
  trm_status status = TRM_OK;
  for (int i = 0; i < BUFFERS; i++) {
    trm_status one = finish(b, &jobs[i]);
    if (status == TRM_OK) status = one;
  }
  return status;
}

trm_status trm__store_bulk_write(trm__store_bulk *b, trm__store_io *io,
                                 const trm__store_dataset *f,
                                 const trm_field *field) {
  trm__store_transfer jobs[BUFFERS] = {0};
  int64_t size = (int64_t)trm_type_size(f->type), rounds = rounds_of(b, f);
  trm_status mine = TRM_OK; /* of the file; other ranks still need all rounds */
  for (int64_t r = 0; r < rounds; r++) {
    trm__store_transfer *job = &jobs[r % BUFFERS];
    trm_status earlier = finish(b, job);
    if (mine == TRM_OK) mine = earlier;
    trm__array_linear all = set_windows(b, f, r);
    trm_status moved =
        trm__array_linear_from_field(b->run, field, &all, buffer(b, r));
    if (moved) {
      finish_all(b, jobs);
      return moved;
    }
    if (b->mine < 0 || mine) continue;
    part w = window_of(b, f, b->mine, r);
    *job = (trm__store_transfer){
        .io = io, .op = "write", .write = true, .data = buffer(b, r)};
    job->bytes = (w.hi - w.lo) * size;
    job->offset = f->offset + w.lo * size;
    if (job->bytes > 0) trm__store_transfer_start(job);
  }
  trm_status rest = finish_all(b, jobs);
  return trm_agree(b->run, mine ? mine : rest);
}

/* Read-ahead into the buffers, by the aggregating ranks. */
typedef struct reader {
  trm__store_bulk *bulk;
  trm__store_source source;
  trm__store_transfer jobs[BUFFERS];
  int64_t rounds;
  trm_status status;
} reader;

static void start(reader *in, int64_t round) {
  if (in->bulk->mine < 0 || in->status || round >= in->rounds) return;
  part w = window_of(in->bulk, &in->source.field, in->bulk->mine, round);
  if (w.hi > w.lo)
    trm__store_source_start(&in->source, w.lo, w.hi - w.lo,
                            buffer(in->bulk, round),
                            &in->jobs[round % BUFFERS]);
}

static trm_status begin(reader *in, trm__store_bulk *b, const char *path,
                        const trm__store_dataset *at,
                        const trm__store_packing *packing, const char *op) {
  trm__base_error error = {TRM_OK, ""};
  *in = (reader){.bulk = b, .rounds = rounds_of(b, at)};
  trm__store_source_none(&in->source);
  if (b->mine >= 0 &&
      trm__store_source_open(&in->source, path, at, packing, op, &error))
    trm_fail(b->run, error.status, "%s", error.text);
  trm_status status = trm_agree(b->run, error.status);
  if (status) trm__store_source_close(&in->source);
  for (int64_t r = 0; !status && r < BUFFERS - 1; r++) start(in, r);
  return status;
}

/* Finish reading one round, and start reading a later one into the free
 * buffer. */
static void take(reader *in, int64_t round) {
  trm_status status = finish(in->bulk, &in->jobs[round % BUFFERS]);
  if (in->status == TRM_OK) in->status = status;
  in->jobs[round % BUFFERS] = (trm__store_transfer){0};
  start(in, round + BUFFERS - 1);
}

static trm_status end(reader *in) {
  trm_status rest = finish_all(in->bulk, in->jobs);
  trm__store_source_close(&in->source);
  return trm_agree(in->bulk->run, in->status ? in->status : rest);
}

trm_status trm__store_bulk_unpack(trm__store_bulk *b, const char *path,
                                  const trm__store_dataset *at,
                                  const trm__store_packing *packing,
                                  trm_field *field, int64_t *missing) {
  reader in;
  TRM_TRY(begin(&in, b, path, at, packing, "read"));
  trm_status moved = TRM_OK;
  for (int64_t r = 0; moved == TRM_OK && r < in.rounds; r++) {
    take(&in, r);
    trm__array_linear all = set_windows(b, at, r);
    moved = trm__array_linear_to_field(b->run, &all, buffer(b, r), field);
  }
  *missing = in.source.missing;
  trm_status status = end(&in);
  return moved ? moved : status;
}

trm_status trm__store_bulk_read(trm__store_bulk *b, const char *path,
                                const trm__store_dataset *at,
                                trm_field *field) {
  int64_t missing;
  return trm__store_bulk_unpack(b, path, at, NULL, field, &missing);
}

trm_status trm__store_bulk_digest(trm__store_bulk *b, const char *path,
                                  const trm__store_dataset *at,
                                  uint64_t *digest) {
  reader in;
  TRM_TRY(begin(&in, b, path, at, NULL, "verify"));
  *digest = 0;
  for (int64_t r = 0; r < in.rounds && b->mine >= 0; r++) {
    take(&in, r);
    part w = window_of(b, at, b->mine, r);
    if (in.status == TRM_OK && w.hi > w.lo)
      *digest += trm__array_digest_run(at->type, buffer(b, r), 1, w.hi - w.lo,
                                       (uint64_t)w.lo);
  }
  trm_allreduce(b->run->comm, digest, 1, TRM_U64, TRM_SUM);
  return end(&in);
}
