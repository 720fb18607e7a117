#!/bin/sh
# meter.sh [ROUNDS]: what the meter costs, heat at 64^3 cells a rank, with it and
# without it in turns of some 10 ms.
set -eu
# shellcheck source=benchmarks/lib.sh
. "$(dirname "$0")/lib.sh"
quiet_gate
# the benchmark pins its ranks and threads itself
export OMP_PROC_BIND=false
for shape in "1 1" "2 1" "1 2"; do
  timeout 600 mpirun -n "${shape% *}" --bind-to none \
    "$build/benchmarks/bench_meter" "${1:-401}" "${shape#* }"
done
