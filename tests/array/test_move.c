/* TEST ranks=13 threads=1,2 split */
/* Plans of moves: several fields in one message, used again, polled, in flight
 * together; what is sent is what the plan states. */
#include <trireme/kernel.h>

#include "images.h"

enum { CASES = 30, FIELDS = 3 };

typedef struct pair { /* of layouts, with fields on both */
  random_plan a, b;
  const trm_layout *from, *to;
  int n;
  trm_type types[FIELDS];
  trm_field *source[FIELDS], *target[FIELDS];
} pair;

static void new_fields(trm_run *run, pair *p, char first) {
  CHECK_OK(run, trm_layout_new(run, &p->a.plan, &p->from));
  CHECK_OK(run, trm_layout_new(run, &p->b.plan, &p->to));
  for (int k = 0; k < p->n; k++) {
    char name[] = {first, (char)('0' + k), 's', 0};
    CHECK_OK(run, trm_field_new(run, p->from, name, p->types[k], TRM_SCRATCH,
                                &p->source[k]));
    name[2] = 't';
    CHECK_OK(run, trm_field_new(run, p->to, name, p->types[k], TRM_SCRATCH,
                                &p->target[k]));
  }
}

static void drop_fields(trm_run *run, pair *p) {
  for (int k = 0; k < p->n; k++) {
    trm_field_drop(run, &p->source[k]);
    trm_field_drop(run, &p->target[k]);
  }
  trm_layout_drop(run, &p->from);
  trm_layout_drop(run, &p->to);
}

static void roll_pair(trm_run *run, dice *d, pair *p) {
  int64_t n[TRM_DIMS];
  int dims = 1 + (int)roll(d, TRM_DIMS);
  roll_shape(d, dims, dims == 1 ? 300 : dims == 2 ? 20 : 7, n);
  roll_plan(d, dims, n, roll(d, 2) ? 0 : 2, run->ranks, &p->a);
  roll_plan(d, dims, n, roll(d, 2) ? 0 : 2, run->ranks, &p->b);
  p->n = 1 + (int)roll(d, FIELDS);
  for (int k = 0; k < p->n; k++)
    p->types[k] = (trm_type)roll(d, TRM_TYPE_COUNT);
}

static void prepare(pair *p) {
  for (int k = 0; k < p->n; k++) {
    set_image(p->source[k], 0xa5, &everything, 1);
    set_image(p->target[k], 0x5a, NULL, 0);
  }
}

static void check_moved(const pair *p) {
  for (int k = 0; k < p->n; k++) {
    CHECK(has_image(p->target[k], 0x5a, &everything, 1));
    CHECK(has_image(p->source[k], 0xa5, &everything, 1));
  }
}

static trm_traffic sent(const trm_run *run) {
  return run->comm->counter->by[TRM_FOR_REDISTRIBUTE];
}

/* The statement of a plan, from views without a run. */
static trm_traffic stated(const trm_run *run, const pair *p) {
  trm_layout from, to;
  trm_traffic traffic;
  CHECK(trm_layout_view(&p->a.plan, run->ranks, run->rank, &from));
  CHECK(trm_layout_view(&p->b.plan, run->ranks, 0, &to));
  trm_move_traffic(&from, &to, p->n, p->types, &traffic);
  return traffic;
}

/* Once with polls until it is done, once with a finish at once. */
static void one_case(trm_run *run, pair *p) {
  trm_move *move;
  new_fields(run, p, 'a');
  int64_t memory = trm_memory_now(run);
  CHECK_OK(run, trm_move_new(run, p->from, p->to, p->n, p->types, &move));
  trm_traffic want = stated(run, p);
  for (int round = 0; round < 2; round++) {
    trm_traffic before = sent(run), after;
    prepare(p);
    CHECK_OK(run, trm_move_start(move, p->source, p->target));
    while (round == 0 && !trm_move_poll(move)) continue;
    trm_move_finish(move);
    check_moved(p);
    after = sent(run);
    CHECK_INT(after.messages - before.messages, want.messages);
    CHECK_INT(after.bytes - before.bytes, want.bytes);
    for (int c = 0; c < TRM_COLLECTIVE_COUNT; c++)
      CHECK_INT(after.calls[c] - before.calls[c], 0);
  }
  trm_move_free(run, &move);
  CHECK(move == NULL);
  CHECK_INT(trm_memory_now(run), memory);
  drop_fields(run, p);
}

static void cases(trm_run *run) {
  dice d = {.seed = 7 + (uint64_t)run->ranks};
  for (int k = 0; k < CASES; k++) {
    int failed = check_failed;
    pair p = {0};
    roll_pair(run, &d, &p);
    one_case(run, &p);
    if (check_failed > failed)
      fprintf(stderr, "in case %d on %d ranks\n", k, run->ranks);
  }
}

/* Two plans between the same ranks, the second also started first. */
static void in_flight(trm_run *run) {
  dice d = {.seed = 31 + (uint64_t)run->ranks};
  pair p[2] = {0};
  trm_move *move[2];
  for (int i = 0; i < 2; i++) {
    roll_pair(run, &d, &p[i]);
    new_fields(run, &p[i], (char)('a' + i));
    CHECK_OK(run, trm_move_new(run, p[i].from, p[i].to, p[i].n, p[i].types,
                               &move[i]));
  }
  for (int order = 0; order < 2; order++) {
    for (int i = 0; i < 2; i++) prepare(&p[i]);
    for (int i = 0; i < 2; i++) {
      pair *now = &p[i ^ order];
      CHECK_OK(run, trm_move_start(move[i ^ order], now->source, now->target));
    }
    for (int i = 0; i < 2; i++) trm_move_finish(move[i]);
    for (int i = 0; i < 2; i++) check_moved(&p[i]);
  }
  for (int i = 0; i < 2; i++) drop_fields(run, &p[i]);
  trm_move_free(run, &move[1]); /* the other is freed with the run */
}

/* More than the buffers hold, in messages that end within elements of fields of
 * different sizes; started twice. */
static void large(trm_run *run) {
  if (run->ranks > 3) return;
  pair p = {.n = 3, .types = {TRM_U8, TRM_C128, TRM_F32}};
  p.a.plan = (trm_plan){.dims = 2, .dim = {{.n = 1201}, {.n = 901}}};
  p.b.plan = p.a.plan;
  p.a.plan.dim[0].grid = run->ranks;
  p.a.plan.dim[1].grid = 1;
  p.b.plan.dim[0].grid = 1;
  p.b.plan.dim[1].grid = run->ranks;
  p.b.plan.fastest = 1;
  one_case(run, &p);
}

static void refused(trm_run *run) {
  pair p = {.n = 1, .types = {TRM_F64}};
  trm_move *move;
  const trm_layout *other;
  trm_field *wrong[1];
  p.a.plan = p.b.plan = (trm_plan){.dims = 1, .dim = {{.n = 50}}};
  p.b.plan.dim[0].kind = TRM_CYCLIC;
  p.b.plan.dim[0].block = 3;
  new_fields(run, &p, 'a');
  CHECK_STATUS(trm_move_new(run, p.from, p.to, 0, p.types, &move), TRM_EINPUT);
  CHECK_TEXT(trm_message(run), "a move of 0 fields; expected at least 1");
  CHECK(move == NULL);
  trm_agree(run, TRM_OK);
  CHECK_OK(run, trm_grid(run, 1, (int64_t[]){51}, 0, NULL, &other));
  CHECK_STATUS(trm_move_new(run, p.from, other, 1, p.types, &move), TRM_EINPUT);
  CHECK_TEXT(trm_message(run),
             "a move from shape 50 to shape 51; the shapes must be the same");
  trm_agree(run, TRM_OK);
  CHECK_OK(run, trm_move_new(run, p.from, p.to, 1, p.types, &move));
  CHECK_OK(run, trm_field_new(run, p.to, "w", TRM_I64, TRM_SCRATCH, &wrong[0]));
  CHECK_STATUS(trm_move_start(move, p.source, wrong), TRM_EINPUT);
  CHECK_TEXT(trm_message(run),
             "move a0s to w: layouts and types must be those of the plan");
  trm_agree(run, TRM_OK);
  CHECK_OK(run, trm_move_start(move, p.source, p.target));
  CHECK_STATUS(trm_move_start(move, p.source, p.target), TRM_EINPUT);
  CHECK_TEXT(trm_message(run),
             "move a0s to a0t: the plan's last move has not been finished");
  trm_agree(run, TRM_OK);
  trm_move_finish(move);
  trm_move_free(run, &move);
  trm_field_drop(run, &wrong[0]);
  drop_fields(run, &p);
}

/* Transpositions on 1,024 ranks, planned for one of them: slabs exchange with
 * all others, pencils with those of one row. */
static void at_scale(trm_run *run) {
  if (run->ranks > 1) return;
  trm_plan slabs[2], pencils[2];
  trm_type type = TRM_C128;
  for (int i = 0; i < 2; i++) {
    slabs[i] = pencils[i] =
        (trm_plan){.dims = 3, .dim = {{.n = 2048}, {.n = 2048}, {.n = 1024}}};
    for (int d = 0; d < 3; d++) slabs[i].dim[d].grid = d == i ? 1024 : 1;
    for (int d = 0; d < 3; d++) pencils[i].dim[d].grid = d == i + 1 ? 1 : 32;
  }
  trm_layout from, to;
  trm_traffic traffic;
  CHECK(trm_layout_view(&slabs[0], 1024, 700, &from));
  CHECK(trm_layout_view(&slabs[1], 1024, 700, &to));
  trm_move_traffic(&from, &to, 1, &type, &traffic);
  CHECK_INT(traffic.messages, 1023);
  CHECK_INT(traffic.bytes, 1023LL * 2 * 2 * 1024 * 16);
  CHECK(trm_layout_view(&pencils[0], 1024, 700, &from));
  CHECK(trm_layout_view(&pencils[1], 1024, 700, &to));
  trm_move_traffic(&from, &to, 1, &type, &traffic);
  CHECK_INT(traffic.bytes, 31LL * 64 * 64 * 32 * 16);
  CHECK_INT(traffic.messages, 31 * 2);
}

static void test(trm_run *run) {
  cases(run);
  in_flight(run);
  large(run);
  refused(run);
  at_scale(run);
}

int main(int argc, char **argv) {
  return check_mpi(argc, argv, test);
}
