#!/bin/sh
# TEST timeout=180 uses=test_probes_matmul,test_probes_sort,test_probes_converge,trireme_preload slow once
# The probes are kernels of programs of their own: they give the same result on any
# ranks x threads, and are resumed on others, as those in kernels/ are.
set -eu
: "${TRIREME_BUILD:?run the tests through ctest}"
script=$(dirname "$0")/../kernels/kernel.sh

# probe TESTS KERNEL OPTIONS...
probe() {
  tests=$1
  TRIREME=$TRIREME_BUILD/tests/test_probes_$2
  export TRIREME
  shift
  for test in $tests; do
    echo "-- $1: $test"
    sh "$script" "$test" "$@"
  done
}

# broadcasts; what each step finds in its keys; reductions until it converges
TRIREME_CONTRACT_RANKS="1 3 4"
export TRIREME_CONTRACT_RANKS
probe "verify contract" matmul --n 101 --block 7
probe "verify resume contract" sort --n 5003 --rounds 4
probe "resume contract" converge --n 15
