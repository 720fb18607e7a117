#!/bin/sh
# TEST timeout=240 cost=8 once
# Each write of a checkpoint in turn fails as a disk that is full or broken lets it fail: the
# run says which and ends with 3, or writes the checkpoint later. It never crashes, the
# unfinished file is gone, and the older checkpoint is whole.
set -eu
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
cd "$scratch"
command -v strace >/dev/null || skip "strace is not installed"
strace -o trace true 2>/dev/null || skip "this machine does not let strace trace"

alone run heat --n 4 --steps 2 --checkpoint base --threads 1 --quiet
expect_exit 0
first=$(basename base/heat-*.h5)
part=.${first%2.h5}4.h5.part

# fails_at CALL N ERROR: sets $hit
fails_at() {
  rm -rf dir && cp -r base dir
  said="$1 $2 of dir/$part fails with $3"
  status=0
  timeout -k 5 "$patience" strace -f -qq -o trace -P "$scratch/dir/$part" -e trace="$1" \
    -e inject="$1:error=$3:when=$2" "$TRIREME" run heat --checkpoint "$scratch/dir" --resume --steps 4 \
    --threads 1 --quiet </dev/null >"$scratch/out" 2>"$scratch/err" || status=$?
  hit=$(grep -c INJECTED trace) || true
}

words() {
  case $1 in
  EDQUOT) echo "Disk quota exceeded" ;;
  ENOSPC) echo "No space left on device" ;;
  EIO) echo "Input/output error" ;;
  esac
}

tried=0
# each CALL ERROR: each of these calls in turn, until there are no more
each() {
  n=1
  while fails_at "$1" $n "$2" && [ "$hit" != 0 ]; do
    case $status in
    3) grep -q "dir/$part: .*$(words "$2")" err || fail "no reason: $(show_run)" ;;
    0) grep -q "$(words "$2")" err || grep -q "^ *checkpoint .*0004.h5" out ||
      fail "nothing was said or written: $(show_run)" ;;
    *) fail "exit status $status: $(show_run)" ;;
    esac
    [ ! -e "dir/$part" ] || fail "the unfinished file is left behind: $(show_run)"
    alone ckpt verify "dir/$first" && expect_exit 0
    n=$((n + 1)) tried=$((tried + 1))
  done
  [ $n -gt 1 ] || fail "no $1 at all: the test looks at the wrong file"
}
each pwrite64 EDQUOT
if [ -n "${TRIREME_TEST_ALL:-}" ]; then
  for error in EIO ENOSPC; do each pwrite64 $error; done
  each openat EIO
  each close EIO
  each pread64 EIO
else
  echo "left out: other errors and calls (sh tests/run.sh all)"
fi
each fallocate ENOSPC
each fsync EIO
[ $tried -ge 6 ] || fail "only $tried calls failed"
echo "$tried calls failed in turn: each was named, nothing crashed, nothing was left behind"
