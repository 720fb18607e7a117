#!/bin/sh
# TEST timeout=2400 cost=600 once nightly
# Each fuzz target runs for a minute on inputs that grow from those of real runs and from
# tests/fuzz/seeds. FUZZ_SECONDS changes the minute, FUZZ_TARGETS names some of them.
set -eu
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
seconds=${FUZZ_SECONDS:-60}

case $TRIREME_BUILD in
  */asan | */clang | */debug) skip "fuzz targets have a build of their own; run once, in the release build" ;;
esac
command -v clang >/dev/null || skip "clang is not installed"
echo 'int LLVMFuzzerTestOneInput(const char *d, unsigned long n) { return d && n ? 0 : 0; }' \
  >"$scratch/probe.c"
clang -fsanitize=fuzzer,address,undefined "$scratch/probe.c" -o "$scratch/probe" 2>/dev/null ||
  skip "clang has no libFuzzer"

(cd "$TRIREME_SOURCE" && cmake --preset fuzz && cmake --build --preset fuzz) \
  >"$scratch/log" 2>&1 || fail "the build: $(tail -n 40 "$scratch/log")"

# -- what real runs write ------------------------------------------------------
cd "$scratch"
mpi 2 run heat --n 6 --steps 4 --checkpoint sets --result r.jsonl --trace t.json --quiet
expect_exit 0
mpi 1 machine --seconds 1 --only memory,flops,noise --dir none --output m.json
alone study triad --n 1000 --steps 4 --ranks 1,2 --repeat 2 --settle 0s -o study --quiet
write_machine made-up.json
# seed TARGET NAME: standard input becomes a seed
seed() {
  mkdir -p "seeds/$1"
  cat >"seeds/$1/$2"
}
printf 'a--real\n0.3\n--wide=9\n--no-flag\n--text\nx y\n--one-of\nb' | seed options words
printf 'c# a comment\nreal = 0.1\nnarrow = -3  # more\nflag = no\nchoice = stream\n' |
  seed options lines
printf 's{"real":"0.1","wide":"12","choice":"plain","flag":"false","text":"a"}' |
  seed options stored
for set in sets/*.h5; do
  printf 'n%s' "${set##*/}" | seed seal name
  (printf 's' && cat "$set") | seed seal file
done
mkdir seeds/machine
mv made-up.json seeds/machine
[ ! -f m.json ] || mv m.json seeds/machine
{ tr -d '\n' <study/study.json && echo && cat study/launches.jsonl; } | seed study two-points
cat sets/status.json sets/allocations.jsonl | seed status one-run
seed timeline heat <t.json
seed site all <<'TEXT'
partition = main   # a queue
account = proj
modules = gcc openmpi hdf5
directive = --qos=long
launcher = srun
cores = 64
memory = 250
max_time = 24h
TEXT

# the words of the seeds, for libFuzzer
cat seeds/*/*.json seeds/study/* seeds/status/* seeds/timeline/* |
  grep -ao '"[a-zA-Z_]*"' | sort -u | sed 's/"\(.*\)"/"\\"\1\\""/' >words

# -- a minute each -------------------------------------------------------------
export ASAN_OPTIONS=detect_leaks=1:allocator_may_return_null=1:quarantine_size_mb=32
export LSAN_OPTIONS="suppressions=$TRIREME_SOURCE/tests/openmpi.lsan:print_suppressions=0"
export UBSAN_OPTIONS=print_stacktrace=1
FUZZ_DIR=$(mktemp -d /dev/shm/trireme-fuzz.XXXXXX)
trap 'rm -rf "$FUZZ_DIR"; clean_up' EXIT
export FUZZ_DIR
mkdir -p "$TRIREME_BUILD/fuzz/found"
bad=
for program in "$TRIREME_SOURCE"/build/fuzz/fuzz_*; do
  name=${program##*/fuzz_}
  [ -x "$program" ] || continue
  case " ${FUZZ_TARGETS:-$name} " in *" $name "*) ;; *) continue ;; esac
  mkdir -p "corpus/$name" "seeds/$name" "stored"
  stored=$TRIREME_SOURCE/tests/fuzz/seeds/$name
  [ -d "$stored" ] || stored=$scratch/stored
  if nice -n 19 "$program" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=2048 \
    -max_len=40000 -dict=words -close_fd_mask=1 -print_final_stats=1 \
    -artifact_prefix="$TRIREME_BUILD/fuzz/found/$name-" \
    "corpus/$name" "$stored" "seeds/$name" >said 2>&1; then
    echo "$name: $(sed -n 's/^stat::number_of_executed_units: *//p' said) inputs," \
      "$(sed -n 's/.*cov: \([0-9]*\).*/\1/p' said | tail -n 1) edges"
  else
    bad="$bad $name"
    grep -aE -A25 'ERROR|runtime error|Test unit' said | head -n 60
  fi
done
[ -z "$bad" ] || fail "$bad: the inputs are in $TRIREME_BUILD/fuzz/found"
