#!/bin/sh
# kernel.sh TEST KERNEL [options...]: what every kernel has to pass.
#   verify   right on 1, 2, 3, 5 ranks x 1, 2 threads
#   same     the same fingerprint on all of them, unless its results have an rtol
#   resume   stopped half-way and resumed on other ranks: the undisturbed fingerprint
#   choices  each choice of an option against the first
# CMake calls it for each file in kernels/, with the options behind TEST in its head.
set -eu
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
test=$1
kernel=$2
shift 2
cd "$scratch"

# --steps apart from the other options: resuming needs its own
steps=
options=
while [ $# -gt 0 ]; do
  case $1 in
    --steps) steps="--steps $2"; shift ;;
    --steps=*) steps="--steps ${1#*=}" ;;
    *) options="$options $1" ;;
  esac
  shift
done

# launch RANKSxTHREADS RESULT WORDS...
launch() {
  shape=$1
  result=$2
  shift 2
  mpi "${shape%x*}" run "$kernel" --threads "${shape#*x}" --quiet \
    --result "$result" "$@"
  expect_exit 0
}

# whole RANKSxTHREADS RESULT WORDS...: all steps
whole() {
  shape=$1
  result=$2
  shift 2
  # shellcheck disable=SC2086
  launch "$shape" "$result" $options $steps "$@"
}

expect_same() { # WHAT RESULT-A RESULT-B
  a=$(key "$2" fingerprint)
  b=$(key "$3" fingerprint)
  [ "$a" = "$b" ] || fail "$1: fingerprint $b, want $a"
}

# close_to RESULT-A RESULT-B: sketches within the kernel's rtol
expect_close() {
  tail -qn 1 "$2" "$3" | /usr/bin/python3 -c '
import json, sys
a, b = (json.loads(line) for line in sys.stdin)
size = max(map(abs, a["sketch"])) or 1
worst = max(abs(x - y) for x, y in zip(a["sketch"], b["sketch"])) / size
assert worst <= a["rtol"], f"sketches differ by {worst}, rtol is {a[\"rtol\"]}"' ||
    fail "$1"
}

# equal WHAT RESULT-A RESULT-B: to the bit, or within rtol
expect_equal() {
  if [ "$(key "$2" rtol)" = 0 ]; then expect_same "$@"; else expect_close "$@"; fi
}

test_verify() {
  for shape in 1x1 1x2 2x1 2x2 3x1 3x2 5x1 5x2; do
    whole $shape r.jsonl
    [ "$(key r.jsonl verified)" != false ] || fail "$shape: not verified"
    for what in messages message_bytes; do
      [ "$(key r.jsonl work.$what)" = "$(key r.jsonl counted.$what)" ] ||
        fail "$shape: $what stated $(key r.jsonl work.$what), counted $(key r.jsonl counted.$what)"
    done
  done
  echo "verified on 1, 2, 3 and 5 ranks x 1 and 2 threads"
}

test_same() {
  whole 1x1 first.jsonl
  [ "$(key first.jsonl rtol)" = 0 ] ||
    skip "the results of $kernel agree within an rtol, not to the bit"
  for shape in 1x2 2x1 2x2 3x1 4x1 5x2 7x1 8x1 13x1; do
    whole $shape r.jsonl
    expect_same "$shape" first.jsonl r.jsonl
  done
  echo "fingerprint $(key first.jsonl fingerprint) on 1, 2, 3, 4, 5, 7, 8, 13 ranks"
}

# half_then RANKSxTHREADS RANKSxTHREADS
half_then() {
  rm -rf sets
  # shellcheck disable=SC2086
  launch "$1" half.jsonl $options --steps "$half" --checkpoint sets --every "$every"
  launch "$2" rest.jsonl --steps "$all" --checkpoint sets --resume --every "$every"
  [ "$(key rest.jsonl first_step)" = "$half" ] || fail "$1 to $2: not resumed"
  expect_equal "$1 to $2" calm.jsonl rest.jsonl
}

test_resume() {
  whole 2x1 calm.jsonl
  all=$(key calm.jsonl steps)
  half=$((all / 2))
  every=$((all / 4 + 1))
  [ "$half" -gt 0 ] || skip "$kernel has only $all steps"
  half_then 3x1 2x1
  half_then 1x2 5x1
  half_then 2x1 1x1
  echo "resumed at step $half of $all from 3 ranks on 2, 1 on 5, 2 on 1"
}

test_choices() {
  "$TRIREME" help "$kernel" --json | /usr/bin/python3 -c '
import json, sys
for o in json.load(sys.stdin)["options"]:
    for choice in o.get("choices", [])[1:]:
        print(o["name"], o["choices"][0], choice)' >choices
  [ -s choices ] || skip "$kernel has no options with choices"
  while read -r name first other; do
    whole 2x1 a.jsonl "--$name" "$first"
    whole 2x1 b.jsonl "--$name" "$other"
    expect_equal "--$name $other" a.jsonl b.jsonl
    echo "--$name $other: as $first"
  done <choices
}

case $test in
  verify | same | resume | choices) "test_$test" ;;
  *) fail "$test: want verify, same, resume or choices" ;;
esac
