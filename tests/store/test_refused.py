# TEST timeout=240 cost=15 once uses=test_store_verdict,test_run_skeleton
"""Files that HDF5 crashes on, and checkpoints that do not fit: named with the reason, and the
next older one is taken, by `ckpt` and by a run, whose last bits are those of an undisturbed one."""
import glob
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile

import h5py

DRIVER = os.environ["TRIREME"]
CASES = os.path.join(os.environ["TRIREME_SOURCE"], "tests", "store", "cases")
FORGE = os.path.join(os.environ["TRIREME_BUILD"], "tests", "test_store_verdict")
CRASH = os.path.join(CASES, "crash-segv.h5")
# the check of leaks takes seconds at the end of each process
os.environ["ASAN_OPTIONS"] = os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0"
failed = 0


def check(ok, what):
    global failed
    if not ok:
        failed += 1
        print("wrong:", what, file=sys.stderr)


def driver(*words, ranks=0):
    launch = ["mpirun", "-n", str(ranks)] if ranks else []
    done = subprocess.run([*launch, DRIVER, *words], capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout + done.stderr


def run(directory, steps, *words, ranks=0):
    code, text = driver("run", "heat", "--checkpoint", directory, "--steps", str(steps),
                        "--keep", "9", "--threads", "1", *words, ranks=ranks)
    found = re.search(r"fingerprint +(\w+)", text)
    return code, text, found.group(1) if found else None


def ckpt(verb, *words, code, line=""):
    got, text = driver("ckpt", verb, *words)
    check(got == code and line in text, f"ckpt {verb} {words}: {got}, want {code}, {line}: {text}")


def fresh(name):
    """A copy of the directory with checkpoints of steps 2 and 4."""
    directory = os.path.join(scratch, name)
    shutil.copytree(sets, directory)
    return directory


def newest(directory, step):
    return os.path.join(directory, f"heat-{run_id}-{step:012d}.h5")


def falls_back(directory, reason, ranks=0):
    """The newest is refused with its reason on one line, the one of step 4 is resumed."""
    code, text, fingerprint = run(directory, 8, "--resume", ranks=ranks)
    lines = [line for line in text.splitlines() if "refused: " in line and reason in line]
    check(code == 0 and len(lines) == 1 and fingerprint == undisturbed,
          f"{directory}: exit {code}, {fingerprint}, want 0, {undisturbed}, {reason}: {text}")
    check("at step 4 from" in text, f"{directory}: not from step 4: {text}")


def refused(name, make, reason, ranks=0):
    directory = fresh(name)
    make(newest(directory, 6))
    falls_back(directory, reason, ranks)


def edited(change):
    """The checkpoint of step 4 as step 6, changed by another program."""
    def make(path):
        shutil.copy(newest(sets, 4), path)
        with h5py.File(path, "r+") as f:
            change(f)
    return make


def forged(options, field="u"):
    """One that is sealed, with other options or another field."""
    def make(path):
        if os.path.exists(path):
            os.remove(path)
        subprocess.run([FORGE, newest(sets, 4), path, options, field], check=True,
                       stdout=subprocess.DEVNULL)
    return make


def newer(f):
    f.attrs["format"] = "trireme.checkpoint/99"


def spoilt(seed):
    """Not sealed, and with a few wrong bits anywhere in its first 4000 bytes."""
    def make(path):
        draw = random.Random(seed)
        with open(newest(sets, 4), "rb") as f:
            data = bytearray(f.read())
        for _ in range(draw.choice([1, 2, 8, 64])):
            data[draw.randrange(4000)] ^= 1 << draw.randrange(8)
        with open(path, "wb") as f:
            f.write(data + b"x")
    return make


def inputs():
    """The same of --input: refused in one line, or read."""
    path = os.path.join(scratch, "input.h5")
    code, text = driver("run", "heat", "--input", f"{CRASH}:/u", "--steps", "0")
    lines = [line for line in text.splitlines() if line.startswith("trireme: ")]
    check(code == 2 and len(lines) == 1 and "HDF5 crashes on it" in lines[0],
          f"--input: {code}, {text}")
    for seed in range(100, 106):
        spoilt(seed)(path)
        code, text = driver("run", "heat", "--input", f"{path}:/u", "--steps", "0", "--quiet")
        check(code in (0, 2, 3), f"--input spoilt with seed {seed}: exit {code}: {text}")


def misled():
    """A program whose main passes words of its own does nothing as a second process."""
    program = os.path.join(os.environ["TRIREME_BUILD"], "tests", "test_run_skeleton")
    done = subprocess.run([program, "ckpt", ".inspect", "header", CRASH], capture_output=True,
                          env={**os.environ, "TRIREME_INSPECTING": "1"}, timeout=60)
    check(done.returncode == 2 and not done.stdout, f"misled: {done}")


def never_crashes():
    """Whatever is wrong with a file, `ckpt verify` says damaged, or that what matters is whole."""
    path = os.path.join(scratch, "spoilt.h5")
    found = {1: 0, 3: 0}
    for seed in range(20):
        spoilt(seed)(path)
        code, text = driver("ckpt", "verify", path)
        check(code in found, f"spoilt with seed {seed}: exit {code}: {text}")
        found[code] = found.get(code, 0) + 1
    print(f"{found[3]} damaged and {found[1]} rewritten of 20 spoilt files, no crash")


with tempfile.TemporaryDirectory() as scratch:
    sets = os.path.join(scratch, "sets")
    check(run(sets, 2, "--n", "4")[0] == 0, "a first run")
    check(run(sets, 4, "--resume")[0] == 0, "a second run")
    run_id = re.search(r"heat-(\w+)-", glob.glob(sets + "/heat-*.h5")[0]).group(1)
    undisturbed = run(fresh("undisturbed"), 8, "--resume")[2]

    ckpt("verify", CRASH, code=3, line="HDF5 crashes on it (")
    ckpt("show", CRASH, code=3, line="HDF5 crashes")
    ckpt("diff", CRASH, newest(sets, 4), code=3, line="HDF5 crashes")
    ckpt("diff", newest(sets, 4), CRASH, code=3, line="HDF5 crashes")
    ckpt("ls", CRASH, code=0, line="HDF5 crashes")
    ckpt("verify", sets, code=0, line="sealed")

    refused("crash", lambda path: shutil.copy(CRASH, path), "HDF5 crashes")
    refused("crash-3", lambda path: shutil.copy(CRASH, path), "HDF5 crashes", ranks=3)
    refused("newer", edited(newer), "written by a newer version of Trireme")
    refused("unknown", forged('{"n":"4","zeal":"7"}'), "unknown option: zeal")
    refused("unreadable", forged('{"n":'), "options are not readable")
    refused("limits", forged('{"n":"-4"}'), "n")
    refused("field", forged('{"n":"4","steps":"4","seed":"1"}', "w"), "has no u")
    ckpt("verify", os.path.join(scratch, "newer"), code=3, line="newer      ")

    # a rewritten one is passed over, and taken where nothing sealed is there
    passed = fresh("passed")
    subprocess.run(["h5repack", "-f", "GZIP=1", newest(sets, 4), newest(passed, 4)], check=True)
    code, text, fingerprint = run(passed, 8, "--resume")
    check(code == 0 and fingerprint == undisturbed and f"passed over: {newest(passed, 4)}" in text,
          f"passed over: {text}")
    alone = fresh("alone")
    os.remove(newest(alone, 2))
    subprocess.run(["h5repack", "-f", "GZIP=1", newest(sets, 4), newest(alone, 4)], check=True)
    code, text, fingerprint = run(alone, 8, "--resume")
    check(code == 0 and fingerprint == undisturbed, f"only a rewritten one: {text}")

    # only when none is left it fails
    none = fresh("none")
    for step in (2, 4):
        shutil.copy(CRASH, newest(none, step))
    code, text, _ = run(none, 8, "--resume")
    check(code == 3 and text.count("refused: ") == 2, f"none is left: {code}, {text}")
    for step in (2, 4):
        forged('{"n":"-4"}')(newest(none, step))
    code, text, _ = run(none, 8, "--resume")
    check(code == 2 and text.count("refused: ") == 2, f"none fits: {code}, {text}")
    never_crashes()
    inputs()
    misled()
sys.exit(1 if failed else 0)
