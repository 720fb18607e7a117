#!/bin/sh
# TEST timeout=1200 cost=400 slow once nightly
# test_kill_random.sh [SEED]: SIGKILL at 100 random moments: 50 at random calls of the
# writer's phases, 50 at random times.
set -eu
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=tests/faults/kill.sh
. "$(dirname "$0")/kill.sh"
[ -z "$TRIREME_SANITIZE" ] || skip "runs are killed in the build without sanitizers"

seed=${1:-$(date +%j)} # another one each day
echo "seed $seed"
moments=$(awk -v seed="$seed" 'BEGIN {
  srand(seed); n = split("layout reserve write fsync verify rename commit", op)
  for (i = 0; i < 50; i++) {
    o = op[int(rand() * n) + 1]; both = o ~ /write|fsync|verify/
    printf "%s:%d:kill:%d ", o, rand() * 12 + 1, both ? rand() * 2 : 0
    printf "%.2fs ", 0.3 + rand() * 0.9 } }')
heat_calm
for moment in $moments; do kill_at "$moment"; done
[ "$kills" -ge 50 ] || fail "only $kills of $number runs were killed"
echo "$number moments, $kills runs killed, each ended with $want"
