#!/bin/sh
# machine.sh [ROUNDS [CORES [MB]]]: figures of `trireme machine` against likwid-bench's
# for the same loops, in turns: short pieces, the same number of threads, each on a
# core of its own, MB of arrays in all.
set -eu
# shellcheck source=benchmarks/lib.sh
. "$(dirname "$0")/lib.sh"
rounds=${1:-15}
cores=${2:-$(nproc)}
mb=${3:-384}
seconds=0.2
command -v likwid-bench >/dev/null || { echo "likwid-bench is absent"; exit 0; }
wide=avx512
grep -q avx512f /proc/cpuinfo || wide=avx
fma=avx512_fma
grep -q avx512f /proc/cpuinfo || fma=avx_fma

ours() { # FIGURE: GB/s or GF/s
  OMP_NUM_THREADS=$cores "$build/benchmarks/bench_machine" "$1" "$cores" \
    $seconds "$mb"
}

# likwid TEST SIZE UNIT ITERATIONS: its mean over all iterations, without the first
# touch of its arrays.
likwid() {
  likwid-bench -t "$1" -W "N:$2:$cores" -i "$4" 2>/dev/null |
    awk -v unit="^$3" '$0 ~ unit { print $2 * 1e-3 }'
}

# iterations TEST SIZE UNIT WORK: so many that a piece lasts as long as ours; WORK is
# MB or Mflop of an iteration.
iterations() {
  likwid "$1" "$2" "$3" 20 |
    awk -v s=$seconds -v work="$4" '{ n = int(s * $1 * 1e3 / work) + 1
      print n < 10 ? 10 : n }'
}

# compare FIGURE TEST SIZE UNIT WORK
compare() {
  n=$(iterations "$2" "$3" "$4" "$5")
  rm -f "$scratch/ours" "$scratch/likwid"
  i=0
  while [ $i -lt "$rounds" ]; do
    if [ $((i % 2)) = 0 ]; then
      ours "$1" >>"$scratch/ours"
      likwid "$2" "$3" "$4" "$n" >>"$scratch/likwid"
    else
      likwid "$2" "$3" "$4" "$n" >>"$scratch/likwid"
      ours "$1" >>"$scratch/ours"
    fi
    i=$((i + 1))
  done
  echo "$1 $2 $(summary <"$scratch/ours") $(summary <"$scratch/likwid")" \
    "$(ratio "$scratch/ours" "$scratch/likwid")" |
    awk '{ printf "%-13s %-23s %7.1f %7.1f  %7.1f %7.1f  %6.3f  %s %s %s\n",
           $1, $2, $4, $5, $7, $8, $5 / $8, $10, $9, $11 }'
}

quiet_gate
echo "$cores cores, $mb MB, $rounds rounds, GB/s or GF/s: ours and likwid's, each" \
  "median and best;"
echo "ours / likwid: of the bests; of the pairs, median min max"
compare read load_$wide "${mb}MB" MByte/s "$mb"
compare copy copy_$wide "${mb}MB" MByte/s "$mb"
compare copy_stream copy_mem_$wide "${mb}MB" MByte/s "$mb"
compare triad stream_$wide "${mb}MB" MByte/s "$mb"
compare triad_stream stream_mem_$wide "${mb}MB" MByte/s "$mb"
compare fma_f64 peakflops_$fma 32kB MFlops/s 0.12
compare fma_f32 peakflops_sp_$fma 32kB MFlops/s 0.24
