#!/bin/sh
# report.sh: the picture of a report that the README shows, as Chromium shows its top:
# a study of heat on the cores of this machine.
set -eu
# shellcheck source=benchmarks/lib.sh
. "$(dirname "$0")/lib.sh"
unset OMP_PROC_BIND OMPI_MCA_mpi_yield_when_idle # a study binds by itself
command -v chromium >/dev/null || {
  echo "report.sh: chromium is not there" >&2
  exit 3
}
quiet_gate
cd "$top" # the page names the program as it was started
"${trireme#"$top"/}" study heat --n 192 --steps 80 --mode strong --budget 2min \
  -o "$scratch/study"
chromium --headless --no-sandbox --disable-gpu --hide-scrollbars \
  --user-data-dir="$scratch/profile" --window-size=1280,1330 \
  --screenshot="$top/benchmarks/report.png" "file://$scratch/study/report.html" \
  2>/dev/null
echo "$top/benchmarks/report.png"
