#!/bin/sh
# TEST timeout=120 once slow
# compare.sh: a peer that is absent is said to be absent, one that fails is said to fail,
# ratios are those of the rates, and the interval is that of the binomial distribution.
set -eu
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
export TRIREME_PEERS_DIR="$scratch/peers"
mkdir "$TRIREME_PEERS_DIR"

# a_peer NAME PEER-LINE BODY
a_peer() {
  printf '# PEER %s kernel=triad\n# LAUNCH 1x1\n# CASE --n 1000 --steps 3\n%s\n' \
    "$2" "$3" >"$TRIREME_PEERS_DIR/$1"
}

compare() {
  said="compare.sh $*"
  status=0
  sh "$TRIREME_SOURCE/benchmarks/compare.sh" "$@" >"$scratch/out" 2>"$scratch/err" ||
    status=$?
}

a_peer gone.sh "command=no-such-program debian=no-such-package" "exit 1"
a_peer peer_gone.c "packages=no-such-library debian=libnosuch-dev" ""
compare triad 1
expect_exit 0
grep -q "^triad *gone *absent: apt-get install no-such-package" "$scratch/out" ||
  fail "$(show_run)"
grep -q "^triad *gone *absent: apt-get install libnosuch-dev" "$scratch/out" ||
  fail "$(show_run)"
echo "what is absent is said to be absent"

# the rate of one is the number of its launches, in G updates/s: 1, 2, 3, 4, 5
export COUNT="$scratch/count" WORDS="$scratch/words"
# shellcheck disable=SC2016 # the peer expands them
a_peer counts.sh "command=sh debian=dash" 'echo "$*" >"$WORDS"
echo launched >>"$COUNT"
echo "rate $(wc -l <"$COUNT")e9"
echo "error 1e-15 1e-12"
echo "built by hand"'
a_peer one.sh "command=sh debian=dash" "echo rate 1e9"
compare triad 5
expect_exit 0
[ "$(cat "$scratch/words")" = "1 1 --n 1000 --steps 3" ] ||
  fail "the peer got $(cat "$scratch/words")"
# kernel peer launch ours theirs ratio low to high
row() {
  grep "^triad *$1 *1x1 " "$scratch/out" || fail "no row of $1: $(show_run)"
}
row counts | awk '{ exit !($5 == 3 && $7 <= $6 && $6 <= $9) }' ||
  fail "want the median of 1 to 5: $(show_run)"
row one | awk '{ off = $4 - $6; exit !($4 > 0 && off * off < 4e-5) }' ||
  fail "want a ratio over 1 that is our rate: $(show_run)"
[ "$(grep -c '^triad .* [0-9]* % *[0-9]* %$' "$scratch/out")" = 2 ] ||
  fail "want load and steal of each row: $(show_run)"
expect_out "counts: by hand; its answer is off by 1e-15, right within 1e-12"
echo "medians and ratios of what both say"

a_peer one.sh "command=sh debian=dash" 'echo "out of luck" >&2; exit 4'
compare triad 2
expect_exit 1
expect_out "failed: out of luck"
compare bogus
expect_exit 2
grep -q "no peer of 'bogus': there are those of triad" "$scratch/err" || fail "$(show_run)"
compare triad none
expect_exit 2
echo "failures and bad input are said"

# the k-th and last but k-th of n, by hand from Pascal's triangle
check_interval() { # PAIRS LOW HIGH
  seq 1 "$1" >"$scratch/a"
  sed 's/.*/1/' "$scratch/a" >"$scratch/b"
  got=$(sh -c '. "$1"; interval "$2" "$3"' "$TRIREME_SOURCE/benchmarks/any" \
    "$TRIREME_SOURCE/benchmarks/lib.sh" "$scratch/a" "$scratch/b" | cut -d ' ' -f 2,3)
  [ "$got" = "$2.000 $3.000" ] || fail "$1 pairs: want $2 and $3, got $got"
}
check_interval 5 1 5
check_interval 9 2 8
check_interval 15 4 12
check_interval 41 14 28
echo "intervals hold 95 %"

# -- the answer of each way of a step in PETSc, where it is built ----------------
petsc=$TRIREME_BUILD/benchmarks/peers/peer_petsc_heat
if [ -x "$petsc" ]; then
  for ranks in 1 3; do
    timeout 60 mpirun -n $ranks "$petsc" --n 15 --steps 20 --method all \
      >"$scratch/out" 2>"$scratch/err" || fail "$petsc: $(cat "$scratch/out" "$scratch/err")"
    awk '!($NF + 0 < 1e-13) { bad = 1 } END { exit bad || NR != 5 }' "$scratch/out" ||
      fail "$(cat "$scratch/out")"
  done
  echo "five ways of PETSc give the same answer"
else
  echo "peer_petsc_heat is not built: its answers are not checked"
fi
