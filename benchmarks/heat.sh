#!/bin/sh
# heat.sh [ROUNDS] [N]: heat at 256^3 against the streaming-store triad, and 2 ranks
# x 1 thread against 1 rank x 2 threads, in turns of a tenth of a second. Heat
# counts 16 bytes an update, triad 24.
set -eu
# shellcheck source=benchmarks/lib.sh
. "$(dirname "$0")/lib.sh"
quiet_gate
# the benchmark pins its ranks and threads itself
export OMP_PROC_BIND=false
timeout 600 mpirun -n 2 --bind-to none "$build/benchmarks/bench_kernels" \
  "${1:-41}" "${2:-256}"
