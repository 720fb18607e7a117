#!/bin/sh
# allocations.sh FILE.jsonl PICTURE.svg: draws a run over several jobs, from the file
# DIR/allocations.jsonl (slots.jsonl of version 0.1.0): progress over wall time, the waits
# between jobs, and how each one ended. Needs gnuplot.
set -eu
[ $# = 2 ] || {
  echo "usage: allocations.sh DIR/allocations.jsonl PICTURE.svg" >&2
  exit 2
}
data=$(mktemp)
trap 'rm -f "$data"' EXIT

# One line per session: begin and end in seconds and steps, the step of its last checkpoint,
# and how it ended. For a killed one the next session says where it was last seen, and begins
# at the step of its checkpoint.
awk '
  function number(name, text) {
    if (!match(text, "\"" name "\":[0-9.]+")) return 0
    return substr(text, RSTART + length(name) + 3, RLENGTH - length(name) - 3) + 0
  }
  function why() {
    if (/"state":"done"/) return "done"
    if (/by SIGUSR1/) return "warned"
    if (/by SIGTERM/) return "preempted"
    if (/by the deadline/) return "deadline"
    if (/"state":"interrupted"/) return "interrupted"
    return /"state":"stopped"/ ? "stopped" : "failed"
  }
  /"event":"begin"/ {
    at = number("at", $0)
    now = number("step", $0)
    lost = match($0, /"lost":/) ? substr($0, RSTART) : $0
    if (open) print from, step, number("at", lost) - first, number("step", lost), now, "killed"
    if (!first) first = at
    from = at - first; step = now; open = 1
  }
  /"event":"end"/ {
    now = number("step", $0)
    print from, step, number("at", $0) - first, now, now, why()
    open = 0
  }
' "$1" >"$data"
[ -s "$data" ] || {
  echo "allocations.sh: $1: no session that has ended; expected the allocations.jsonl of a run" >&2
  exit 2
}

gnuplot -e "data = '$data'" - >"$2" <<'END'
stats data using 3:4 nooutput
set terminal svg size 760,380 dynamic font "sans,13" background "#ffffff"
time = STATS_max_x > 7200 ? 3600. : STATS_max_x > 240 ? 60. : 1.
set xlabel time == 3600 ? "hours" : time == 60 ? "minutes" : "seconds"
set ylabel "steps done, % of all"
set xrange [0:STATS_max_x / time * 1.02]
set yrange [0:115]
set ytics 0,20,100
set border 3 lc "#777777"
set tics nomirror out
set key outside center top horizontal samplen 2 reverse Left
end = STATS_max_y
lost(at, left, kept) = left > kept ? at / time : NaN
plot data using ($1/time):(0):($1/time):($3/time):(0):(115) with boxxyerror \
       fs solid noborder fc "#d7e7f5" title "in a job", \
     data using ($1/time):(100*$2/end):(($3-$1)/time):(100*($4-$2)/end) with vectors nohead \
       lw 3 lc "#0b5c9e" title "steps", \
     data using (lost($3,$4,$5)):(100*$4/end):(0):(100*($5-$4)/end) with vectors nohead \
       lw 2 dt 2 lc "#b0460e" title "lost", \
     data using ($3/time):(100*$5/end) with points pt 7 ps 0.8 lc "#b0460e" title "checkpoint", \
     data using (($1+$3)/2/time):(109):6 with labels font ",11" tc "#333333" notitle
END
