#!/bin/sh
# TEST timeout=300 once nightly
# The pages of the public headers are made without a warning and without the network; the
# front page lists every header.
set -eu
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
command -v doxygen >/dev/null || skip "doxygen is not installed"
cd "$TRIREME_BUILD"
if ! cmake . >"$scratch/log" 2>&1 || ! cmake --build . --target docs >"$scratch/log" 2>&1; then
  fail "$(cat "$scratch/log")"
fi
if grep -iE 'warning|error' "$scratch/log"; then fail "see above"; fi

cd docs/html
for header in "$TRIREME_SOURCE"/include/trireme/*.h; do
  page=$(basename "$header" .h | sed 's/_/__/g')_8h.html
  [ -s "$page" ] || fail "no page of $header"
  grep -q "href=\"$page\"" index.html || fail "src/cmake/docs.md does not list $header"
  # functions that say whether they are collective say it on the page too
  functions=$(grep -cE 'Collective|Local|Pure' "$header") || true
  [ "$(grep -cE 'Collective|Local|Pure' "$page")" -ge "$((functions / 2))" ] ||
    fail "$page lost its comments"
done
# nothing is loaded from elsewhere
if grep -nE '(src|<link[^>]*href)="(https?:)?//' -- *.html; then fail "see above"; fi
echo "$(find . -name '*.html' | wc -l) pages"
