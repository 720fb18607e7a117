#!/bin/sh
# kill100.sh [SEED]: SIGKILL at 100 random moments: 50 at random calls of the
# writer's phases, 50 at random times. Some 6 minutes; not part of the suite.
set -eu
top=$(cd "$(dirname "$0")/../.." && pwd)
cd "$top"
# shellcheck source=jobs/setup.sh
. jobs/setup.sh
setup_mpi
TRIREME=${TRIREME:-$top/build/trireme}
# shellcheck source=tests/lib.sh
. tests/lib.sh
# shellcheck source=tests/faults/kill.sh
. tests/faults/kill.sh

moments=$(awk -v seed="${1:-1}" 'BEGIN {
  srand(seed); n = split("layout reserve write fsync verify rename commit", op)
  for (i = 0; i < 50; i++) {
    o = op[int(rand() * n) + 1]; both = o ~ /write|fsync|verify/
    printf "%s:%d:kill:%d ", o, rand() * 12 + 1, both ? rand() * 2 : 0
    printf "%.2fs ", 0.3 + rand() * 0.9 } }')
heat_calm
for moment in $moments; do kill_at "$moment"; done
echo "$number moments, $kills runs killed, each ended with $want"
