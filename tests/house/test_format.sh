#!/bin/sh
# TEST timeout=120 once
# Every C file is formatted as .clang-format says, by the version that wrote it.
set -eu
. "$TRIREME_SOURCE/tests/lib.sh"

tool=$(command -v clang-format-14 || command -v clang-format || true)
case $([ -z "$tool" ] || "$tool" --version) in
  *"version 14."*) ;;
  *) skip "clang-format 14 is not installed" ;;
esac
cd "$TRIREME_SOURCE"
find src include kernels tests benchmarks -name '*.[ch]' -print0 |
  xargs -0 "$tool" --dry-run -Werror 2>"$scratch/said" ||
  fail "clang-format -i: $(sed -n 's/:.*//p' "$scratch/said" | sort -u)"
