#!/bin/sh
# likwid_triad.sh RANKS THREADS OPTION...: the triad of likwid-bench, hand-written
# assembly that pins its threads, on arrays of the same size. It has no ranks: so many
# threads as there are cores in the launch, and does not check its answer.
# PEER command=likwid-bench debian=likwid kernel=triad
# LAUNCH 1x1 1x2 2x1:1x2
# CASE --n 50000000 --steps 40 --variant plain
# CASE --n 50000000 --steps 40 --variant stream
set -eu
cores=$(($1 * $2))
shift 2
n=20000000
stores=stream
while [ $# -gt 1 ]; do
  case $1 in
  --n) n=$2 ;;
  --variant) [ "$2" = stream ] && stores=stream_mem ;;
  esac
  shift 2
done
wide=sse
grep -q ' avx ' /proc/cpuinfo && wide=avx
grep -q avx512f /proc/cpuinfo && wide=avx512
likwid-bench -t ${stores}_$wide -W "N:$((n * 24 / 1000000))MB:$cores" 2>/dev/null |
  awk '/^MByte\/s/ { printf "rate %.6e\n", $2 * 1e6 / 24 }'
echo "built likwid $(dpkg-query -W -f '${Version}' likwid 2>/dev/null || echo of unknown version)," \
  "its kernel ${stores}_$wide in assembly"
