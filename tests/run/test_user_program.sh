#!/bin/sh
# TEST timeout=400 uses=trireme,trireme_shared,trireme_preload cost=40 slow once
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
TRM_KERNEL(falling) = {.summary = "stones that fall",
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
  --quiet --result r.jsonl --trace t.json >said || fail "run on 3 ranks"
grep -q '^  rate .* update/s' said || fail "without a unit: $(cat said)"
timeout 60 mpirun -n 2 "$mine" run falling --checkpoint sets --resume \
  --steps 11 --quiet || fail "resume on 2 ranks"
# HDF5 crashes on the newest: the program looks at it by a second process of itself
last=$(ls sets/falling-*-000000000011.h5)
cp "$TRIREME_SOURCE/tests/store/cases/crash-segv.h5" "${last%11.h5}13.h5"
timeout 60 mpirun -n 2 "$mine" run falling --checkpoint sets --resume \
  --steps 15 --quiet 2>"$scratch/err" || fail "resume beside a file on which HDF5 crashes"
grep -q "refused: .*13.h5: HDF5 crashes" "$scratch/err" || fail "it is not refused: $(cat "$scratch/err")"
"$mine" ckpt ls sets | grep -q falling || fail "ckpt ls"

"$mine" study falling --mode memory -o new 2>err && fail "a study without sizes"
grep -q 'falling does not state how its memory grows; give --size' err ||
  fail "study: $(cat err)"

"$mine" job falling >job.unknown || fail "a job of unknown time"
grep -q 'a default, not an estimate: falling has no work model; give --time' job.unknown ||
  fail "job: $(cat job.unknown)"

# commands in what it says are those of this program: none begins with another's name
"$mine" job falling --n 99 --steps 3 --ranks 2 --time 10min >job.sbatch || fail "job"
grep -q "^TRIREME=$mine\$" job.sbatch || fail "job: $(cat job.sbatch)"
(unset TRIREME; timeout 60 bash job.sbatch) >said 2>&1 || fail "its job: $(cat said)"
grep -q '^falling: stones that fall' said || fail "its job: $(cat said)"
"$mine" study falling --size n=99 --ranks 1 --repeat 1 --settle 0s -o study \
  >study.said 2>&1 || fail "study: $(cat study.said)"
for words in "" list help version "run heat" "run falling --m 3" "study" "study heat -o s" \
  "study falling -o study --seed 3" "help falling" "help checkpoint" "help signals" \
  "help launch" "help ledger" "help meter" "help exit" "help config" "help study" "help report" \
  "help compare" "help check" "check" "check heat" "help ckpt" "help machine" "help doctor" "help roofline" "help timeline" \
  "help job" "help status" "run --help" "status --help" \
  "report study" "report nothing" "compare study study" "compare a" "ckpt ls sets" "ckpt" \
  "status sets" "doctor falling --threads 1" "job falling" "roofline r.jsonl -o r.svg" \
  "timeline t.json -o t.svg" "lits" "help lits"; do
  # shellcheck disable=SC2086
  TRIREME_MACHINES=$scratch/none timeout 60 "$mine" $words >>said 2>&1 || true
done
cat job.sbatch study.said study/report.html >>said
for word in $("$mine" help | sed -n 's/^  \([a-z]*\) .*/\1/p'); do
  if grep -nE "(^|[^a-zA-Z0-9_/.])trireme $word\\b" said; then
    fail "says a command of trireme"
  fi
done
if grep -n '^trireme:' said; then fail "speaks as trireme"; fi
grep -q "^mine: lits: no such command; did you mean list?\$" said || fail "$(cat said)"
grep -q "^mine: heat: no such kernel; .$mine list. shows them all\$" said || fail "$(cat said)"

# a table that is wrong: one line and status 2 from whatever reads it, before anything
cat >main2.c <<'END'
#include <trireme/kernel.h>
struct options { int64_t steps; };
static const trm_option options[] = {TRM_OPT(struct options, steps), TRM_OPT_END};
static trm_status setup(trm_run *run, void *state, const void *opts) {
  (void)run, (void)state, (void)opts;
  return TRM_OK;
}
TRM_KERNEL(clash) = {.summary = "hides --steps", .options = options,
    .options_size = sizeof(struct options), .setup = setup, .advance = 0};
static const trm_listed kernels[] = {TRM_LISTED(clash), TRM_LIST_END};
int main(int argc, char **argv) { return trm_main(argc, argv, kernels); }
END
lib=$(dirname "$(find "$scratch/tree" -name trireme.pc)")
flags=$(PKG_CONFIG_PATH=$lib pkg-config --static --cflags --libs trireme)
wrong() { # LINE
  # shellcheck disable=SC2086
  cc -std=gnu17 main2.c -o wrong $flags || fail "cc of a wrong table"
  for words in list "help clash" "study clash -o d" "job clash" "run --help" \
    "doctor clash" "mpirun run clash --steps 3"; do
    start=
    case $words in mpirun*) start="mpirun -n 3" words=${words#mpirun } ;; esac
    code=0
    # shellcheck disable=SC2086
    timeout 60 $start ./wrong $words >out 2>err </dev/null || code=$?
    [ $code = 2 ] || fail "$words: exit status $code: $(cat out err)"
    [ "$(grep '^wrong: ' err)" = "wrong: $1" ] || fail "$words: $(cat out err)"
  done
}
wrong 'kernel clash: .advance is missing; add the function that makes the steps'

# the name of a kernel is that of its file, which has one kernel
cat >names.cmake <<'END'
cmake_policy(VERSION 3.20)
include(program.cmake)
if(FOLDER)
  trireme_kernel_files(FILES ${FOLDER})
endif()
trireme_kernel_names(names ${FILES})
message("kernels: ${names}")
END
sed 's/ CONFIGURE_DEPENDS//' "$(find "$scratch/tree" -name TriremeProgram.cmake)" >program.cmake
mkdir -p some/other some/ring
echo 'TRM_KERNEL(other) = {0};' >>some/name.c
printf 'TRM_KERNEL(a) = {\n.rtol = 0};\n  TRM_KERNEL(b) = {0};\n' >some/two.c
echo 'TRM_KERNEL(ring) = {0};' >some/ring/ring.c
echo 'TRM_KERNEL(room) = {0};' >some/ring/room.c
echo 'TRM_KERNEL(inside) = {0};' >some/other/inside.c
echo 'static int helper;' >some/helper.c
named() { # LINE of cmake's CMAKE-WORD
  code=0
  cmake "$2" -P names.cmake >out 2>&1 || code=$?
  tr -s ' \n' ' ' <out | grep -qF "$1" || fail "$2: want \"$1\": $(cat out)"
}
named 'kernels: ring' '-DFILES=some/ring/ring.c;some/helper.c'
named 'some/name.c: TRM_KERNEL(other) in a file of the name name; expected TRM_KERNEL(name), or the file other.c' -DFILES=some/name.c
named 'some/two.c: defines several kernels: a, b; use one file per kernel' -DFILES=some/two.c
named 'some/ring/room.c: defines the kernel room in the folder of the kernel ring' \
  '-DFILES=some/ring/ring.c;some/ring/room.c'
rm some/name.c some/two.c some/ring/room.c
echo 'static int q = 1; TRM_KERNEL(hidden) = {0};' >behind.c
named 'behind.c: TRM_KERNEL(hidden) in a file of the name behind; expected' -DFILES=behind.c
named "some/other/inside.c: defines the kernel inside in the folder other/; expected other/other.c" \
  "-DFOLDER=$PWD/some"

# traffic that is not as stated
check_of() { # KERNEL WORDS
  code=0
  timeout 300 "$mine" check "$1" --n 99 --steps 3 --ranks 1,3 --threads 1 >said 2>&1 || code=$?
  [ $code = 1 ] || fail "check $1: exit status $code: $(cat said)"
  grep -q "^traffic  *broken  *$2" said || fail "want \"$2\": $(cat said)"
}
check_of stray '3 ranks x 1 thread: 1 rank sent other than stated: messages counted 3, stated 0'
check_of silent '3 ranks x 1 thread: sends and states nothing: messages counted 3, stated 0'
check_of loud '1 rank x 1 thread: 1 rank sent other than stated: bcast calls counted 3, stated 0'
timeout 60 mpirun -n 2 "$mine" run silent --n 99 --steps 3 >said 2>&1 || fail "silent: $(cat said)"
grep -q "^  contract  *none: the kernel states no traffic, and sent [1-9]" said ||
  fail "nothing said of the traffic: $(cat said)"

# the same without CMake
printf '%s\n' '#include <trireme/kernel.h>' 'extern const trm_kernel trm_kernel_falling;' \
  'static const trm_listed kernels[] = {TRM_LISTED(falling), TRM_LIST_END};' \
  'int main(int argc, char **argv) { return trm_main(argc, argv, kernels); }' >main.c
# shellcheck disable=SC2086
cc -std=gnu17 main.c falling.c -o plain $flags || fail "cc with pkg-config"
timeout 60 mpirun -n 2 ./plain run falling --steps 3 --quiet || fail "plain run"
echo "built and run with find_package and with pkg-config"
