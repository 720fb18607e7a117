#!/bin/sh
# man.sh PROGRAM VERSION DIR: manual pages from the help texts of a program: one with the
# overview and all topics, and one for each subcommand: DIR/trireme.1, DIR/trireme-run.1 ...
set -eu
PATH=$(cd "$(dirname "$1")" && pwd):$PATH
program=$(basename "$1") version=$2 dir=$3
# pages do not depend on who builds: the home directory stands as ~
export PATH HOME='~'
unset TRIREME_MACHINES XDG_CACHE_HOME XDG_DATA_HOME XDG_CONFIG_HOME
mkdir -p "$dir"
"$program" help --all | tr -d '\r' >"$dir/all"

awk -v dir="$dir" -v version="$version" -v program="$program" '
  function safe(s) {
    gsub(/\\/, "\\e", s); gsub(/-/, "\\-", s); gsub(/`/, "\\(ga", s)
    gsub(/\047/, "\\(aq", s); gsub(/\^/, "\\(ha", s); gsub(/"/, "\\(dq", s); gsub(/~/, "\\(ti", s)
    return s ~ /^\./ ? "\\&" s : s
  }
  function put(s) { print s >file }
  function depth(s) { match(s, /^ */); return RLENGTH }
  function stripped(s) { sub(/^ +/, "", s); return s }
  function enter(new) {
    if (mode == "example" && new != mode) put(".fi\n.RE")
    mode = new
  }
  function heading(s) {
    enter("")
    put((file == main ? ".SS" : ".SH") " \"" \
      (s == "For example" ? "EXAMPLES" : s ~ /^[a-z]/ ? safe(s) : toupper(safe(s))) "\"")
  }

  # "  term  text", "  --option VALUE * text" (* marks what may change)
  function item(s, at, mark, term) {
    enter("item"); deep = depth(s); s = stripped(s)
    at = match(s, / \* |   *[^ ]/)
    term = safe(substr(s, 1, at - 1))
    s = stripped(substr(s, at)); mark = sub(/^\* /, "", s)
    put(".TP\n.BR \"" term "\"" (mark ? " \" *\"" : "") "\n" safe(s))
  }
  function paragraph(s, kind) {
    if (mode != kind || blank) { enter(kind); put(".PP") }
    put(safe(stripped(s)))
  }
  function example(s) {
    if (mode != "example") { enter("example"); put(".PP\n.RS\n.nf") }
    else if (blank) put("")
    sub(/^  ( ?  )?/, "", s)
    put(safe(s))
  }

  # At the left margin: paragraphs, and headings, each before an indented line. Indented:
  # items, which go on in lines that are indented further, sentences, examples.
  function line(s, next_line) {
    if (s == "") { blank = 1; return }
    if (depth(s) == 0) {
      if (next_line ~ /^ / && s !~ /[.:,]$/ && blank) heading(s)
      else paragraph(s, "text")
    } else if (mode == "item" && !blank && depth(s) > deep + 3) put(safe(stripped(s)))
    else if (s ~ /^  [^ ](.*[^ ])?   *[^ ]/ || s ~ /^  --.* \* /) item(s)
    else if (s ~ /^  [A-Z][a-z]+ / || (mode == "prose" && !blank)) paragraph(s, "prose")
    else example(s)
    blank = 0
  }
  function lines(first, last, i) {
    blank = 1
    for (i = first; i <= last; i++) line(text[i], i < last ? text[i + 1] : "")
    enter("")
  }
  function head(name, summary) {
    put(".\\\" Written by man.sh from the help texts.\n.TH \"" toupper(safe(name)) \
      "\" 1 \"\" \"Trireme " version "\" \"Trireme\"\n.SH NAME\n" safe(name) " \\- " safe(summary) \
      "\n.SH SYNOPSIS")
  }

  function overview(n, i) {
    file = main
    head(program, "parallel computation toolkit")
    put(".B " program "\n.I command\n.RI [ arguments ]\n.SH DESCRIPTION")
    for (i = 1; i <= n && text[i] !~ /^Usage/; i++);
    lines(1, i - 1)
    put(".SH COMMANDS")
    first = i + 1
    for (; i <= n && text[i] !~ /^Topics/; i++);
    lines(first, i - 1)
  }
  function subcommand(n, name, rest) {
    name = text[1]; sub("^" program " ", "", name); rest = name
    sub(/[ :].*/, "", name)
    file = dir "/" program "-" name ".1"
    names = names sprintf("%s.BR %s (1)", names ? ",\n" : "", safe(program "-" name))
    head(program "-" name, substr(rest, index(rest, ": ") + 2))
    put(".B " safe(program " " substr(rest, 1, index(rest, ": ") - 1)) "\n.SH DESCRIPTION")
    lines(3, n)
    put(".SH \"SEE ALSO\"\n.BR " program " (1)")
    close(file)
  }
  function topic(n, title) {
    file = main
    title = text[1]; sub(/^[a-z]*: /, "", title)
    put(".SH \"" toupper(safe(title)) "\"")
    lines(3, n)
  }

  BEGIN { RS = "\f"; main = dir "/" program ".1" }
  {
    sub(/^\n/, "")
    n = split($0, text, "\n")
    if (NR == 1) overview(n)
    else if (index(text[1], program " ") == 1) subcommand(n)
    else topic(n)
  }
  END { file = main; put(".SH \"SEE ALSO\"\n" names) }' "$dir/all"
rm "$dir/all"
