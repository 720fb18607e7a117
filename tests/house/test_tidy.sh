#!/bin/sh
# TEST timeout=400 once slow cost=60
# clang-tidy with the short list of checks in .clang-tidy finds nothing.
set -eu
. "$TRIREME_SOURCE/tests/lib.sh"

tool=$(command -v clang-tidy-14 || command -v clang-tidy || true)
[ -n "$tool" ] || skip "clang-tidy is not installed"
cd "$TRIREME_SOURCE"
tidy() { # gcc's own warning options mean nothing to clang
  xargs -0 -P "$(nproc)" -n 8 "$tool" -p "$TRIREME_BUILD" --quiet \
    --extra-arg=-Wno-unknown-warning-option 2>/dev/null |
    grep -E '(warning|error): ' | sort -u || true
}

# it finds what is planted: a comparison of a value with itself
cp .clang-tidy "$scratch"
echo 'int planted(int a); int planted(int a) { return a == a; }' >"$scratch/planted.c"
printf '%s\0' "$scratch/planted.c" | tidy >"$scratch/found"
grep -q misc-redundant-expression "$scratch/found" ||
  fail "does not find what is planted: $(cat "$scratch/found")"

find src kernels -name '*.c' ! -name '_*' ! -path 'src/preload/*' -print0 |
  tidy >"$scratch/found"
[ ! -s "$scratch/found" ] || fail "$(cat "$scratch/found")"
