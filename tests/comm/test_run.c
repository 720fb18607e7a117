/* TEST ranks=13 split */
/* What a run owns, and how its ranks agree. */
#include "check_mpi.h"

#include "comm/run.h"

/* The worst status wins, and among its ranks the lowest one's message. */
static void agreement(trm_run *run) {
  trm_status mine = TRM_OK;
  CHECK_STATUS(trm_agree(run, TRM_OK), TRM_OK);
  if (run->rank >= run->ranks / 2)
    mine = trm_fail(run, TRM_EFILE, "file of rank %d", run->rank);
  else
    mine = trm_fail(run, TRM_EINPUT, "input of rank %d", run->rank);
  char want[64];
  snprintf(want, sizeof want, "file of rank %d", run->ranks / 2);
  CHECK_STATUS(trm_agree(run, mine), TRM_EFILE);
  CHECK_TEXT(trm_message(run), want);
  /* agreed: the next failure may speak, also of one rank alone */
  mine = TRM_OK;
  if (run->rank == run->ranks - 1) {
    mine = trm_fail(run, TRM_EOPTION, "first");
    CHECK_STATUS(trm_fail(run, TRM_EMEMORY, "second"), TRM_EMEMORY);
    CHECK_TEXT(trm_message(run), "first");
  }
  CHECK_STATUS(trm_agree(run, mine), TRM_EOPTION);
  CHECK_TEXT(trm_message(run), "first");
  CHECK_STATUS(trm_agree(run, run->rank ? TRM_OK : TRM_DONE), TRM_DONE);
  CHECK_TEXT(trm_message(run), "first");
}

/* One call when all is well, two otherwise; as control traffic. */
static void agreement_calls(trm_run *run) {
  const trm_traffic *t = &run->comm->counter->by[TRM_FOR_CONTROL];
  int64_t reduced = t->calls[TRM_ALLREDUCE], told = t->calls[TRM_BCAST];
  trm_agree(run, TRM_OK);
  CHECK_INT(t->calls[TRM_ALLREDUCE], reduced + 1);
  CHECK_INT(t->calls[TRM_BCAST], told);
  trm_agree(run, TRM_EFILE);
  CHECK_INT(t->calls[TRM_ALLREDUCE], reduced + 2);
  CHECK_INT(t->calls[TRM_BCAST], told + 1);
  CHECK_INT(t->messages, 0);
}

static void one_number(trm_run *run) {
  int64_t p = run->ranks;
  CHECK_SAME(trm_max(run, run->rank), (double)p - 1);
  CHECK_SAME(trm_min(run, -run->rank), 1 - (double)p);
  CHECK_INT(trm_total(run, ((int64_t)1 << 55) + run->rank),
            p * ((int64_t)1 << 55) + p * (p - 1) / 2);
  CHECK_INT(run->comm->counter->by[TRM_FOR_REDUCE].calls[TRM_ALLREDUCE], 3);
}

static void memory(trm_run *run) {
  void *a, *b, *c;
  int64_t before = trm_memory_now(run);
  CHECK_OK(run, trm_alloc(run, "a", 1000, &a));
  CHECK_OK(run, trm_alloc(run, "b", 5 << 20, &b));
  CHECK_OK(run, trm_alloc(run, "c", 0, &c));
  CHECK((uintptr_t)a % 64 == 0 && (uintptr_t)b % (2 << 20) == 0 && c);
  CHECK(trm_memory_now(run) >= before + 1000 + (5 << 20));
  trm_release(run, &b);
  trm_release(run, &a);
  trm_release(run, &c);
  trm_release(run, &c);
  CHECK(!a && !b && !c);
  CHECK_INT(trm_memory_now(run), before);
  CHECK(trm_memory_peak(run) >= before + (5 << 20));
  CHECK_STATUS(trm_alloc(run, "too much", INT64_MAX, &a), TRM_EMEMORY);
  CHECK(!a && strstr(trm_message(run), "too much: no memory for 8589934592"));
  trm_agree(run, TRM_OK);
}

static int drops[3], dropped;

static void on_drop(trm_run *run, void *what) {
  (void)run;
  drops[dropped++] = *(int *)what;
}

/* A run of its own inside the run: what hangs on it goes last in, first out. */
static void nested(trm_run *run) {
  static int numbers[] = {10, 20, 30};
  trm_run *inner = NULL;
  CHECK_STATUS(trm_run_new(run->comm->mpi, 2, 5, &inner), TRM_OK);
  CHECK_INT(inner->threads, 2);
  CHECK_INT(inner->ranks, run->ranks);
  CHECK_INT(inner->own->hosts, run->own->hosts);
  CHECK(inner->own->host_index >= 0 &&
        inner->own->host_index < inner->own->hosts);
  static const trm_traffic none;
  for (int c = 0; c < TRM_CAUSE_COUNT; c++)
    CHECK(!memcmp(&inner->comm->counter->by[c], &none, sizeof none));
  dropped = 0;
  for (int i = 0; i < 3; i++) trm__comm_attach(inner, &numbers[i], on_drop);
  trm__comm_detach(inner, &numbers[1]);
  trm__comm_detach(inner, &numbers[1]);
  void *forgotten;
  CHECK_OK(inner, trm_alloc(inner, "forgotten", 100, &forgotten));
  trm_run_free(&inner);
  CHECK(inner == NULL && dropped == 2 && drops[0] == 30 && drops[1] == 10);
  trm_run_free(&inner);
}

static void test(trm_run *run) {
  one_number(run);
  agreement(run);
  agreement_calls(run);
  memory(run);
  nested(run);
}

int main(int argc, char **argv) {
  return check_mpi(argc, argv, test);
}
