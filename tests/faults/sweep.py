"""Every system call of a resume and a commit fails once.

A run resumes from step 2 of a directory with the checkpoints of steps 1 and 2, and
writes the one of step 4. A recording of it lists its calls on the directory, the .part
file, status, journal and lock. Then each of them, on each rank, fails with each error,
or the rank is killed there. Each time:

- the run ends by itself, with a documented exit status, and without a crash; one that
  fails says why; one that says 0 wrote its checkpoint and has the right bits;
- the checkpoint of step 2 has the same bytes;
- another resume, which nothing disturbs, starts at step 2 or 4 and ends with the bits
  of a run that was never disturbed."""
import filecmp
import os
import random
import re
import shutil

import launch

ERRORS = ["EIO", "ENOSPC", "EDQUOT", "EINTR", "SIGKILL"]
OLD, NEW, LAST = 2, 4, 6  # steps
MISSED = 0.05  # part of the cases that may not be reached: status is written by time, too
# Each of them went wrong once, and is always tried.
ALWAYS = {("getdents64", 1, "EIO"),  # "no checkpoint there", step 0, other options
          ("pwrite64", 3, "EDQUOT"), ("close", 4, "EIO"),  # crashes in MPI_Finalize
          ("access", 1, "EIO")}      # "resume with the options of the checkpoint"
# A write that says it wrote one byte, and wrote none.
SHORT, WRITES = "short", {"write", "writev", "pwrite64", "pwritev", "pwritev2"}
# Through TRM_FAULT: half of each transfer; and the probe of the directory, whose name
# differs each time, so that strace cannot be told of it.
RULES = [f"{op}:{n}:short" for op in ("write", "read", "verify") for n in ("1", "2", "1+")]
PROBES = [f"token:1:{error}" for error in ERRORS[:4]] + ["token:1:kill"]


class Case:
    """One call that fails: the n-th `name` of a thread of a rank."""

    def __init__(self, rank, name, n, error):
        self.rank, self.name, self.n, self.error = rank, name, n, error

    def __str__(self):
        return f"rank {self.rank}, {self.name} {self.n}, {self.error}"

    def traced(self, paths):
        words = ["strace", "-f", "-o", os.path.join(launch.scratch, "trace")]
        if self.error == "SIGKILL":
            error = "signal=SIGKILL"
        else:  # faster, but with it no signal arrives
            error = "retval=1" if self.error == SHORT else f"error={self.error}"
            words.append("--seccomp-bpf")
        words += ["-e", f"trace={self.name}", "-e", f"inject={self.name}:{error}:when={self.n}"]
        for path in paths:
            words += ["-P", path]
        return words

    def environment(self):
        return {}

    def reached(self, outcome):
        if self.error == "SIGKILL":
            return outcome.status in (137, -9)
        with open(os.path.join(launch.scratch, "trace"), encoding="utf-8",
                  errors="replace") as file:
            return "(INJECTED)" in file.read()


class Rule(Case):
    """The same through TRM_FAULT."""

    def __init__(self, rank, rule):
        op, n, error = rule.split(":")
        Case.__init__(self, rank, op, n, error)
        self.rule = f"{rule}:{rank}"

    def traced(self, paths):
        return []

    def environment(self):
        return {"TRM_FAULT": self.rule}

    def reached(self, outcome):
        return self.error != "kill" or outcome.status in (137, -9)


class Sweep:
    def __init__(self, ranks, shape):
        self.ranks = ranks
        self.options = [word for name, n in zip(("--nx", "--ny", "--nz"), shape)
                        for word in (name, str(n))]
        # in a folder that nothing else uses: its parent is watched too
        self.dir = os.path.join(launch.scratch, f"ranks{ranks}", "sets")
        self.base = os.path.join(launch.scratch, f"base{ranks}")
        self.result = os.path.join(launch.scratch, "result.jsonl")
        self.resumer = launch.Resumer()
        self.table = {}  # (name, error): [tried, survived]
        self.failures = []
        self.missed = 0

    # -- runs ------------------------------------------------------------------

    def words(self, steps):
        """Options come from the checkpoint: a run that found none would use others."""
        return ["--checkpoint", self.dir, "--keep", "2", "--every", "1000000",
                "--steps", str(steps)]

    def fresh(self):
        shutil.rmtree(self.dir, ignore_errors=True)
        shutil.copytree(self.base, self.dir)

    def run(self, case, paths=()):
        if os.path.exists(self.result):
            os.unlink(self.result)
        words = self.words(NEW) + ["--resume", "--result", self.result]
        return launch.launch(launch.command(self.ranks, words, case.rank, case.traced(paths)),
                             case.environment())

    def begin(self):
        """The directory that each case starts from, and the right bits."""
        self.want = {}
        outcome = launch.launch(launch.command(
            self.ranks, ["--checkpoint", self.base, "--keep", "2", "--every", "1",
                         "--steps", str(OLD), *self.options]))
        assert outcome.status == 0, outcome.err
        for step in (NEW, LAST):
            outcome = launch.launch(launch.command(1, [
                "--result", self.result, "--steps", str(step), *self.options]))
            assert outcome.status == 0, outcome.err
            self.want[step] = launch.result(self.result)["fingerprint"]
        self.old = self.named(OLD, self.base)

    def named(self, step, folder):
        names = [name for name in os.listdir(folder) if name.endswith(f"{step:012d}.h5")]
        return os.path.join(folder, names[0]) if names else None

    # -- the list of calls -----------------------------------------------------

    def record(self):
        """All cases, and the paths that strace watches: from a run without errors."""
        self.fresh()
        prefix = os.path.join(launch.scratch, f"record{self.ranks}")
        words = self.words(NEW) + ["--resume"]
        outcome = launch.launch(launch.command(self.ranks, words, None, [
            "strace", "-f", "-ff", "-y", "-o", f"{prefix}.%r",
            "-e", "trace=%file,%desc"]))
        assert outcome.status == 0, outcome.err
        here = re.compile(re.escape(self.dir) + r'(?![^"/>,])[^">, ]*')
        paths, cases = {self.dir}, []
        for rank in range(self.ranks):
            count = {}
            for call in launch.calls_of(f"{prefix}.{rank}"):
                touched = {path.removesuffix("(deleted)") for path in here.findall(call.args)}
                touched = {path for path in touched if "/.trireme-" not in path or
                           path.endswith("/.trireme-lock")}
                if call.name == "execve" or not touched:
                    continue
                paths |= touched
                key = (call.thread, call.name)
                count[key] = count.get(key, 0) + 1
            most = {}
            for (_, name), n in count.items():
                most[name] = max(n, most.get(name, 0))
            cases += [Case(rank, name, n, error) for name in sorted(most)
                      for n in range(1, most[name] + 1)
                      for error in ERRORS + ([SHORT] if name in WRITES else [])]
        rules = [Rule(rank, rule) for rank in range(self.ranks) for rule in RULES]
        probes = [Rule(0, rule) for rule in PROBES]
        return sorted(paths), cases + rules + probes

    # -- one case --------------------------------------------------------------

    def wrong_end(self, case, outcome):
        if outcome.status == "hangs":
            return f"no end within {launch.PATIENCE} s"
        if outcome.crashed():
            return f"a crash, exit status {outcome.status}"
        if case.error in ("SIGKILL", "kill"):
            return None
        if outcome.status not in (0, 3):
            return f"exit status {outcome.status}"
        if outcome.status and not outcome.ours:
            return "it does not say why it failed"
        if outcome.status:
            return None
        written = launch.result(self.result)
        if not written or written["fingerprint"] != self.want[NEW]:
            return "exit status 0 with other bits"
        if written["first_step"] == 0 or written["run_id"] not in self.old:
            return "it began again instead of resuming"
        return None if self.named(NEW, self.dir) else "exit status 0 without a checkpoint"

    def wrong_directory(self, outcome):
        old = os.path.join(self.dir, os.path.basename(self.old))
        if not os.path.exists(old) or not filecmp.cmp(old, self.old, shallow=False):
            return "the older checkpoint was changed"
        again, got = self.resumer.resume(self.words(LAST))
        if again.status != 0 or not got:
            return f"not resumed: exit status {again.status}: {again.err}"
        if got["first_step"] not in (OLD, NEW) or got["run_id"] not in self.old:
            return f"resumed from step {got['first_step']}"
        if outcome.status == 0 and got["first_step"] != NEW:
            return "the checkpoint of exit status 0 was not found again"
        if got["fingerprint"] != self.want[LAST]:
            return "resumed to other bits"
        return None

    def attempt(self, case, paths):
        self.fresh()
        outcome = self.run(case, paths)
        wrong = self.wrong_end(case, outcome) or self.wrong_directory(outcome)
        if not case.reached(outcome):
            self.missed += 1
            print(f"not reached: {case}")
        row = self.table.setdefault((case.name, case.error), [0, 0])
        row[0] += 1
        row[1] += wrong is None
        if wrong:
            self.failures.append(f"{case}: {wrong}")
            print(f"failed: {case}: {wrong}\n{outcome.err}", flush=True)

    def close(self):
        self.resumer.close()


def show(table):
    """(call, error): survived/tried"""
    errors = sorted({error for _, error in table}, key=lambda e: (e not in ERRORS, e))
    print(f"{'survived/tried':18}" + "".join(f"{error:>10}" for error in errors))
    for name in sorted({name for name, _ in table}):
        cells = [table.get((name, error)) for error in errors]
        print(f"{name:18}" + "".join(f"{f'{c[1]}/{c[0]}' if c else '':>10}" for c in cells))


def sample(cases, n, seed, always):
    """n cases: those of `always`, then as many calls and ranks as possible before one is
    there twice."""
    turn = {}
    random.Random(seed).shuffle(cases)
    for case in cases:
        key = (case.rank, case.name)
        case.turn = turn[key] = turn.get(key, 0) + 1
        if (case.name, case.n, case.error) in always:
            case.turn = 0
    return sorted(cases, key=lambda case: case.turn)[:n]


def sweep(ranks, shape, most, seed):
    """All cases, or `most` of them, chosen by the seed. True: all survived."""
    s = Sweep(ranks, shape)
    s.begin()
    paths, cases = s.record()
    total = len(cases)
    if most is not None:
        cases = sample(cases, most, seed, ALWAYS if ranks == 1 else ())
    for case in cases:
        s.attempt(case, paths)
    s.close()
    tried = sum(row[0] for row in s.table.values())
    survived = sum(row[1] for row in s.table.values())
    print(f"{ranks} ranks, a field of {'x'.join(map(str, shape))}: {total} cases known, "
          f"{tried} tried, {survived} survived, {s.missed} not reached")
    show(s.table)
    if s.missed > MISSED * tried:
        print("failed: too many calls were not reached; the list is not that of these runs")
    return survived == tried and s.missed <= MISSED * tried
