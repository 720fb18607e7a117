# TEST timeout=300 cost=15 slow once uses=test_faults_power_loss
"""Some of the cases of test_calls_all.py, chosen by a seed: another one each day."""
import shutil
import sys
import time

sys.dont_write_bytecode = True
import launch
import sweep

if launch.SANITIZED:
    launch.skip("runs are traced in the build without sanitizers")
launch.require_strace()
seed = int(sys.argv[1]) if len(sys.argv) > 1 else time.localtime().tm_yday
print(f"seed {seed}")
good = sweep.sweep(1, (12, 11, 13), 40, seed)
good = sweep.sweep(3, (75, 70, 74), 6, seed) and good
shutil.rmtree(launch.scratch)
sys.exit(0 if good else 1)
