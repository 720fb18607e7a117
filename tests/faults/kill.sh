# shellcheck shell=sh
# shellcheck disable=SC2154
# scratch, status, fail, mpi and key are from lib.sh.
# Sourced, after lib.sh, by the tests that kill runs: heat is killed at a moment,
# resumed on another number of ranks, and must end with the fingerprint of a run
# that nothing disturbed.

steps=150
kills=0
number=0

heat() { # RANKS OPTION...
  heat_ranks=$1
  shift
  mpi "$heat_ranks" run heat --nx 64 --ny 60 --nz 70 --steps $steps --quiet "$@"
}

heat_calm() {
  heat 2 --result "$scratch/calm.jsonl"
  expect_exit 0
  want=$(key "$scratch/calm.jsonl" fingerprint)
}

# Kills all ranks of the run that writes to $dir, some time after its start.
kill_after() { # SECONDS
  sleep "$1"
  for pid in $(pgrep -f -- "trireme run heat .*--checkpoint $dir " || true); do
    case $(tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null) in
      *mpirun* | *timeout*) ;;
      *) kill -9 "$pid" 2>/dev/null || true ;;
    esac
  done
}

# kill_at MOMENT: a rule of TRM_FAULT, such as write:3:kill:1, or a time, such as
# 0.43s. The run makes a checkpoint every 10 steps and keeps 2.
kill_at() {
  number=$((number + 1))
  first=$((number % 4 + 2))
  second=$(((number + 1) % 4 + 1))
  dir=$scratch/sets-$number
  case $1 in
    *s)
      kill_after "${1%s}" &
      killer=$!
      heat $first --checkpoint "$dir" --every 10
      wait $killer || true
      ;;
    *)
      TRM_FAULT=$1
      export TRM_FAULT
      heat $first --checkpoint "$dir" --every 10
      unset TRM_FAULT
      ;;
  esac
  if [ "$status" = 0 ]; then echo "$1: came too late"; else kills=$((kills + 1)); fi
  heat $second --checkpoint "$dir" --every 10 --resume \
    --result "$scratch/result.jsonl"
  [ "$status" = 0 ] || fail "not resumed after $1: $(show_run)"
  got=$(key "$scratch/result.jsonl" fingerprint)
  [ "$got" = "$want" ] || fail "after $1: fingerprint $got, want $want"
  rm -rf "$dir"
}
