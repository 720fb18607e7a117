#!/bin/sh
# TEST timeout=300 slow
# Fewer cells than ranks: heat on 3 x 2 x 2 cells, triad on 5 elements.
set -eu
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"

tiny() { # KERNEL OPTION...
  want=
  for ranks in 2 7 13; do
    mpi $ranks run "$@" --steps 9 --quiet --result "$scratch/r.jsonl"
    expect_exit 0
    got=$(key "$scratch/r.jsonl" fingerprint)
    [ "${want:=$got}" = "$got" ] || fail "$1 on $ranks ranks: $got, want $want"
  done
  echo "$1: $want on 2, 7 and 13 ranks"
}

tiny heat --nx 3 --ny 2 --nz 2
tiny heat --nx 1 --ny 1 --nz 5 --walls yz
tiny triad --n 5
