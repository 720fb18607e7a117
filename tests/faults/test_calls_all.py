# TEST timeout=7200 cost=1800 slow once nightly uses=test_faults_power_loss
"""Each system call of a resume and a commit, with each error, on each rank."""
import shutil
import sys

sys.dont_write_bytecode = True
import launch
import sweep

if launch.SANITIZED:
    launch.skip("runs are traced in the build without sanitizers")
launch.require_strace()
good = sweep.sweep(1, (12, 11, 13), None, 0)
good = sweep.sweep(3, (75, 70, 74), None, 0) and good
shutil.rmtree(launch.scratch)
sys.exit(0 if good else 1)
