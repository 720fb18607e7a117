#!/bin/sh
# nbody.sh [ROUNDS] [N]: interactions a second and core of each variant, of 2 ranks
# and of 2 threads, in turns of a step; and what no load can disturb: the instructions
# of the inner loops for each interaction.
set -eu
# shellcheck source=benchmarks/lib.sh
. "$(dirname "$0")/lib.sh"
quiet_gate
# the benchmark pins its ranks and threads itself
export OMP_PROC_BIND=false
timeout 600 mpirun -n 2 --bind-to none "$build/benchmarks/bench_nbody" \
  "${1:-41}" "${2:-16384}"

# inner VARIANT LANES ESTIMATE: of the shortest loop (a backward jump and what lies
# between) that has estimates of 1/R
inner() {
  objdump -d --no-show-raw-insn --disassemble="$1" "$trireme" |
    awk -v name="$1" -v lanes="$2" -v estimate="$3" '
      /^ *[0-9a-f]+:\t/ {
        at = $1; sub(/:/, "", at); place[at] = n; op[n] = $2; to[n++] = $3 }
      END {
        for (i = 0; i < n; i++) {
          if (op[i] !~ /^j/ || !(to[i] in place) || place[to[i]] >= i) continue
          count = 0; length_of = i - place[to[i]] + 1
          for (k = place[to[i]]; k <= i; k++) count += op[k] == estimate
          if (!count || (best && length_of >= best)) continue
          best = length_of; pairs = count * lanes
        }
        if (best)
          printf "  %-8s %d for %d interactions: %.2f each\n", name, best, pairs,
            best / pairs
      }'
}
echo "instructions of the inner loop"
inner avx512 16 vrsqrt14ps
inner avx2 8 vrsqrtps
