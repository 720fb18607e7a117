#!/bin/sh
# TEST timeout=180 uses=test_probes_matmul,test_probes_sort,test_probes_converge,trireme_preload slow once
# The probes are kernels of programs of their own: they give the same result on any
# ranks x threads, and are resumed on others, as those in kernels/ are.
set -eu
: "${TRIREME_BUILD:?run the tests through ctest}"
script=$(dirname "$0")/../kernels/kernel.sh

# probe KERNEL OPTIONS...
probe() {
  TRIREME=$TRIREME_BUILD/tests/test_probes_$1
  export TRIREME
  echo "-- $1"
  sh "$script" "$@"
}

# broadcasts; what each step finds in its keys; reductions until it converges
TRIREME_CHECK_RANKS=1,3,4
export TRIREME_CHECK_RANKS
probe matmul --n 101 --block 7
probe sort --n 5003 --rounds 4
probe converge --n 15
