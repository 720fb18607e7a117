#!/bin/sh
# checkpoint.sh [DIR] [ROUNDS]: a checkpoint of 1 GiB against plain POSIX write +
# fsync of the same bytes by 2 processes, and a resume against plain reading. DIR is
# on the disk to measure (default: the build folder's).
set -eu
# shellcheck source=benchmarks/lib.sh
. "$(dirname "$0")/lib.sh"
dir=$(mktemp -d "${1:-$build}/bench.XXXXXX")
trap 'rm -rf "$scratch" "$dir"' EXIT
quiet_gate
ranks 2 1 "$build/benchmarks/bench_checkpoint" "$dir" 1024 "${2:-9}"
