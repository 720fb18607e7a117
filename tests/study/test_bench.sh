#!/bin/sh
# TEST timeout=120 once slow
# verdict.sh and compare_null.sh fail when what they show is not so: with stand-ins for
# mpirun and for the programs that they start.
set -eu
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
mkdir -p "$scratch/bin" "$scratch/build/benchmarks"
export TRIREME_BUILD="$scratch/build" PATH="$scratch/bin:$PATH" MISNAMED='' UNTOLD='' ALARMS=0

bench() { # SCRIPT WORDS...
  said=$*
  status=0
  script=$1
  shift
  sh "$TRIREME_SOURCE/benchmarks/$script" "$@" >"$scratch/out" 2>"$scratch/err" ||
    status=$?
}

cat >"$scratch/bin/mpirun" <<'END_OF_MPIRUN'
#!/bin/sh
while [ $# -gt 1 ]; do
  [ "$1" != --result ] || echo '{}' >>"$2"
  shift
done
END_OF_MPIRUN
# the names that are right, but for one that is to be wrong
cat >"$scratch/build/benchmarks/bench_verdict" <<'END_OF_VERDICT'
#!/bin/sh
[ "$1" = judge ] || { echo '{}' && exit; }
name=$(basename "$2" .jsonl)
case $name in
"$MISNAMED") echo "nobody knows" ;;
good) echo "nothing measured" ;;
slow_rank) echo "one slow rank" ;;
serial) echo "serial sections" ;;
small_messages) echo "many small messages" ;;
shared_core) echo "ranks or threads that share a core" ;;
memory) echo "memory bandwidth" ;;
imbalance) echo "imbalance that grows with the ranks" ;;
checkpoints) echo "frequent checkpoints" ;;
straddle) echo "threads of a rank across two ranks' cores" ;;
latency) echo "latency of reductions" ;;
division) echo "uneven division of the problem" ;;
esac
echo "Some words."
END_OF_VERDICT
# alarms of the first seeds, nothing told of one
cat >"$scratch/build/trireme" <<'END_OF_TRIREME'
#!/bin/sh
while [ "$1" != --seed ]; do shift; done
[ "$2" != "$UNTOLD" ] || exit 2
[ "$2" -gt "$ALARMS" ]
END_OF_TRIREME
chmod +x "$scratch/bin/mpirun" "$scratch/build/trireme" \
  "$scratch/build/benchmarks/bench_verdict"

bench verdict.sh "$scratch/kept"
expect_exit 0
expect_out "0 of 11 names are wrong"
for name in good straddle; do
  MISNAMED=$name bench verdict.sh "$scratch/kept"
  expect_exit 1
  expect_out "$name: nobody knows (WRONG: want "
  expect_out "1 of 11 names are wrong"
done
echo "a wrong name fails"

bench compare_null.sh 30 60
expect_exit 0
expect_out "30 null comparisons: 0 alarms"
ALARMS=3 bench compare_null.sh 30 60
expect_exit 0
ALARMS=25 bench compare_null.sh 30 60
expect_exit 1
expect_out "30 null comparisons: 25 alarms"
UNTOLD=7 bench compare_null.sh 30 60
expect_exit 1
expect_out "TOO FEW: 29 of 30 comparisons told something"
bench compare_null.sh 30 0
expect_exit 1
expect_out "TOO FEW: 0 of 30 comparisons told something"
echo "too many alarms fail, and too few comparisons"
