#!/bin/sh
# TEST timeout=200 slow once
# Batch systems that are not here: what `trireme job` prints for PBS and LSF goes from
# slot to slot under a stub of qsub and of LSF's queue, and studies obey signals.
# tests/slurm has a real Slurm.
set -eu
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
cd "$scratch"
unset OMPI_MCA_odls_base_sigkill_timeout # signals as mpirun passes them on
unset SLURM_JOB_ID SLURM_ARRAY_JOB_ID PBS_JOBID LSB_JOBID TRIREME_CHAIN
export TRIREME_LAUNCHER=mpirun TRIREME_HOME="$TRIREME_SOURCE" PATH="$scratch/bin:$PATH"
export TRM_FAULT="$gently"

# printed FORMAT DIR: a run in DIR that goes on until DIR/steps says otherwise; its first
# job has 40 s, and plans with 10 of them
printed() {
  mkdir "$2"
  echo 1000000000 >"$2/steps"
  alone job heat --n 40 --quiet --ranks 2 --checkpoint sets --time 2min --format "$1" \
    --steps 1000 --result result.jsonl
  expect_exit 0
  # shellcheck disable=SC2016 # for the job
  sed 's/--steps 1000/--steps $(cat steps)/; s/^TRIREME_WALLTIME=120/TRIREME_WALLTIME=40/' \
    "$scratch/out" >"$2/job"
  grep -q 'TRIREME_WALLTIME=40' "$2/job" || fail "no walltime: $(show_run)"
}

# ends_with STATUS: the job, whose process is $job
ends_with() {
  status=0
  wait "$job" || status=$?
  said=job
  [ "$status" = "$1" ] || fail "want exit status $1, not $status: $(cat ./*/*.out)"
}

under_way() { # DIR: beyond its first step
  tries=0
  until "$TRIREME" status "$1/sets" 2>/dev/null | grep -q '^  step *[1-9]'; do
    tries=$((tries + 1))
    [ $tries -lt 100 ] || fail "$1 does not begin: $(cat "$1"/*.out)"
    sleep 0.2
  done
}

last_step() { # DIR: of its checkpoints
  "$TRIREME" ckpt ls "$1/sets" | sed -n 's/^[^ ]*\.h5 *\([0-9]*\) .*/\1/p' | head -n 1
}

undisturbed() { # DIR: its result has the bits of a run on one rank
  rm -f calm.jsonl
  TRM_FAULT="" mpi 1 run heat --n 40 --quiet --threads 1 --steps "$(cat "$1/steps")" --result calm.jsonl
  expect_exit 0
  [ "$(key "$1/result.jsonl" fingerprint)" = "$(key calm.jsonl fingerprint)" ] ||
    fail "$1: another fingerprint"
}

# -- PBS: qsub copies the script; a job is in the queue under its number -----------

mkdir bin
cat >bin/qsub <<'END'
#!/bin/sh
while getopts W:v: option; do
  case $option in v) variables=$OPTARG ;; W) echo "$OPTARG" >depends ;; esac
done
shift $((OPTIND - 1))
[ ! -e shut ] || exit 1
n=$(($(ls *.sh 2>/dev/null | wc -l) + 1))
cp "$1" $n.sh
echo "${variables:-NONE=}" >$n.env
echo $n.server
END
chmod +x bin/qsub

pbs_starts() { # DIR NUMBER
  (
    cd "$1"
    # shellcheck disable=SC2046 # a list of words
    exec env $(cat "$2.env") PBS_JOBID="$2.server" PBS_O_WORKDIR="$PWD" \
      bash "$2.sh" >"$2.out" 2>&1 </dev/null
  ) &
  job=$!
}

printed pbs pbs
(cd pbs && qsub job >number)
pbs_starts pbs 1
ends_with 75
grep -q "its successor is 2.server" pbs/1.out || fail "no successor: $(cat pbs/1.out)"
grep -q "by the deadline" pbs/1.out || fail "no deadline: $(cat pbs/1.out)"
[ "$(cat pbs/depends)" = depend=afterany:1.server ] || fail "depends on $(cat pbs/depends)"
[ "$(cat pbs/2.env)" = TRIREME_CHAIN=1.server ] || fail "chain: $(cat pbs/2.env)"
echo $(($(last_step pbs) + 50)) >pbs/steps
pbs_starts pbs 2
ends_with 0
[ ! -e pbs/3.sh ] || fail "a successor of what is done"
undisturbed pbs
echo "PBS: done in two jobs"

# qdel: it saves, and the chain ends
printed pbs gone
(cd gone && qsub job >number)
sed -i 's/WALLTIME=40/WALLTIME=600/' gone/1.sh
pbs_starts gone 1
under_way gone
kill -TERM "$job"
ends_with 75
grep -q "not submitted again" gone/1.out || fail "qdel: $(cat gone/1.out)"
[ ! -e gone/2.sh ] || fail "a successor of what was deleted"
[ "$(last_step gone)" -gt 0 ] || fail "qdel: no checkpoint"

# a qsub that fails is tried again, then said
cat >bin/sleep <<'END'
#!/bin/sh
echo "$1" >>slept
END
chmod +x bin/sleep
touch gone/shut
(cd gone && sed -i 's/WALLTIME=600/WALLTIME=40/' 1.sh)
pbs_starts gone 1
ends_with 3
grep -q "could not be submitted again" gone/1.out || fail "qsub: $(cat gone/1.out)"
[ "$(wc -l <gone/slept)" -ge 5 ] || fail "qsub: not tried again"
rm bin/sleep
echo "PBS: deleted; without qsub"

# -- LSF: the same job again, where it ends with what -Q says -----------------------

lsf_starts() { # DIR
  (cd "$1" && exec env LSB_JOBID=7 bash job >>job.out 2>&1 </dev/null) &
  job=$!
}

printed lsf lsf
grep -q '^#BSUB -r -Q "75"' lsf/job || fail "LSF: not in line again: $(cat lsf/job)"
sed -i 's/WALLTIME=40/WALLTIME=600/' lsf/job
lsf_starts lsf
under_way lsf
kill -USR2 "$job" # the time is over
ends_with 75
echo $(($(last_step lsf) + 50)) >lsf/steps
lsf_starts lsf
ends_with 0
undisturbed lsf
grep -q '"chain":"7"' lsf/sets/allocations.jsonl || fail "LSF: another chain"
echo "LSF: done in two slots"

# -- studies ----------------------------------------------------------------------

# a warning stops one, which goes on
mkdir study
sed 's/--ranks 1,2,4/--ranks 1/; s/--steps 100$/--steps 1000000000/; s/--n 256/--n 24/' \
  "$TRIREME_SOURCE/jobs/strong-scaling.sbatch" >study/job
(cd study && exec bash job >job.out 2>&1 </dev/null) &
job=$!
wait_for study/strong/launch.log
kill -USR1 "$job"
ends_with 75
grep -q "submit it again to resume" study/job.out || fail "study: $(cat study/job.out)"

# a job for each launch, from a folder with a blank in its name
cat >bin/sbatch <<'END'
#!/bin/sh
while :; do
  case $1 in
    --ntasks=*) SLURM_NTASKS=${1#*=} ;;
    --output=*) out=${1#*=} ;;
    --*) ;;
    *) break ;;
  esac
  shift
done
export SLURM_NTASKS
bash "$@" >"$(echo "$out" | sed "s/%j/$$/")" 2>&1
END
printf '#!/bin/sh\necho "$@" >scancelled\n' >bin/scancel
chmod +x bin/sbatch bin/scancel
mkdir "two words"
sed 's/--budget 40min/--repeat 1 --settle none --quiet/; s/--ranks 1,2,4/--ranks 1,2/
  s/--steps 100$/--steps 5/; s/--n 256/--n 24/; s/^study strong/study "my strong"/' \
  "$TRIREME_SOURCE/jobs/strong-scaling.sbatch" >"two words/job"
(cd "two words" && bash "$PWD/job" points >job.out 2>&1) || fail "$(cat "two words/job.out")"
[ "$(grep -c '"status":0' "two words/my strong/launches.jsonl")" = 2 ] ||
  fail "points: $(cat "two words"/*.out "two words/my strong.jobs"/*)"
grep -q -- "-n point-" "two words/scancelled" || fail "points: those that wait stay"
echo "studies: stopped by a warning; a job for each launch"
