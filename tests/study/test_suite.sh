#!/bin/sh
# TEST timeout=300 slow once
# suite.conf: every kernel has its strong and weak problems in three sizes, each line is
# one that a study takes, and the quick ones fit into their 15 minutes.
set -eu
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
suite=$TRIREME_SOURCE/benchmarks/suite.conf
grep -v '^ *#' "$suite" | grep . >"$scratch/lines"

alone list
kernels=$(awk '{ print $1 }' "$scratch/out")
[ -n "$kernels" ] || fail "no kernels: $(show_run)"
classes=$(awk '$1 == "class" { print $2 }' "$scratch/lines")
[ "$(echo "$classes" | tr '\n' ' ')" = "quick node cluster " ] ||
  fail "want classes quick, node and cluster, got $classes"
for class in $classes; do
  for kernel in $kernels; do
    for mode in strong weak; do
      n=$(grep -c "^$class *$kernel *$mode " "$scratch/lines") || true
      [ "$n" = 1 ] || fail "$class $kernel $mode: want 1 line, got $n"
    done
  done
done
echo "each kernel has strong and weak problems in each class"

# rising LIST: whole numbers, each larger than the last.
rising() {
  echo "$1" | tr , '\n' | awk '
    !/^[1-9][0-9]*$/ || $1 <= last { exit bad = 1 } { last = $1 } END { exit bad }'
}

while read -r class kernel mode ranks threads goal options <&3; do
  line="$class $kernel $mode $ranks $threads $goal"
  if [ "$class" = class ]; then
    echo "$mode $ranks $threads" |
      awk '{ exit !($1 >= 10 && $2 > 0 && $2 < 0.2 && $3 ~ /^[0-9]+s$/) }' ||
      fail "$line: want seconds of a study, its target, and how long it waits"
    continue
  fi
  echo "$classes" | grep -qx "$class" || fail "$line: there is no class $class"
  case $mode in strong | weak | threads | memory) ;; *) fail "$line: mode" ;; esac
  rising "$ranks" || fail "$line: ranks are to rise"
  rising "$threads" || fail "$line: threads are to rise"
  echo "$goal" | awk '{ exit !($1 == "-" || ($1 > 0 && $1 <= 1)) }' ||
    fail "$line: goal"
  case $options in *"--steps "*) ;; *) fail "$line: no --steps" ;; esac
  small=$(echo "$options" |
    sed 's/--n [^ ]*/--n 64/; s/--size [^ ]*/--n 64/; s/--steps [^ ]*/--steps 0/')
  # shellcheck disable=SC2086 # words
  alone run "$kernel" $small --threads 1 --quiet
  [ "$status" = 0 ] || fail "$line $options: $(show_run)"
done 3<"$scratch/lines"
echo "each line is a problem"

awk '$1 == "class" && $2 == "quick" { each = $3 }
  $1 == "quick" { n++ }
  END { print n * each " s for quick"; exit !(n * each <= 720) }' "$scratch/lines" ||
  fail "quick takes more than 12 of its 15 minutes in studies alone"
