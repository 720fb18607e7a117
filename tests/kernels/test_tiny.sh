#!/bin/sh
# TEST timeout=300 slow
# Fewer cells than ranks: heat on 3 x 2 x 2 cells, triad on 5 elements.
set -eu
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"

tiny() { # IDLE KERNEL OPTION...: ranks of 2, 7 and 13 that own nothing
  want=
  idle=$1
  shift
  for ranks in 2 7 13; do
    mpi $ranks run "$@" --steps 9 --quiet --result "$scratch/r.jsonl"
    expect_exit 0
    got=$(key "$scratch/r.jsonl" fingerprint)
    [ "${want:=$got}" = "$got" ] || fail "$1 on $ranks ranks: $got, want $want"
    none=${idle%%,*}
    idle=${idle#*,}
    [ "$(key "$scratch/r.jsonl" idle_ranks)" = "$none" ] || fail "want $none idle: $(show_run)"
    [ "$none" = 0 ] || expect_out "$none of $ranks ranks own nothing (rank"
  done
  echo "$1: $want on 2, 7 and 13 ranks"
}

tiny 1,1,1 heat --nx 3 --ny 2 --nz 2
tiny 0,2,8 heat --nx 1 --ny 1 --nz 5 --walls yz
tiny 0,2,8 triad --n 5
