#!/bin/sh
# TEST uses=man_pages once
# The manual pages: one for each subcommand, without a warning of groff, with every option,
# verb and topic of the help texts.
set -eu
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
cd "$TRIREME_BUILD/man"
command -v groff >/dev/null || skip "groff is not installed"

plain() { # PAGE: as text, unwrapped
  groff -man -Tascii -ww -P-c -P-b -P-o -P-u -rHY=0 -rLL=5000n "$1" 2>"$scratch/warned"
  [ ! -s "$scratch/warned" ] || fail "$1: $(cat "$scratch/warned")"
}

# words: one per line, headings as other words, without marks of options
words() {
  tr -s ' ' '\n' | grep -vx '\*\|' | tr '[:lower:]' '[:upper:]'
}

"$TRIREME" help | sed -n '/^Usage/,/^Topics/s/^  \([a-z][a-z]*\) .*/\1/p' >"$scratch/commands"
[ "$(wc -l <"$scratch/commands")" -ge 14 ] || fail "commands: $(cat "$scratch/commands")"
while read -r command; do
  plain "trireme-$command.1" >"$scratch/page"
  grep -q "^ *trireme-$command - [a-z]" "$scratch/page" || fail "$command: no NAME"
  [ "$(grep -c "trireme $command" "$scratch/page")" -ge 2 ] || fail "$command: no example"
  # each word of the help is on the page, and in this order
  "$TRIREME" help "$command" | sed "1,2d; s|$TRIREME|trireme|; s|^  $HOME/|  ~/|" |
    words >"$scratch/wanted"
  sed -e '/^SEE ALSO/,$d' -e '1,/^DESCRIPTION/d' -e 's/^EXAMPLES/For example/' "$scratch/page" |
    words >"$scratch/got"
  diff "$scratch/wanted" "$scratch/got" >"$scratch/diff" || fail "$command: $(cat "$scratch/diff")"
done <"$scratch/commands"

plain trireme.1 >"$scratch/page"
for section in COMMANDS "WHERE THE TIME OF A RUN WENT" "EXIT STATUSES" "SEE ALSO"; do
  grep -q "^$section\$" "$scratch/page" || fail "trireme.1 has no section $section"
done
if grep -n '{[a-z]*}' ./trireme.1; then fail "something is left to fill in"; fi
[ "$(find . -name '*.1' | wc -l)" = $(($(wc -l <"$scratch/commands") + 1)) ] || fail "$(ls)"
echo "$(wc -l <"$scratch/commands") pages and an overview, without a warning"
