#!/bin/sh
# reduce.sh: the reproducible dot and sum against a plain OpenMP dot and sum, from
# memory (1e8 elements) and from the second level cache, on 2 ranks and 2 threads.
set -eu
# shellcheck source=benchmarks/lib.sh
. "$(dirname "$0")/lib.sh"
quiet_gate
echo "2 ranks x 1 thread"
ranks 2 1 "$build/benchmarks/bench_reduce" 1
echo "1 rank x 2 threads"
ranks 1 2 "$build/benchmarks/bench_reduce" 2
