"""What the tests with strace share: launches, recordings, and a process that resumes
from many directories."""
import json
import os
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile

BUILD = os.environ["TRIREME_BUILD"]
DRIVER = os.environ["TRIREME"]
EVERYTHING = bool(os.environ.get("TRIREME_TEST_ALL"))
SANITIZED = bool(os.environ.get("TRIREME_SANITIZE"))
SKIPPED = 77
PATIENCE = 60  # seconds per launch

# Without mpirun no daemon is started; one thread; strace cannot watch the leak check.
os.environ.update(OMPI_MCA_ess_singleton_isolated="1", OMP_NUM_THREADS="1")
os.environ["ASAN_OPTIONS"] = os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0"

scratch = tempfile.mkdtemp(prefix="trireme.", dir=os.environ.get("TMPDIR", "/tmp"))
scratch = os.path.realpath(scratch)


def skip(why):
    print(f"skipped: {why}")
    shutil.rmtree(scratch, ignore_errors=True)
    sys.exit(SKIPPED)


def require_strace():
    """Skip where processes may not be traced."""
    try:
        tried = subprocess.run(["strace", "-o", "/dev/null", "true"], capture_output=True)
    except FileNotFoundError:
        skip("strace is not installed")
    if tried.returncode:
        skip("processes may not be traced here: " + tried.stderr.decode().strip())


def mpi_folder(name):
    """Environment with a folder for Open MPI's own files: processes without mpirun that
    run at the same time would take each other's away."""
    folder = os.path.join(scratch, name)
    os.makedirs(folder, exist_ok=True)
    return {"OMPI_MCA_orte_tmpdir_base": folder}


class Outcome:
    """How a launch ended: status is its exit status, -N for signal N, or "hangs"."""

    def __init__(self, status, err):
        self.status = status
        self.err = err
        self.ours = [line for line in err.splitlines() if line.startswith("trireme:")]

    def crashed(self):
        return (self.status in (134, 139, -6, -11) or
                "Signal: " in self.err or "Segmentation fault" in self.err)


def launch(words, environment=None):
    """Run a program, in a session of its own, which is ended if it hangs."""
    errors = os.path.join(scratch, "stderr")
    with open(errors, "wb") as err:
        process = subprocess.Popen(words, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=err,
                                   env={**os.environ, **mpi_folder("mpi"),
                                        **(environment or {})},
                                   start_new_session=True)
        try:
            status = process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            status = "hangs"
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    with open(errors, encoding="utf-8", errors="replace") as err:
        return Outcome(status, err.read())


def command(ranks, options, traced=None, before=()):
    """A run of heat; rank `traced` (None: all) has the words `before`, in which %r is
    the rank."""
    run = [DRIVER, "run", "heat", "--quiet", *options]
    if ranks == 1:
        return [*(word.replace("%r", "0") for word in before), *run]
    which = "true" if traced is None else f"[ $OMPI_COMM_WORLD_RANK = {traced} ]"
    words = [re.sub("%r", "'$OMPI_COMM_WORLD_RANK'", f"'{word}'") for word in before]
    script = f"if {which}; then exec {' '.join(words)} \"$@\"; else exec \"$@\"; fi"
    return ["mpirun", "-n", str(ranks), "sh", "-c", script, "sh", *run]


def result(path):
    """The last result of a file of results; None: there is none."""
    try:
        with open(path, encoding="utf-8") as file:
            return json.loads(file.readlines()[-1])
    except (FileNotFoundError, IndexError):
        return None


class Resumer:
    """Resumes from one directory after the other, in one process."""

    def __init__(self, program=f"{BUILD}/tests/test_faults_power_loss"):
        self.program = program
        self.process = None
        self.result = os.path.join(scratch, "resumed.jsonl")
        self.errors = os.path.join(scratch, "resumed.err")

    def start(self):
        self.process = subprocess.Popen([self.program, "resume-many"],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        env={**os.environ, **mpi_folder("mpi-resumer")})

    def answer(self):
        ready, _, _ = select.select([self.process.stdout], [], [], PATIENCE)
        line = self.process.stdout.readline() if ready else b""
        if line:
            return int(line)
        if not ready:
            self.process.kill()
        status = self.process.wait()
        self.process = None
        return status if ready else "hangs"

    def resume(self, options):
        """The outcome, and the result that it wrote."""
        if not self.process:
            self.start()
        if os.path.exists(self.result):
            os.unlink(self.result)
        words = [self.errors, "heat", "--quiet", "--resume", "--result", self.result, *options]
        self.process.stdin.write((" ".join(words) + "\n").encode())
        self.process.stdin.flush()
        status = self.answer()
        with open(self.errors, encoding="utf-8", errors="replace") as err:
            return Outcome(status, err.read()), result(self.result)

    def close(self):
        if self.process:
            self.process.stdin.close()
            self.process.wait()


# -- what strace wrote ---------------------------------------------------------

CALL = re.compile(r"(?:(?P<at>[\d.]+) )?(?P<name>\w+)\((?P<args>.*)\) += "
                  r"(?P<value>-?\d+|\?)(?P<rest>.*)$")


class Call:
    def __init__(self, found, thread):
        self.name = found["name"]
        self.args = found["args"]
        self.value = -1 if found["value"] == "?" else int(found["value"])
        self.thread = thread
        self.begin = float(found["at"] or 0)
        took = re.search(r"<([\d.]+)>$", found["rest"])
        self.end = self.begin + (float(took[1]) if took else 0)


def calls_of(prefix):
    """All calls of a recording by `strace -ff -o PREFIX`: a file per thread."""
    calls = []
    folder, base = os.path.split(prefix)
    for name in sorted(os.listdir(folder)):
        if not name.startswith(base + "."):
            continue
        with open(os.path.join(folder, name), encoding="utf-8", errors="replace") as file:
            for line in file:
                found = CALL.match(line)
                if found:
                    calls.append(Call(found, name))
    return calls
