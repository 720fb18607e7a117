#!/bin/sh
# move.sh: transposition of 512^3 complex numbers on 2 ranks and on 2 threads beside the
# plainest code that does it, and what planning costs for one of 1,024 ranks.
set -eu
# shellcheck source=benchmarks/lib.sh
. "$(dirname "$0")/lib.sh"
quiet_gate
echo "2 ranks x 1 thread"
ranks 2 1 "$build/benchmarks/bench_move" 1
echo "1 rank x 2 threads"
ranks 1 2 "$build/benchmarks/bench_move" 2
