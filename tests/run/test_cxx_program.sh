#!/bin/sh
# TEST timeout=240 uses=trireme,trireme_preload cost=20 slow once
# A kernel in C++20, built against an installed tree that was moved to a path with blanks,
# by CMake and by pkg-config: the bits of the same kernel in C, on any ranks. Each public
# header compiles by itself as C17 and as C++20.
set -eu
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
[ -z "$TRIREME_SANITIZE" ] || skip "an installed tree is tested without sanitizers"
cd "$scratch"

cmake --install "$TRIREME_BUILD" --prefix "$scratch/first" >log || fail "$(cat log)"
mkdir "moved to"
mv first "moved to/a tree"
tree="$scratch/moved to/a tree"

for header in "$TRIREME_SOURCE"/include/trireme/*.h; do
  name=trireme/${header##*/}
  printf '#include <%s>\n' "$name" >alone.c
  cp alone.c alone.cpp
  mpicc -std=c17 -Wall -Wextra -Werror -I"$tree/include" -fsyntax-only alone.c 2>log ||
    fail "$name is no C17: $(cat log)"
  OMPI_CC=g++ mpicc -std=c++20 -Wall -Wextra -Werror -I"$tree/include" -fsyntax-only alone.cpp \
    2>log || fail "$name is no C++20: $(cat log)"
done

mkdir "my kernels" && cd "my kernels"
cat >CMakeLists.txt <<'END'
cmake_minimum_required(VERSION 3.20)
project(mine C CXX)
find_package(Trireme REQUIRED)
trireme_add_program(mine wave.cpp plain.c)
END
cat >wave.cpp <<'END'
// A string that swings, periodic: leapfrog, two fields, a halo of one cell.
#include <trireme/kernel.h>

#include <cmath>
#include <new>

namespace {
struct options {
  int64_t n;
  double courant;
  int mode;
  bool quiet_start;
};
struct state {
  trm_field *now, *before;
  double square;
};

const trm_option table[] = {
    TRM_OPT(options, n, .default_text = "100", .unit = "cells", .min = 3, .max = 1e9,
            .help = "length"),
    TRM_OPT(options, courant, .default_text = "0.5", .min = 0, .max = 1, .help = "c dt / dx"),
    TRM_OPT(options, mode, .default_text = "2", .min = 1, .max = 99,
            .help = "waves along the string"),
    TRM_OPT(options, quiet_start, .default_text = "no", .help = "begin at rest"), TRM_OPT_END};

double *values(trm_field *f) { return static_cast<double *>(f->data); }

double shape(const int64_t index[], void *context) {
  const auto *scale = static_cast<const double *>(context);
  return std::sin(*scale * static_cast<double>(index[0]));
}

trm_status setup(trm_run *run, void *space, const void *given) {
  const auto *o = static_cast<const options *>(given);
  auto *s = new (space) state{};
  const trm_layout *line;
  const bool periodic[] = {true};
  s->square = o->courant * o->courant;
  TRM_TRY(trm_grid(run, 1, &o->n, 1, periodic, &line));
  TRM_TRY(trm_field_new(run, line, "now", TRM_F64, TRM_EVOLVING, &s->now));
  TRM_TRY(trm_field_new(run, line, "before", TRM_F64, TRM_EVOLVING, &s->before));
  double scale = 6.28125 * o->mode / static_cast<double>(o->n);
  trm_field_fill(s->now, shape, &scale);
  trm_field_fill(s->before, shape, &scale);
  return TRM_OK;
}

trm_status advance(trm_run *run, void *space, int64_t steps) {
  auto *s = static_cast<state *>(space);
  const int64_t n = s->now->layout->count;
  for (int64_t k = 0; k < steps; k++) {
    TRM_TRY(trm_halo_fill(run, TRM_STAR, 1, &s->now));
    const double *u = values(s->now), c = s->square;
    double *next = values(s->before);
    TRM_PARALLEL(run, "swing", 6.0 * static_cast<double>(n), 24.0 * static_cast<double>(n)) {
#pragma omp for nowait
      for (int64_t i = 0; i < n; i++)
        next[i] = 2 * u[i] - next[i] + c * (u[i - 1] - 2 * u[i] + u[i + 1]);
    }
    trm_swap(s->now, s->before);
  }
  return TRM_OK;
}

trm_status verify(trm_run *run, void *space, trm_verdict *verdict) {
  auto *s = static_cast<state *>(space);
  trm_expect(verdict, "NaN", std::isnan(trm_sum(run, s->now)) ? 1 : 0, 0, 0);
  return TRM_OK;
}

void work(const void *given, const trm_span *span, trm_work *work) {
  const auto *o = static_cast<const options *>(given);
  const bool periodic[] = {true};
  trm_plan plan = trm_grid_plan(1, &o->n, 1, periodic);
  trm_layout part;
  if (!trm_layout_view(&plan, span->ranks, span->rank, &part)) return;
  int64_t messages, bytes;
  trm_halo_traffic(&part, TRM_STAR, 8, &messages, &bytes);
  work->updates = static_cast<double>(part.count * span->steps);
  work->messages = messages * span->steps;
  work->message_bytes = bytes * span->steps;
}
}  // namespace

TRM_KERNEL(wave) = {.summary = "a string that swings", .unit = "cell", .options = table,
                    .options_size = sizeof(options), .state_size = sizeof(state),
                    .setup = setup, .advance = advance, .verify = verify, .work = work};
END
# the same in C
sed -e 's/wave/plain/; /^#include <new>/d; s/<cmath>/<math.h>/; s/^namespace {//; s/^}  .. namespace//' \
  -e 's/^const trm_option/static &/; s/^\(trm_status\|void\|double\) /static &/' \
  -e 's/^static double \*/static double */; s/static_cast<\([^>]*\)>(/(\1)(/g' \
  -e 's/auto \*s = new (space) state{};/state *s = space;/' \
  -e 's/const auto \*o/const options *o/; s/const auto \*scale/const double *scale/; s/auto \*s/state *s/' \
  -e 's/std:://g; s/^struct options {/typedef struct options {/; s/^struct state {/typedef struct state {/' \
  wave.cpp | awk '/^typedef struct/ { name = $3 } name && /^};/ { print "} " name ";"; name = ""; next }
    { print }' >plain.c

build_mine() {
  cmake -S . -B build -DCMAKE_PREFIX_PATH="$tree" && cmake --build build
}
build_mine >log 2>&1 || fail "$(cat log)"
mine="$PWD/build/mine"
"$mine" help wave | grep -q -- '--courant' || fail "no help: $("$mine" help wave)"
want=
for launch in "1 wave" "3 wave" "5 plain" "2 plain"; do
  # shellcheck disable=SC2086
  set -- $launch
  timeout 60 mpirun -n "$1" "$mine" run "$2" --n 101 --steps 40 --threads 2 --quiet \
    --result r.jsonl >out 2>err || fail "$launch: $(cat out err)"
  : "${want:=$(key r.jsonl fingerprint)}"
  [ "$(key r.jsonl fingerprint)" = "$want" ] ||
    fail "$launch: fingerprint $(key r.jsonl fingerprint), expected $want"
done
timeout 60 mpirun -n 3 "$mine" run wave --n 101 --steps 17 --checkpoint sets --quiet >out 2>&1 ||
  fail "$(cat out)"
timeout 60 mpirun -n 2 "$mine" run wave --checkpoint sets --resume --steps 40 --quiet \
  --result r.jsonl >out 2>&1 || fail "$(cat out)"
[ "$(key r.jsonl fingerprint)" = "$want" ] || fail "resumed: another fingerprint than $want"

# by pkg-config, with the flags that results depend on
lib=$(dirname "$(find "$tree" -name trireme.pc)")
flags=$(PKG_CONFIG_PATH=$lib pkg-config --static --cflags --libs trireme)
printf '%s\n' '#include <trireme/kernel.h>' 'extern "C" const trm_kernel trm_kernel_wave;' \
  'static const trm_listed kernels[] = {TRM_LISTED(wave), TRM_LIST_END};' \
  'int main(int argc, char **argv) { return trm_main(argc, argv, kernels); }' >main.cpp
eval "g++ -std=c++20 -O2 main.cpp wave.cpp -o packaged $flags" || fail "g++ with pkg-config"
timeout 60 mpirun -n 2 ./packaged run wave --n 101 --steps 40 --quiet --result r.jsonl >out 2>&1 ||
  fail "$(cat out)"
[ "$(key r.jsonl fingerprint)" = "$want" ] || fail "pkg-config: another fingerprint than $want"
# an option of a type that no option has does not compile
sed 's/bool quiet_start/short quiet_start/' wave.cpp >short.cpp
if eval "g++ -std=c++20 -fsyntax-only short.cpp $flags" 2>err; then fail "a short option compiles"; fi
grep -q 'trm__base_option_type<short int>' err || fail "$(cat err)"
echo "C++ and C: $want, by CMake and by pkg-config, from a path with blanks"
