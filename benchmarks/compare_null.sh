#!/bin/sh
# compare_null.sh [COMPARISONS [SECONDS]]: does `compare` raise more alarms than it
# says? A command against itself, 200 times, with --gate 0%: whoever alarms is wrong.
# Half of them with a fixed number of pairs, half with looks and a budget; one at a
# time on each core, which is noise for the others. No new one is begun after so many
# seconds (720). Exit status 1: more alarms than chance allows, or fewer comparisons than
# were asked for.
set -eu
# shellcheck source=benchmarks/lib.sh
. "$(dirname "$0")/lib.sh"
comparisons=${1:-200}
seconds=${2:-720}
confidence=0.95
# a run that no launcher started need not fork Open MPI's daemon
export OMPI_MCA_ess_singleton_isolated=1
command="$trireme run heat --n 32 --steps 20 --threads 1 --quiet --no-meter"

# lane FIRST STEP: every STEP-th comparison; each says its exit status.
lane() {
  i=$1
  while [ "$i" -lt "$comparisons" ] && [ $(($(date +%s) - began)) -lt "$seconds" ]; do
    how="--repeat 5"
    [ $((i / $2 % 2)) = 0 ] || how="--repeat auto --budget 8s"
    status=0
    # shellcheck disable=SC2086 # several words
    timeout 60 "$trireme" compare "$command" "$command" $how --gate 0% \
      --confidence $confidence --seed $((i + 1)) --quiet \
      >"$scratch/out.$1" 2>"$scratch/err.$1" || status=$?
    echo "$status" >>"$scratch/statuses"
    case $status in 0 | 1) ;; *) cat "$scratch/err.$1" >&2 ;; esac
    i=$((i + $2))
  done
}

quiet_gate
began=$(date +%s)
: >"$scratch/statuses"
lanes=$(nproc)
[ "$lanes" -lt 8 ] || lanes=8
k=0
while [ $k -lt "$lanes" ]; do
  lane $k "$lanes" &
  k=$((k + 1))
done
wait
n=$(grep -c '^[01]$' "$scratch/statuses") || true
alarms=$(grep -c '^1$' "$scratch/statuses") || true
untold=$(grep -vc '^[01]$' "$scratch/statuses") || true
[ "$untold" = 0 ] || echo "$untold comparisons told nothing, see above"
[ "$n" -ge "$comparisons" ] ||
  echo "TOO FEW: $n of $comparisons comparisons told something within $seconds s"

# How many alarms there are at most in 999 of 1,000 such series, if each comparison
# alarms with the stated probability.
awk -v n="$n" -v want="$comparisons" -v alarms="$alarms" -v share="$(echo $confidence | awk '{ print 1 - $1 }')" 'BEGIN {
  p = exp(n * log(1 - share)); sum = p
  for (most = 0; sum < 0.999 && most < n; most++) {
    p *= (n - most) / (most + 1) * share / (1 - share); sum += p
  }
  printf "%d null comparisons: %d alarms, %.1f %%; stated: %.0f %% at most ", n, alarms,
    n ? 100 * alarms / n : 0, 100 * share
  printf "(by chance up to %d)\n", most
  exit alarms > most || n < want || n == 0 }'
