#!/bin/sh
# TEST timeout=400 cost=40 slow once
# `check` finds what is planted in the kernels of a user's own program, each with a line
# that names it; a kernel without faults keeps its promises.
set -eu
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
[ -z "$TRIREME_SANITIZE" ] || skip "an installed tree is tested without sanitizers"

cmake --install "$TRIREME_BUILD" --prefix "$scratch/tree" >"$scratch/log" ||
  fail "cmake --install: $(cat "$scratch/log")"
mkdir "$scratch/mine"
cd "$scratch/mine"
cat >pond.c <<'END'
/* Waves on a pond, periodic, with a drop at a random place in each step. The mean is
 * removed. The stencil reaches two columns and one row. */
#include <trireme/clock.h>
#include <trireme/kernel.h>
struct options { int64_t rows, columns; };
struct state { trm_field *now, *old; int64_t made; };
static const trm_option options[] = {
    TRM_OPT(struct options, rows, .default_text = "7", .min = 4, .max = 1e6, .help = "rows"),
    TRM_OPT(struct options, columns, .default_text = "31", .min = 4, .max = 1e6, .help = "columns"),
    TRM_OPT_END};
static trm_plan plan_of(const struct options *o) {
  return trm_grid_plan(2, (int64_t[]){o->rows, o->columns}, 2, (bool[]){true, true});
}
static trm_status setup(trm_run *run, void *state, const void *opts) {
  struct state *s = state;
  const trm_layout *l;
  const trm_plan plan = plan_of(opts);
  TRM_TRY(trm_layout_new(run, &plan, &l));
  TRM_TRY(trm_field_new(run, l, "now", TRM_F64, TRM_EVOLVING, &s->now));
  return trm_field_new(run, l, "old", TRM_F64, TRM_EVOLVING, &s->old);
}
static void drop(trm_run *run, struct state *s, int64_t step) {
  const trm_layout *l = s->now->layout;
  const uint64_t random = trm_random(run->seed, 1, (uint64_t)step);
  const int64_t row = (int64_t)(random % (uint64_t)l->n[0]) - l->lo[0],
                column = (int64_t)(random / 1000 % (uint64_t)l->n[1]) - l->lo[1];
  if (row >= 0 && row < l->len[0] && column >= 0 && column < l->len[1])
    ((double *)s->now->data)[row * l->stride[0] + column] += 0.1 * (double)(random % 13);
}
static double mean(trm_run *run, const trm_field *f) {
  const trm_layout *l = f->layout;
  return trm_sum(run, f) / (double)(l->n[0] * l->n[1]);
}
static trm_status advance(trm_run *run, void *state, int64_t steps) {
  struct state *s = state;
  const trm_layout *l = s->now->layout;
  const int64_t up = l->stride[0];
  for (int64_t k = 0; k < steps; k++) {
    drop(run, s, run->step + k);
    const double m = mean(run, s->now);
    TRM_TRY(trm_halo_fill(run, TRM_STAR, 1, &s->now));
    const double *u = s->now->data;
    double *next = s->old->data;
    for (int64_t i = 0; i < l->len[0]; i++)
      for (int64_t j = 0; j < l->len[1]; j++) {
        const double *c = u + i * up + j;
        next[i * up + j] = 2 * c[0] - next[i * up + j] - m +
            0.1 * (c[-up] + c[up] + c[-1] + c[1] + 0.5 * (c[-2] + c[2]) - 5 * c[0]);
      }
    trm_swap(s->now, s->old);
  }
  return TRM_OK;
}
static trm_status verify(trm_run *run, void *state, trm_verdict *v) {
  struct state *s = state;
  trm_expect(v, "not finite", (double)trm_nonfinite(run, s->now), 0, 0);
  return TRM_OK;
}
static void work(const void *opts, const trm_span *span, trm_work *w) {
  trm_layout part;
  const trm_plan plan = plan_of(opts);
  const trm_traffic sum = trm_reduce_traffic(TRM_REDUCE_SUM);
  trm_traffic halo = {.messages = 0};
  if (trm_layout_view(&plan, span->ranks, span->rank, &part))
    trm_halo_traffic(&part, TRM_STAR, 8, &halo.messages, &halo.bytes);
  w->updates = (double)part.count * (double)span->steps;
  trm_work_add_traffic(w, &halo, span->steps);
  trm_work_add_traffic(w, &sum, span->steps);
}
TRM_KERNEL(pond) = {.summary = "waves on a pond", .unit = "cell",
    .options = options, .options_size = sizeof(struct options),
    .state_size = sizeof(struct state), .setup = setup, .advance = advance,
    .verify = verify, .work = work};
END
plant() { # KERNEL EDIT-OF-SED
  sed -e "s/TRM_KERNEL(pond)/TRM_KERNEL($1)/" pond.c >named
  sed "$2" named >"$1.c"
  if cmp -s named "$1.c"; then fail "$1: nothing is planted"; fi
}
plant narrow 's/o->columns}, 2, /o->columns}, 1, /'
plant unfilled '/trm_halo_fill/d'
plant ordered '/^  return trm_sum/c\
  double sum = 0;\
  for (int64_t i = 0; i < l->len[0]; i++)\
    for (int64_t j = 0; j < l->len[1]; j++)\
      sum += ((double *)f->data)[i * l->stride[0] + j];\
  trm_allreduce(run->comm, \&sum, 1, TRM_F64, TRM_SUM);\
  return sum / (double)(l->n[0] * l->n[1]);'
plant counted 's/drop(run, s, run->step + k)/drop(run, s, s->made++)/'
plant scratched 's/"old", TRM_F64, TRM_EVOLVING/"old", TRM_F64, TRM_SCRATCH/'
plant called 's/drop(run, s, run->step + k)/if (k == 0) &/'
plant unseeded 's/trm_random(run->seed,/trm_random((uint64_t)(1e9 * trm_now()),/'
cat >CMakeLists.txt <<'END'
cmake_minimum_required(VERSION 3.20)
project(mine C)
find_package(Trireme REQUIRED)
trireme_add_program(mine pond.c narrow.c unfilled.c ordered.c counted.c scratched.c called.c unseeded.c)
END
{ cmake -S . -B build -DCMAKE_PREFIX_PATH="$scratch/tree" && cmake --build build; } \
  >"$scratch/log" 2>&1 || fail "$(cat "$scratch/log")"
mine=$scratch/mine/build/mine
export TMPDIR="$scratch/tmp"
mkdir "$TMPDIR"

# check_kernel STATUS KERNEL WORDS...: its lines are in the file said
check_kernel() {
  code=0
  expected=$1 kernel=$2
  shift 2
  timeout 300 "$mine" check "$kernel" --steps 9 --threads 1 --ranks "${ranks:-1,3}" "$@" >said 2>err ||
    code=$?
  echo "-- $kernel"
  cat said
  [ "$code" = "$expected" ] || fail "exit status $code, expected $expected: $(cat said err)"
  [ ! -s err ] || fail "$kernel: $(cat err)"
}
# found KERNEL PROMISE TEXT...: that promise is broken, and its line has these words
found() {
  kernel=$1 promise=$2 words=$3
  shift 3
  check_kernel 1 "$kernel" "$@"
  [ "$(grep -c ' broken ' said)" = "${breaks:-1}" ] || fail "$kernel: too many lines are broken"
  grep -Eq "^($promise)  *broken  *$words" said || fail "$kernel: expected \"$words\""
}
kept() { # COUNT
  [ "$(grep -c ' kept ' said)" = "$1" ] || fail "expected $1 promises to be kept"
}
field='field "now" differs at step [0-9]+ in [0-9]+ of 217 elements, the first \([0-9]+, [0-9]+\)'
other="3 ranks x 1 thread against 1 rank x 1 thread: $field"

check_kernel 0 pond --debug-program "$mine" -o kept
kept 6
for file in 01.jsonl 01.log 01.command record; do
  [ -s kept/$file ] || fail "no kept/$file"
done
found narrow 'same bits' "$other"
kept 4 # on the ranks of the reference it resumes as it should
breaks=2 # traffic too
found unfilled 'same bits' "$other"
found ordered 'same bits' "$other"
breaks=1
found counted resume "stopped at step 3 on 1 rank, resumed on 3 ranks x 1 thread: $field"
found scratched resume "stopped at step 3 on 1 rank, resumed on 3 ranks x 1 thread: $field"
found unseeded 'same bits' "two launches on 1 rank x 1 thread: $field"
# how the plain run is cut depends on time
found called 'cut steps|same bits' "(with a checkpoint after each step and without|two launches.*): $field"
printf '#!/bin/sh\nexec %s "$@" --seed 2\n' "$mine" >debug
chmod +x debug
ranks=1
found pond 'NaN halos' "./debug on 1 rank x 1 thread: $field" --debug-program ./debug
[ -z "$(ls "$TMPDIR")" ] || fail "leaves files behind: $(ls "$TMPDIR")"

# bad usage: one line, status 2
bad() { # LINE WORDS...
  line=$1
  shift
  code=0
  timeout 60 "$mine" check "$@" >said 2>err || code=$?
  [ "$code" = 2 ] || fail "check $*: exit status $code: $(cat said err)"
  [ "$(cat said err | wc -l)" = 1 ] || fail "check $*: $(cat said err)"
  grep -qF "mine: $line" err || fail "check $*: $(cat err)"
}
bad 'check: no kernel given; usage: check KERNEL'
bad 'pnod: no such kernel; did you mean pond?' pnod
bad '--result: not an option of a check' pond --result r.jsonl
bad '--rows=1' pond --rows 1
bad '--ranks: "0" is not a count' pond --ranks 0
bad '--timeout=never: not a time' pond --timeout never
bad '--launcher: "{rank}" is unknown' pond --launcher 'mpirun -n {rank}'
bad '--debug-program=nowhere: No such file' pond --debug-program nowhere
bad '--output=kept: File exists; expected a new directory' pond -o kept
