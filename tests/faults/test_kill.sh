#!/bin/sh
# TEST timeout=400 cost=60 slow once
# SIGKILL at 20 moments, aimed at each phase of writing a checkpoint.
set -eu
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=tests/faults/kill.sh
. "$(dirname "$0")/kill.sh"
[ -z "$TRIREME_SANITIZE" ] || skip "runs are killed in the build without sanitizers"

steps=60 # six checkpoints, or three after a resume: each moment comes
heat_calm
for moment in \
  token:1:kill:0 layout:1:kill:0 layout:4:kill:0 reserve:2:kill:0 \
  write:1:kill:0 write:2:kill:1 write:3:kill:0 write:5:kill:1 \
  fsync:1:kill:1 fsync:2:kill:0 fsync:5:kill:1 \
  verify:1:kill:0 verify:2:kill:1 verify:6:kill:0 \
  rename:1:kill:0 rename:4:kill:0 commit:1:kill:0 commit:3:kill:0 \
  0.5s 0.7s; do
  kill_at $moment
done
[ "$kills" -ge 18 ] || fail "only $kills of $number runs were killed"
echo "$number moments, $kills runs killed, each ended with $want"
