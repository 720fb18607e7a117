#!/bin/sh
# kernel.sh TEST KERNEL [options...]: what every kernel has to pass.
#   verify   right on 1 to 13 ranks x 1, 2 threads, with the same fingerprint on all of
#            them unless its results have an rtol; under sanitizers on three shapes
#   contract messages, calls of MPI's collectives by kind, and bytes of each rank
#            inside advance are what the kernel states, on 1, 2, 3, 4, 5, 7, 8, 12, 16
#            ranks (or $TRIREME_CONTRACT_RANKS); no MPI call bypasses the library
#   resume   stopped half-way and resumed on other ranks: the undisturbed fingerprint
#   choices  each choice of an option against the first: to the bit, or within the
#            option's rtol; without those that this processor lacks
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

# expect_close WHAT RESULT-A RESULT-B [RTOL]: sketches within it, or the kernel's rtol
expect_close() {
  tail -qn 1 "$2" "$3" | /usr/bin/python3 -c '
import json, sys
a, b = (json.loads(line) for line in sys.stdin)
size = max(map(abs, a["sketch"])) or 1
worst = max(abs(x - y) for x, y in zip(a["sketch"], b["sketch"])) / size
rtol = float(sys.argv[1]) or a["rtol"]
assert worst <= rtol, "sketches differ by %g, rtol is %g" % (worst, rtol)' "${4:-0}" ||
    fail "$1"
}

# expect_equal WHAT RESULT-A RESULT-B [RTOL]: to the bit, or within the rtol of the
# option or the kernel
expect_equal() {
  if [ "$(key "$2" rtol)" = 0 ] && [ "${4:-0}" = 0 ]; then
    expect_same "$1" "$2" "$3"
  else
    expect_close "$@"
  fi
}

test_verify() {
  shapes="1x2 2x1 2x2 3x1 3x2 4x1 5x1 5x2 7x1 8x1 13x1"
  [ -z "$TRIREME_SANITIZE" ] || [ -n "${TRIREME_TEST_ALL:-}" ] || shapes="2x2 3x1"
  whole 1x1 first.jsonl
  for shape in 1x1 $shapes; do
    [ "$shape" = 1x1 ] || whole "$shape" all.jsonl
    [ "$shape" != 1x1 ] || cp first.jsonl all.jsonl
  done
  /usr/bin/python3 - all.jsonl <<'END'
import json, sys
first, *others = results = [json.loads(line) for line in open(sys.argv[1])]
for r in results:
    shape = "%dx%d" % (r["ranks"], r["threads"])
    assert r["verified"] is not False, shape + ": not verified"
    assert first["rtol"] or r["fingerprint"] == first["fingerprint"], \
        "%s: fingerprint %s, expected %s" % (shape, r["fingerprint"], first["fingerprint"])
END
  echo "verified on 1x1 $shapes ranks x threads"
  [ "$(key first.jsonl rtol)" != 0 ] || echo "fingerprint $(key first.jsonl fingerprint) on all"
}

# One line per run: what was stated and counted, where there was any, and "differs"
# where it should not.
compare_traffic() { # RESULT
  /usr/bin/python3 -c '
import json, sys
def flat(traffic):
    return {f"{kind} {key}" if kind else key: value
            for key, part in traffic.items() if key != "ranks_that_differ"
            for kind, value in (part.items() if isinstance(part, dict) else [("", part)])}
for line in open(sys.argv[1]):
    r = json.loads(line)
    counted, slack = flat(r["counted"]), r["work"]["message_slack"]
    bad = r["counted"]["ranks_that_differ"]
    if r["stated"] is None:
        stated = dict.fromkeys(counted, 0)
        word = "unknown" if any(counted.values()) else "none"
    else:
        stated = flat(r["stated"])
        assert stated.keys() == counted.keys(), (stated, counted)
        same = not bad and all(
            counted[k] <= stated[k] * (1 + slack) if slack else counted[k] == stated[k]
            for k in counted)
        word = "as stated" if same else "differs"
    print(r["ranks"], "ranks:", *(f"{k} stated {stated[k]}, counted {counted[k]};"
                                  for k in counted if stated[k] or counted[k]),
          f"{bad} ranks differ;", word)' "$1"
}

# The wrappers see what the library does not: MPI that the kernel calls itself.
untracked() { # RESULT
  /usr/bin/python3 -c '
import json, sys
for line in open(sys.argv[1]):
    r = json.loads(line)
    for call in r["meter"]["calls"]:
        if call["call"] == "untracked":
            print(call["calls"], "calls of MPI that bypass the library on", r["ranks"], "ranks")
' "$1"
}

test_contract() {
  if [ -n "$TRIREME_SANITIZE" ]; then
    echo "without the wrappers of MPI, which a sanitizer cannot follow:" \
      "untracked calls are not checked"
  else
    mpi_before="env TRIREME_PRELOAD=report LD_PRELOAD=$TRIREME_BUILD/libtrireme_preload.so"
  fi
  shapes=${TRIREME_CONTRACT_RANKS:-1 2 3 4 5 7 8 12 16}
  for ranks in $shapes; do
    whole "${ranks}x1" all.jsonl --no-verify
    [ -z "$mpi_before" ] || grep -q "^MPI: $ranks rank" err ||
      fail "the wrappers are not loaded: $(show_run)"
  done
  untracked all.jsonl >said
  [ ! -s said ] || fail "$(cat said)"
  compare_traffic all.jsonl >said
  [ "$(wc -l <said)" = "$(echo "$shapes" | wc -w)" ] ||
    fail "want a result of each of $shapes ranks: $(cat said)"
  ! grep -q 'differs$' said || fail "$(grep 'differs$' said)"
  ! grep -q 'unknown$' said ||
    fail "$kernel sends and states nothing: $(grep 'unknown$' said)"
  cat said
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

# can_run WORDS...: false where a kernel says that this processor lacks something
can_run() {
  # shellcheck disable=SC2086
  mpi 1 run "$kernel" --quiet $options --steps 0 "$@"
  ! { [ "$status" = 2 ] && grep -q ": this processor has no " "$scratch/err"; }
}

test_choices() {
  "$TRIREME" help "$kernel" --json | /usr/bin/python3 -c '
import json, sys
for o in json.load(sys.stdin)["options"]:
    for choice in o.get("choices", [])[1:]:
        print(o["name"], o["choices"][0], choice, o.get("rtol", 0))' >choices
  [ -s choices ] || skip "$kernel has no options with choices"
  while read -r name first other rtol; do
    if ! can_run "--$name" "$other"; then
      echo "--$name $other: skipped, $(grep '^trireme:' "$scratch/err")"
      continue
    fi
    whole 2x1 a.jsonl "--$name" "$first"
    whole 2x1 b.jsonl "--$name" "$other"
    expect_equal "--$name $other" a.jsonl b.jsonl "$rtol"
    echo "--$name $other: as $first"
  done <choices
}

case $test in
  verify | contract | resume | choices) "test_$test" ;;
  *) fail "$test: want verify, contract, resume or choices" ;;
esac
