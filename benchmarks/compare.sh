#!/bin/sh
# compare.sh [KERNEL [PAIRS]]: our kernels against packaged programs that solve the same
# problem, launched in turns: ours, peer, peer, ours. Each peer is one file of peers/,
# whose head says what it needs, how it is launched and which problems it solves.
set -eu
# shellcheck source=benchmarks/lib.sh
. "$(dirname "$0")/lib.sh"
only=${1:-}
pairs=${2:-9}
peers=${TRIREME_PEERS_DIR:-$top/benchmarks/peers}
status=0

die() {
  echo "compare.sh: $*" >&2
  exit 2
}

# head_of FILE WORD: the lines of that word in the head of a peer, without the word.
head_of() {
  sed -n "1,40s/^[ /*#]*$2 //p" "$1"
}

# named FILE KEY: a value of its PEER line; commas stand for blanks.
named() {
  head_of "$1" PEER | sed -n "s/.*\<$2=\([^ ]*\).*/\1/p" | tr , ' '
}

kernel_of() {
  named "$1" kernel
}

# What is to be done before a peer can run; nothing: it can.
absent() {
  command=$(named "$1" command)
  packages=$(named "$1" packages)
  debian=$(named "$1" debian)
  program=$build/benchmarks/peers/$(basename "$1" .c)
  if [ -n "$command" ]; then
    command -v "$command" >/dev/null || echo "absent: apt-get install $debian"
    return
  fi
  # shellcheck disable=SC2086 # several names
  if ! pkg-config --exists $packages; then
    echo "absent: apt-get install $debian"
  elif ! [ -x "$program" ]; then
    echo "not built: cmake --preset release -DTRIREME_PEERS=ON &&" \
      "cmake --build --preset release"
  fi
}

# peer PROGRAM RANKS THREADS OPTION...: what it says goes to $scratch/said. A script
# gets the launch as its first two words, a program is launched.
peer() {
  program=$1 r=$2 h=$3
  shift 3
  case $program in
  *.sh) timeout 300 sh "$program" "$r" "$h" "$@" ;;
  *) ranks "$r" "$h" "$program" "$@" ;;
  esac >"$scratch/said" 2>"$scratch/err" &&
    awk '/^rate / && $2 > 0 { print $2 * 1e-9; any = 1 }
      END { exit !any }' "$scratch/said" >>"$scratch/theirs"
}

ours() {
  rate "$r" "$h" "$kernel" "$@" >>"$scratch/ours"
  sed -n 's/.*"roofline":{.*"fraction":\([0-9][0-9.e-]*\).*/\1/p' "$scratch/result" \
    >>"$scratch/fraction"
}

middle() {
  # shellcheck disable=SC2046 # three numbers
  set -- $(summary <"$1")
  echo "${2:-}"
}

# pair NUMBER PROGRAM OURS THEIRS OPTION...: ours first when the number is even; "2 1"
# is a launch.
pair() {
  first=$(($1 % 2)) program=$2 our=$3 their=$4
  shift 4
  r=${our%x*} h=${our#*x}
  [ $first = 0 ] && ours "$@"
  peer "$program" "${their%x*}" "${their#*x}" "$@" || return 1
  r=${our%x*} h=${our#*x}
  [ $first = 1 ] && ours "$@"
  return 0
}

# row NAME PROGRAM LAUNCH OPTION...: a line of the table. The roofline is that of the
# work of the kernel, whoever does it.
row() {
  name=$1 program=$2 launch=$3
  shift 3
  our=${launch%:*} their=${launch#*:}
  : >"$scratch/ours"
  : >"$scratch/theirs"
  : >"$scratch/fraction"
  load=$(others)
  begun=$(ticks)
  i=0
  while [ "$i" -lt "$pairs" ]; do
    pair "$i" "$program" "$our" "$their" "$@" || {
      printf '%-7s %-21s %-8s failed: %s\n' "$kernel" "$name" "$their" \
        "$(cat "$scratch/err" "$scratch/said" | grep . | tail -n 1)"
      status=1
      return
    }
    i=$((i + 1))
  done
  shown=$our
  [ "$our" = "$their" ] || shown="$our:$their"
  steal=$(shares "$begun")
  echo "$(middle "$scratch/ours") $(middle "$scratch/theirs")" \
    "$(interval "$scratch/ours" "$scratch/theirs") $(middle "$scratch/fraction")" |
    awk -v kernel="$kernel" -v name="$name" -v launch="$shown" \
      -v load="${load% *}" -v steal="${steal#* }" '{
      roof = "      -      -"
      if (NF > 5) roof = sprintf("%5.0f %% %5.0f %%", 100 * $6, 100 * $6 / $3)
      printf "%-7s %-21s %-8s %8.3f %8.3f %7.2f  %4.2f to %4.2f  %s %3.0f %% %3.0f %%\n",
        kernel, name, launch, $1, $2, $3, $4, $5, roof, load, steal }'
}

# rows FILE: all its problems, launches and builds.
rows() {
  file=$1
  name=$(basename "$file" | sed 's/^peer_//; s/\.[a-z]*$//')
  programs=$file
  case $file in
  *.c)
    program=$build/benchmarks/peers/$(basename "$file" .c)
    programs="$program ${program}_packaged"
    ;;
  esac
  head_of "$file" CASE >"$scratch/cases"
  while read -r options <&3; do
    echo "# $kernel $options"
    for program in $programs; do
      label=$name
      [ "$program" = "${program%_packaged}" ] || label=$name,packaged
      for launch in $(head_of "$file" LAUNCH); do
        # shellcheck disable=SC2086 # a list of words
        row "$label" "$program" "$launch" $options
      done
      awk -v name="$label" '
        /^error / { off = "; its answer is off by " $2 ", right within " $3 }
        sub(/^built /, name ": ") { how = $0 }
        END { print how off }' "$scratch/said" >>"$scratch/built"
    done
  done 3<"$scratch/cases"
}

[ -x "$trireme" ] || die "no $trireme: build first, see benchmarks/README.md"
case $pairs in
*[!0-9]* | '' | 0) die "'$pairs' pairs: want a whole number, 1 or more" ;;
esac
files=$(find "$peers" \( -name 'peer_*.c' -o -name '*.sh' \) | sort)
known=$(for file in $files; do kernel_of "$file"; done | sort -u | tr '\n' ' ')
case " $known" in
*" $only "*) ;;
*) [ -z "$only" ] || die "no peer of '$only': there are those of ${known% }" ;;
esac

quiet_gate
: >"$scratch/built"
between="95 % interval"
[ "$pairs" -ge 6 ] || between="range (6 pairs make an interval)"
echo "G updates/s, medians of $pairs pairs in turns; ratio: ours over the peer's, its"
echo "median and $between; share of the roofline of the same work, ours and theirs; what"
echo "others used of the cores just before (load) and the host took away meanwhile (steal)"
printf '%-7s %-21s %-8s %8s %8s %7s  %-12s  %7s %7s %5s %5s\n' kernel peer launch ours \
  peer ratio between ours peer load steal
for file in $files; do
  kernel=$(kernel_of "$file")
  [ -z "$only" ] || [ "$only" = "$kernel" ] || continue
  why=$(absent "$file")
  if [ -n "$why" ]; then
    printf '%-7s %-21s %s\n' "$kernel" \
      "$(basename "$file" | sed 's/^peer_//; s/\.[a-z]*$//')" "$why"
    continue
  fi
  rows "$file"
done
echo
"$trireme" version | awk '
  /^Trireme/ { version = $2 } $1 == "commit" { commit = $2 }
  $1 == "compiler" { compiler = $2 " " $3 }
  $1 == "flags" { $1 = ""; print "ours: Trireme " version " " commit " (" compiler $0 ")" }'
sort -u "$scratch/built"
grep -q '"fraction":[0-9]' "$scratch/result" 2>/dev/null || [ ! -f "$scratch/result" ] ||
  echo "no roofline: mpirun -n CORES $trireme machine"
exit $status
