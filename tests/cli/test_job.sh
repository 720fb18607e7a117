#!/bin/sh
# TEST timeout=120 once slow
# Batch scripts that `trireme job` prints: hosts, memory and time follow from the work
# model and the machine file. tests/slurm submits them.
set -eu
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
cd "$scratch"
export TRIREME_MACHINES="$scratch/none"
write_machine machine.json
echo "machine = $scratch/machine.json
memory = 16" >site

# printed WORDS...: a script, which the shell can read
printed() {
  alone job "$@"
  expect_exit 0
  bash -n "$scratch/out" || fail "not a script: $(show_run)"
}

# value NAME: of a directive
value() {
  sed -n "s/^#SBATCH --$1=//p" "$scratch/out"
}

# hosts are filled evenly: 2 cores each
printed heat --ranks 5 --site site
[ "$(value nodes) $(value ntasks-per-node) $(value ntasks)" = "3 2 5" ] || fail "$(show_run)"
printed heat --ranks 5 --threads 2 --site site
[ "$(value nodes) $(value cpus-per-task)" = "5 2" ] || fail "$(show_run)"
echo "memory = 0.5" >small # GiB: for one rank, not for two
printed heat --ranks 5 --site small --time 1h
[ -z "$(value nodes)" ] || fail "cores that nobody stated: $(show_run)"
echo "cores = 8" >>small
printed heat --ranks 5 --site small --time 1h
[ "$(value nodes)" = 5 ] || fail "too much memory on a host: $(show_run)"
[ "$(value time)" = 1:00:00 ] || fail "--time is not kept: $(show_run)"
expect_out "hosts have 8 cores and 512 MiB for jobs (small)"
echo "cores = 8" >bare
printed heat --ranks 5 --site bare --time 1h
expect_out "hosts have 8 cores (bare)"

# not every rank is asked for its work: a million of them take no longer than one
printed heat --n 4000 --ranks 1000000 --site site --steps 100000
[ "$(value nodes) $(value ntasks)" = "500000 1000000" ] || fail "$(show_run)"
printed triad --n 1000000000000 --ranks 1000000 --site site --steps 1000
printed nbody --n 100000000 --ranks 999983 --site site --time 1h

# what no host can have is not printed
alone job heat --threads 3 --site site
refused 2 "--threads=3: hosts have 2 cores ($scratch/machine.json)"
alone job heat --n 600 --ranks 1 --site small --time 1h
refused 2 "a host has 512 MiB for jobs; use more --ranks"
printed heat --n 600 --ranks 64 --site small --time 1h

# memory: what the run predicts of itself, a fifth more, and the program
mpi 1 run heat --n 100 --steps 2 --quiet --threads 1 --result r.jsonl
expect_exit 0
predicted=$(key r.jsonl memory.predicted_bytes)
for threads in 1 2; do
  printed heat --n 100 --site site --threads $threads
  want=$(/usr/bin/python3 -c "import math
print(math.ceil((1.2 * $predicted / 2**20 + 256) / $threads))")
  [ "$(value mem-per-cpu)" = "${want}M" ] || fail "want ${want}M: $(show_run)"
done
[ "$(key r.jsonl memory.peak_bytes)" -le $((want * 2 << 20)) ] || fail "more than that was used"

# time: 16 bytes a cell and step at the bandwidth of copying, 32 or 52 GB/s; 3 x that
# and a minute, in minutes
printed heat --n 400 --steps 20000 --ranks 2 --site site
/usr/bin/python3 - "$(value time)" <<'END' || fail "$(show_run)"
import sys
h, m, s = map(int, sys.argv[1].split(":"))
least, most = (3 * 16 * 400**3 * 20000 / rate / 60 + 1 for rate in (52e9, 32e9))
assert least <= 60 * h + m < most + 1, (least, h, m, most)
END
expect_out "memory bandwidth"
TRIREME_MACHINES=$scratch printed heat --n 400 --steps 20000 --time 5min
expect_out "as requested"
printed heat --n 400 --steps 20000 --ranks 2 --site site --time 5min
expect_out "# warning  less time than estimated"
printed heat --n 400 --steps 20000 --ranks 2 --site site --time 1min --checkpoint sets
expect_out "# jobs     about"
[ "$(value time) $(value signal)" = "0:02:00 B:USR1@30" ] || fail "$(show_run)"

# more than a job may have: slots, where there are checkpoints
echo "max_time = 10min" >>site
alone job heat --n 400 --steps 20000 --ranks 2 --site site
refused 2 "give --checkpoint DIR"
printed heat --n 400 --steps 20000 --ranks 2 --site site --checkpoint sets --resume --every 5
[ "$(value time)" = 0:10:00 ] || fail "$(show_run)"
expect_out "# jobs     about"
printed heat --ranks 2 --site site --checkpoint sets --time 2h
[ "$(value time)" = 0:10:00 ] || fail "$(show_run)"
expect_out "the limit of the site (requested: 2 h"
sed 's/10min/90s/' site >brief
printed heat --ranks 2 --site brief --checkpoint sets --time 2h
[ "$(value time)" = 0:01:00 ] || fail "more than the site allows: $(show_run)"
printed heat --n 400 --steps 20000 --ranks 2 --site site --checkpoint sets --resume --every 5
expect_out "run_until_done sets heat --n 400 --steps 20000 --every 5"
expect_out "#SBATCH --requeue"

# the rest of a site file, and the other batch systems
echo "partition = fast
account = physics
modules = one two
launcher = mpirun
directive = --qos=long" >>site
printed heat --ranks 3 --site site --result "it's one.jsonl"
for line in --partition=fast --account=physics --qos=long; do expect_out "#SBATCH $line"; done
expect_out "modules='one two'"
expect_out "#SBATCH --hint=nomultithread"
expect_out "TRIREME_LAUNCHER=mpirun"
expect_out "run_once heat --result 'it'\\''s one.jsonl'"
printed heat --ranks 2 --site site -- --n 24
expect_out "run_once heat --n 24"
touch safe
printed heat --ranks 3 --site site --result "a
rm safe; 'b\\c'"
expect_out "run_once heat --result \$'a\\012rm safe; \\'b\\\\c\\''"
bash "$scratch/out" </dev/null >/dev/null 2>&1 || true
[ -e safe ] || fail "an argument became a command: $(show_run)"
[ "$("$TRIREME" list | wc -l)" -ge 3 ] || fail "no list of kernels"
for kernel in $("$TRIREME" list | awk '{ print $1 }'); do
  ! "$TRIREME" help "$kernel" | grep -E '^ *--(ranks|time|site|format)( |$)' ||
    fail "$kernel has an option that job takes for its own"
done
grep -vxFf "$scratch/out" "$TRIREME_SOURCE/jobs/lib.sh" && fail "lines of jobs/lib.sh are missing"
printed heat --ranks 3 --site site --format pbs --time 9min --checkpoint sets
expect_out "#PBS -l select=2:ncpus=2:mpiprocs=2:ompthreads=1:mem="
expect_out "#PBS -l walltime=0:09:00"
expect_out "#PBS -r n"
expect_out "TRIREME_WALLTIME=540"
printed heat --ranks 3 --site site --format lsf --time 9min --checkpoint sets
expect_out '#BSUB -R "span[ptile=2]"'
expect_out "#BSUB -W 0:09"
expect_out '#BSUB -r -Q "75"'
expect_out "#BSUB -wa USR1 -wt 2"

# what is wrong
alone job
refused 2 "no kernel given"
alone job heat --ranks 0
refused 2 "--ranks=0"
alone job heat --ranks 2 # an hour, and a comment that says why
expect_exit 0
expect_out "#SBATCH --time=1:00:00"
expect_out "a default, not an estimate: no machine file in $scratch/none"
alone job heat --time soon
refused 2 "--time=soon: not a time"
alone job heat --nu 7 --time 1h
refused 2 "--nu=7"
alone job heat --time 1h --site missing
refused 2 "--site=missing"
echo "partitions = x" >wrong
alone job heat --time 1h --site wrong
refused 2 "did you mean partition"
echo "launcher = mpirum" >wrong
alone job heat --time 1h --site wrong
refused 2 "launcher"
echo "max_time = 30s" >wrong
alone job heat --time 1h --site wrong
refused 2 "max_time=30s"
alone job heat --time 1h --checkpoint sets --deadline 5h
refused 2 "--deadline=5h"
printed heat --time 1h --checkpoint sets --deadline auto
alone job heat --time 1h --format slurn
refused 2 "--format=slurn"
mpi 2 job heat --time 1h
expect_exit 2
