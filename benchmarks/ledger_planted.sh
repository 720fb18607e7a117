#!/bin/sh
# ledger_planted.sh: losses planted with real sleeps, and what the ledger finds of
# them; each within 5 %. Then what it leaves unexplained of `heat`: at most 2 %.
set -eu
# shellcheck source=benchmarks/lib.sh
. "$(dirname "$0")/lib.sh"
quiet_gate
for launch in "2 1" "1 2" "2 2" "3 2"; do
  # shellcheck disable=SC2086
  set -- $launch
  OMPI_MCA_mpi_yield_when_idle=1 OMPI_MCA_rmaps_base_oversubscribe=1 \
    OMP_WAIT_POLICY=passive OMP_NUM_THREADS=$2 timeout 120 \
    mpirun -n "$1" --bind-to none "$build/benchmarks/bench_ledger" "$2"
done
for launch in "1 1" "2 1" "1 2"; do
  # shellcheck disable=SC2086
  set -- $launch
  rm -f "$scratch/result"
  ranks "$1" "$2" "$trireme" run heat --n 192 --steps 300 --threads "$2" --quiet \
    --result "$scratch/result" >/dev/null
  echo "heat 192^3 on $1 x $2, unexplained: $(sed \
    's/.*"ledger":{"total":\([0-9.e+-]*\),.*"outside":\([0-9.e+-]*\)}.*/\2 \1/' \
    "$scratch/result" | awk '{ printf "%.2f %%", 100 * $1 / $2 }')"
done
