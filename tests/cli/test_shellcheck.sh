#!/bin/sh
# TEST timeout=240 slow once
# Shell that shellcheck passes: the scripts of jobs/, tests/, benchmarks/ and .ci/, and
# what `trireme job` prints.
set -eu
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
command -v shellcheck >/dev/null || skip "shellcheck is not there"

cd "$TRIREME_SOURCE"
find jobs tests benchmarks .ci -type f \( -name '*.sh' -o -name '*.sbatch' \) >"$scratch/files"
grep -rlIE '^#!/bin/(ba|da)?sh' jobs tests benchmarks .ci >>"$scratch/files"
sort -u "$scratch/files" | xargs shellcheck -x || fail "see above"

for format in slurm pbs lsf; do
  alone job heat --time 1h --checkpoint "my sets" --format $format
  expect_exit 0
  shellcheck -S warning "$scratch/out" || fail "job --format $format: see above"
done
echo "$(sort -u "$scratch/files" | wc -l) files"
