#!/bin/sh
# status.sh [ROUNDS] [SECONDS]: what it costs that a run shows where it is: heat at 64^3
# cells a rank for some 8 s, with and without a directory of checkpoints in which none is
# due, in turns. Wall time without setup, the last checkpoint and verification.
set -eu
# shellcheck source=benchmarks/lib.sh
. "$(dirname "$0")/lib.sh"
quiet_gate
rounds=${1:-15}
seconds=${2:-8}

# wall RANKS STEPS OPTION...: seconds from the first step to the last and what is beside it
wall() {
  r=$1 steps=$2
  shift 2
  rate "$r" 1 heat --n 64 --nz $((64 * r)) --steps "$steps" "$@" >/dev/null
  /usr/bin/python3 -c '
import json, sys
s = json.load(open(sys.argv[1]))["seconds"]
print(s["total"] - s["setup"] - s["checkpoint"] - s["verify"])' "$scratch/result"
}

shown() { # RANKS STEPS
  rm -rf "$scratch/sets"
  wall "$1" "$2" --checkpoint "$scratch/sets" --every 1000000000 >>"$scratch/with"
}
alone() {
  wall "$1" "$2" >>"$scratch/without"
}

for r in 1 2; do
  rm -f "$scratch/with" "$scratch/without"
  steps=$(wall "$r" 4000 | awk -v s="$seconds" '{ printf "%d", s * 4000 / $1 }')
  for round in $(seq "$rounds"); do
    if [ $((round % 2)) = 0 ]; then
      shown "$r" "$steps"
      alone "$r" "$steps"
    else
      alone "$r" "$steps"
      shown "$r" "$steps"
    fi
  done
  echo "heat, $r x 64^3 cells, $r ranks x 1 thread, $steps steps: s without (min, median, max)" \
    "$(summary <"$scratch/without")"
  # shellcheck disable=SC2046 # words
  set -- $(interval "$scratch/with" "$scratch/without")
  echo "  shown / not shown (goal 1.01): $1, with 95 % within $2 .. $3 ($rounds pairs)"
done
