#!/bin/sh
# kernel.sh KERNEL [options...]: what every kernel has to pass, see `trireme help check`:
# right, with the same bits, and with the traffic that it states on 1 to 16 ranks (or
# $TRIREME_CHECK_RANKS), under the wrappers of MPI, which see calls that bypass the library;
# stopped, killed, resumed; all choices of its options. Sanitizers cannot follow the
# wrappers, and see fewer ranks.
# CMake calls it for each file in kernels/, with the options behind TEST in its head.
set -eu
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
kernel=$1
shift
cd "$scratch"
ranks=1,2,3,4,5,7,8,12,13,16
wrappers="env TRIREME_PRELOAD=report 'LD_PRELOAD=$TRIREME_BUILD/libtrireme_preload.so'"
if [ -n "$TRIREME_SANITIZE" ]; then
  [ -n "${TRIREME_TEST_ALL:-}" ] || ranks=1,3
  wrappers=
fi
code=0
"$TRIREME" check "$kernel" "$@" --ranks "${TRIREME_CHECK_RANKS:-$ranks}" --threads 1,2 \
  --timeout "${patience}s" --launcher "mpirun -n {ranks} $wrappers" -o kept >said || code=$?
cat said
[ "$code" = 0 ] || fail "exit status $code"
for promise in verified 'same bits' 'cut steps' resume traffic; do
  grep -q "^$promise  *kept " said || fail "$promise: not kept"
done
[ -z "$wrappers" ] || grep -q '^MPI: 3 rank' kept/*.log || fail "the wrappers are not loaded"
