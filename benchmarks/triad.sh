#!/bin/sh
# triad.sh [ROUNDS]: our triad against likwid-bench's, plain and streaming stores,
# 2 ranks x 1 thread against 2 threads, in turns on the same arrays' size.
set -eu
# shellcheck source=benchmarks/lib.sh
. "$(dirname "$0")/lib.sh"
rounds=${1:-7}
command -v likwid-bench >/dev/null || { echo "likwid-bench is absent"; exit 0; }
n=50000000
wide=avx512
grep -q avx512f /proc/cpuinfo || wide=avx

likwid() { # BENCHMARK: GB/s at 24 bytes an element
  likwid-bench -t "$1" -W "N:$((n * 24 / 1000000))MB:2" 2>/dev/null |
    awk '/^MByte\/s/ { print $2 * 1e-3 }'
}

quiet_gate
i=0
while [ $i -lt "$rounds" ]; do
  for stores in plain stream; do
    rate 2 1 triad --n $n --steps 40 --variant $stores | awk '{ print $1 * 24 }' \
      >>"$scratch/ours.$stores"
  done
  likwid stream_$wide >>"$scratch/likwid.plain"
  likwid stream_mem_$wide >>"$scratch/likwid.stream"
  i=$((i + 1))
done
echo "triad, 2 cores, n = $n, GB/s at 24 bytes an element: min median max"
for stores in plain stream; do
  echo "  $stores: trireme $(summary <"$scratch/ours.$stores")" \
    "  likwid $(summary <"$scratch/likwid.$stores")" \
    "  ratio $(ratio "$scratch/ours.$stores" "$scratch/likwid.$stores")"
done
