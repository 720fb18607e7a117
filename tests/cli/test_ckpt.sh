#!/bin/sh
# TEST timeout=300 slow
# ckpt ls, show, verify and diff, without mpirun.
set -eu
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
cd "$scratch"

run_heat() { # DIR STEPS RANKS
  mpi "$3" run heat --n 12 --steps "$2" --checkpoint "$1" --keep 1 --quiet
  expect_exit 0
}

run_heat a 10 2
run_heat b 10 3
run_heat c 11 1
alone ckpt ls a
expect_exit 0
expect_out "heat-"
alone ckpt show a
expect_exit 0
expect_out "heat"
alone ckpt diff a b
expect_exit 0
alone ckpt diff a c
expect_exit 1
expect_out "u"
alone ckpt verify a
expect_exit 0
set=$(ls a/heat-*.h5)
expect_out "sealed     $set"
h5repack -f GZIP=1 "$set" repacked.h5
mv repacked.h5 "$set"
alone ckpt verify a
expect_exit 1
expect_out "rewritten  $set"
alone ckpt show a
expect_exit 0
expect_out "state        rewritten"
alone ckpt diff a b
expect_exit 0
set=$(ls b/heat-*.h5)
printf 'X' | dd of="$set" bs=1 seek=6000 conv=notrunc 2>/dev/null
alone ckpt verify b
expect_exit 3
expect_out "damaged    $set"
alone ckpt diff nowhere a
expect_exit 2
echo "ls, show, diff and verify say what is there"

# what killed runs leave in the directory goes with the next run; the token of one
# that starts at this moment stays
touch -d "2 minutes ago" c/.trireme-1-2
touch c/.trireme-3-4 c/.heat-0123456789abcdef-000000000007.h5.part
mpi 1 run heat --checkpoint c --resume --steps 12 --quiet
expect_exit 0
[ -z "$(ls c/.heat* c/.trireme-1-2 2>/dev/null)" ] || fail "left behind: $(ls -A c)"
[ -e c/.trireme-3-4 ] || fail "the token of another run was removed"
echo "what killed runs left behind is cleaned up"
