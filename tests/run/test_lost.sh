#!/bin/sh
# TEST timeout=240 once
# A resume never takes a directory whose checkpoints are gone for an empty one, and never
# follows links or waits for FIFOs; --restart starts again and removes nothing.
set -eu
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
cd "$scratch"
heat="run heat --n 11 --threads 1 --quiet"

# run WORDS...: alone, to the named step
run() {
  # shellcheck disable=SC2086
  alone $heat "$@"
}
count() { find "$1" -name "heat-*.h5${2:-}" | wc -l; }

# -- checkpoints that are gone -------------------------------------------------
run --steps 20 --checkpoint gone --every 10 && expect_exit 0
fingerprint=$(cd gone && "$TRIREME" ckpt show heat-*20.h5 | md5sum)
cp -r gone kept
rm gone/heat-*.h5
cp -r gone before
run --steps 30 --checkpoint gone --resume && refused 3 "checkpoint of step 20 was written"
diff -r -x allocations.jsonl gone before || fail "a refused resume changed the directory"
rm gone/status.json # the log of sessions knows too
run --steps 30 --checkpoint gone --resume && refused 3 "the log of sessions says"
run --steps 30 --checkpoint gone --resume --restart && expect_exit 0
[ "$(count gone)" = 1 ] || fail "no new checkpoint: $(ls gone)"
run --steps 40 --checkpoint gone --resume && expect_exit 0

# the directory cannot be read to its end
if strace -o trace -e trace=getdents64 true 2>/dev/null; then
  cp -r kept unread
  status=0
  # shellcheck disable=SC2086
  timeout 60 strace -f -qq -o trace -P "$scratch/unread" -e trace=getdents64 \
    -e inject=getdents64:error=EIO:when=1 "$TRIREME" $heat --checkpoint unread --resume \
    --steps 30 >out 2>err || status=$?
  refused 3 "cannot list the directory: Input/output error"
  [ "$(ls unread)" = "$(ls kept)" ] || fail "files appeared: $(ls unread)"
else
  echo "not tested: a directory that cannot be listed (strace may not trace here)"
fi

# -- restart -------------------------------------------------------------------
run --steps 20 --checkpoint kept && refused 2 "there are checkpoints of another run"
run --steps 5 --checkpoint kept --restart && expect_exit 0
[ "$(count kept)$(count kept .abandoned)" = 12 ] || fail "expected 1 new, 2 old: $(ls kept)"
for old in kept/*20.h5.abandoned; do
  mkdir again
  cp "$old" "again/$(basename "${old%.abandoned}")"
done
[ "$(cd again && "$TRIREME" ckpt show heat-*20.h5 | md5sum)" = "$fingerprint" ] ||
  fail "the abandoned checkpoint has changed"
run --steps 8 --checkpoint kept --resume && expect_exit 0
# with --resume, --restart is for directories without a valid checkpoint
run --steps 9 --checkpoint kept --resume --restart && expect_exit 0
[ "$(count kept .abandoned)" = 2 ] || fail "a valid checkpoint was abandoned: $(ls kept)"
alone run heat --restart && refused 2 "--restart requires --checkpoint DIR"

# -- two runs, and another name ------------------------------------------------
cp kept/heat-*.h5 again
run --steps 30 --checkpoint again --resume && refused 2 "checkpoints of two runs"
mkdir stray
cp kept/heat-*9.h5 stray/mine.h5
run --steps 30 --checkpoint stray --resume && refused 3 "mine.h5 is a checkpoint under another name"
mkdir other # an output is no checkpoint
run --steps 2 --output other/out.h5 && expect_exit 0
run --steps 3 --checkpoint other --resume && expect_exit 0

# -- links and FIFOs -----------------------------------------------------------
ln -s nowhere/x dangling
run --steps 2 --checkpoint dangling && refused 2 "dangling: is a link to nowhere/x"
echo precious >victim
mkdir links
for file in .trireme-lock .status.json allocations.jsonl status.json; do
  rm -f "links/$file"
  ln -s ../victim "links/$file"
  run --steps 2 --checkpoint links --restart
  [ "$(cat victim)" = precious ] || fail "$file: the target of the link was changed"
  rm -f "links/$file"
  mkfifo "links/$file"
  run --steps 2 --checkpoint links --restart
  [ "$status" = 0 ] || [ "$status" = 3 ] || fail "$file: $(show_run)"
  rm -f "links/$file"
done
mkfifo fifo
mkdir waits
mv fifo waits/status.json
alone status waits && refused 2 "not a regular file"
exit 0
