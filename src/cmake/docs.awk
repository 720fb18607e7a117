# What Doxygen needs beyond the plain comments of the headers: the first one is the file's,
# the one behind a struct's brace is the struct's, others are the member's beside it.
NR == 1 && /^\/\* / {
  sub(/^\/\* /, "/** \\file\n * ")
  print
  next
}
/^ +\/\* / { sub(/\/\* /, "/** ") }
/[,;{] *\/\* / && !/^#/ && !/\\$/ {
  at = match($0, / *\/\* /)
  head = substr($0, 1, at - 1)
  rest = substr($0, at)
  if (head !~ /\{$/) {
    sub(/\/\* /, "/**< ", rest)
    $0 = head rest
  } else if (rest ~ /\*\/$/) {
    sub(/ *\/\* /, "/** ", rest)
    print rest
    $0 = head
  }
}
{ print }
