#!/bin/sh
# sanitized.sh PROGRAM [WORDS...]: one rank of a test under sanitizers. Errors are found
# on all ranks, leaks on the first two: the call stacks that the search for leaks needs
# (Open MPI has no frame pointers) take half a second per process.
[ "${OMPI_COMM_WORLD_RANK:-0}" -lt 2 ] ||
  export ASAN_OPTIONS="${ASAN_OPTIONS:-}:fast_unwind_on_malloc=1:detect_leaks=0"
exec "$@"
