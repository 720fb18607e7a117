/* The counters. Threads may call MPI at the same time. */
#include <stdatomic.h>
#include <time.h>

#include "preload/own.h"

typedef struct counter {
  _Atomic int64_t calls, messages, bytes, nanoseconds;
} counter;

static counter counters[2][TRM_PRELOAD_KIND_COUNT]; /* untracked, inside */
static _Thread_local int inside;

int *trm_preload_inside(void) {
  return &inside;
}

static int64_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

double trm__preload_clock(void) {
  return (double)now() * 1e-9;
}

static counter *counter_of(trm_preload_kind kind) {
  return &counters[inside != 0][kind];
}

static void add(_Atomic int64_t *sum, int64_t what) {
  atomic_fetch_add_explicit(sum, what, memory_order_relaxed);
}

trm__preload_booking trm__preload_book(trm_preload_kind kind, int64_t messages,
                                       int64_t bytes) {
  counter *c = counter_of(kind);
  add(&c->calls, 1);
  if (messages) add(&c->messages, messages);
  if (bytes) add(&c->bytes, bytes);
  return (trm__preload_booking){kind, now()};
}

void trm__preload_booked(const trm__preload_booking *booking) {
  add(&counter_of(booking->kind)->nanoseconds, now() - booking->since);
}

int64_t trm__preload_bytes(int64_t count, MPI_Datatype type) {
  MPI_Count size = 0;
  if (type == MPI_DATATYPE_NULL || count < 1) return 0;
  if (PMPI_Type_size_x(type, &size) != MPI_SUCCESS || size < 0) return 0;
  return count * size;
}

static int64_t get(_Atomic int64_t *sum) {
  return atomic_load_explicit(sum, memory_order_relaxed);
}

static void read_into(counter from[], trm_preload_total to[]) {
  for (int k = 0; k < TRM_PRELOAD_KIND_COUNT; k++) {
    counter *c = &from[k];
    to[k] =
        (trm_preload_total){get(&c->calls), get(&c->messages), get(&c->bytes),
                            (double)get(&c->nanoseconds) * 1e-9};
  }
}

void trm_preload_read(trm_preload_totals *totals) {
  read_into(counters[0], totals->untracked);
  read_into(counters[1], totals->inside);
}

const char *trm__preload_name(trm_preload_kind kind) {
  static const char *const names[] = {
#define TRM__PRELOAD_KIND(name, class, text) text,
      TRM_PRELOAD_KINDS(TRM__PRELOAD_KIND)
#undef TRM__PRELOAD_KIND
  };
  return names[kind];
}

trm_preload_class trm__preload_class_of(trm_preload_kind kind) {
  static const trm_preload_class classes[] = {
#define TRM__PRELOAD_KIND(name, class, text) TRM_PRELOAD_##class,
      TRM_PRELOAD_KINDS(TRM__PRELOAD_KIND)
#undef TRM__PRELOAD_KIND
  };
  return classes[kind];
}
