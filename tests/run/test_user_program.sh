#!/bin/sh
# TEST timeout=300 uses=trireme,trireme_preload cost=40 slow once
# A user's own program: its own folder with its own kernel, built against an
# installed tree with find_package(Trireme) and with pkg-config.
set -eu
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
[ -z "$TRIREME_SANITIZE" ] || skip "an installed tree is tested without sanitizers"

cmake --install "$TRIREME_BUILD" --prefix "$scratch/tree" >"$scratch/log" ||
  fail "cmake --install: $(cat "$scratch/log")"
mkdir "$scratch/mine"
cd "$scratch/mine"
cat >CMakeLists.txt <<'END'
cmake_minimum_required(VERSION 3.20)
project(mine C)
find_package(Trireme REQUIRED)
trireme_add_program(mine falling.c stray.c silent.c loud.c)
END
cat >falling.c <<'END'
/* Falls one metre a step. */
#include <trireme/kernel.h>
struct options { int64_t n; };
struct state { trm_field *h; };
static const trm_option options[] = {
    TRM_OPT(struct options, n, .default_text = "100", .min = 1, .max = 1e9, .help = "stones"),
    TRM_OPT_END};
static trm_status setup(trm_run *run, void *state, const void *opts) {
  struct state *s = state;
  const trm_layout *l;
  TRM_TRY(trm_grid(run, 1, &((const struct options *)opts)->n, 0, NULL, &l));
  return trm_field_new(run, l, "height", TRM_I64, TRM_EVOLVING, &s->h);
}
static trm_status advance(trm_run *run, void *state, int64_t steps) {
  struct state *s = state;
  int64_t *h = s->h->data;
  TRM_PARALLEL(run, "fall", 0, 16.0 * (double)s->h->layout->count) {
#pragma omp for nowait
    for (int64_t i = 0; i < s->h->layout->count; i++) h[i] -= steps;
  }
  return TRM_OK;
}
static trm_status verify(trm_run *run, void *state, trm_verdict *v) {
  struct state *s = state;
  double n = (double)s->h->layout->n[0];
  trm_expect(v, "sum of heights", trm_sum(run, s->h), -n * (double)run->step, 0);
  return TRM_OK;
}
TRM_KERNEL(falling) = {.summary = "stones that fall", .unit = "stone",
    .options = options, .options_size = sizeof(struct options),
    .state_size = sizeof(struct state),
    .setup = setup, .advance = advance, .verify = verify};
END

cat >stray.c <<'END'
/* Sends a message a step, from the last rank to the first, and states none. */
#include <trireme/kernel.h>
struct options { int64_t n; };
struct state { trm_field *x; };
static const trm_option options[] = {
    TRM_OPT(struct options, n, .default_text = "100", .min = 1, .max = 1e9, .help = "cells"),
    TRM_OPT_END};
static trm_status setup(trm_run *run, void *state, const void *opts) {
  struct state *s = state;
  const trm_layout *l;
  TRM_TRY(trm_grid(run, 1, &((const struct options *)opts)->n, 0, NULL, &l));
  return trm_field_new(run, l, "x", TRM_I64, TRM_EVOLVING, &s->x);
}
static trm_status advance(trm_run *run, void *state, int64_t steps) {
  (void)state;
  const int last = run->ranks - 1;
  int64_t word = 0;
  trm_batch batch = {.n = 0};
  for (int64_t k = 0; k < steps && last > 0; k++) {
    if (run->rank == last) trm_isend(run->comm, &word, 8, 0, 1, &batch);
    if (run->rank == 0) trm_irecv(run->comm, &word, 8, last, 1, &batch);
    trm_batch_wait(&batch);
  }
  trm_batch_free(&batch);
  return TRM_OK;
}
static void work(const void *opts, const trm_span *span, trm_work *w) {
  const struct options *o = opts;
  if (span->rank == 0) w->updates = (double)o->n * (double)span->steps;
}
TRM_KERNEL(stray) = {.summary = "a message too many", .unit = "cell",
    .options = options, .options_size = sizeof(struct options),
    .state_size = sizeof(struct state), .setup = setup, .advance = advance,
    .work = work};
END
sed -e 's/stray/silent/' -e '/^static void work/,/^}/d' -e 's/^ *\.work = work//' \
  stray.c >silent.c
cat >loud.c <<'END'
/* Broadcasts 800 kB in each step and states that it sends nothing. */
#include <trireme/kernel.h>
struct options { int64_t n; };
struct state { trm_field *x; void *data; };
static const trm_option options[] = {
    TRM_OPT(struct options, n, .default_text = "100", .min = 1, .max = 1e9, .help = "cells"),
    TRM_OPT_END};
static trm_status setup(trm_run *run, void *state, const void *opts) {
  struct state *s = state;
  const trm_layout *l;
  TRM_TRY(trm_grid(run, 1, &((const struct options *)opts)->n, 0, NULL, &l));
  TRM_TRY(trm_alloc(run, "data", 800000, &s->data));
  return trm_field_new(run, l, "x", TRM_I64, TRM_EVOLVING, &s->x);
}
static trm_status advance(trm_run *run, void *state, int64_t steps) {
  struct state *s = state;
  for (int64_t k = 0; k < steps; k++) trm_bcast(run->comm, s->data, 800000, 0);
  return TRM_OK;
}
static void work(const void *opts, const trm_span *span, trm_work *w) {
  const struct options *o = opts;
  if (span->rank == 0) w->updates = (double)o->n * (double)span->steps;
}
TRM_KERNEL(loud) = {.summary = "broadcasts", .unit = "cell",
    .options = options, .options_size = sizeof(struct options),
    .state_size = sizeof(struct state), .setup = setup, .advance = advance,
    .work = work};
END

build_mine() {
  cmake -S . -B build -DCMAKE_PREFIX_PATH="$scratch/tree" && cmake --build build
}
build_mine >"$scratch/log" 2>&1 || fail "$(cat "$scratch/log")"
mine=$scratch/mine/build/mine
"$mine" list | grep -q '^ *falling .*stones that fall' || fail "not listed"
if "$mine" list | grep -q heat; then fail "has kernels that are not its own"; fi
timeout 60 mpirun -n 3 "$mine" run falling --n 101 --steps 7 --checkpoint sets \
  --quiet || fail "run on 3 ranks"
timeout 60 mpirun -n 2 "$mine" run falling --checkpoint sets --resume \
  --steps 11 --quiet || fail "resume on 2 ranks"
"$mine" ckpt ls sets | grep -q falling || fail "ckpt ls"

"$mine" study falling --mode memory -o new 2>err && fail "a study without sizes"
grep -q 'falling does not state how its memory grows; want --size' err ||
  fail "study: $(cat err)"

"$mine" job falling 2>err && fail "a job of unknown time"
grep -q 'falling has no work model; want --time' err || fail "job: $(cat err)"

# the test that every kernel has to pass fails where traffic is not as stated
contract_of() { # KERNEL WORDS
  if TRIREME=$mine TRIREME_CONTRACT_RANKS="1 2 3" sh "$TRIREME_SOURCE/tests/kernels/kernel.sh" contract "$1" \
    --n 99 --steps 3 >said 2>&1; then
    fail "$1 passes: $(cat said)"
  fi
  grep -q "$2" said || fail "want \"$2\": $(cat said)"
}
contract_of stray 'failed: 2 ranks: .* 1 ranks differ; differs$'
contract_of silent 'silent sends and states nothing'
contract_of loud 'failed: 1 ranks: bcast calls stated 0, counted 3; .* differs$'

# the same without CMake
printf '%s\n' '#include <trireme/kernel.h>' 'extern const trm_kernel trm_kernel_falling;' \
  'static const trm_listed kernels[] = {TRM_LISTED(falling), TRM_LIST_END};' \
  'int main(int argc, char **argv) { return trm_main(argc, argv, kernels); }' >main.c
lib=$(dirname "$(find "$scratch/tree" -name trireme.pc)")
flags=$(PKG_CONFIG_PATH=$lib pkg-config --static --cflags --libs trireme)
# shellcheck disable=SC2086
cc -std=gnu17 main.c falling.c -o plain $flags || fail "cc with pkg-config"
timeout 60 mpirun -n 2 ./plain run falling --steps 3 --quiet || fail "plain run"
echo "built and run with find_package and with pkg-config"
