"""Power is lost during commits: whatever the disk may hold, a resume finds the last
checkpoint that was committed, or a newer one, and ends with the right bits.

power_loss.py PROGRAM [SEED]; test_power_loss.c runs it. Two runs are recorded: one that
starts in a directory that is not there yet, one that resumes; in the full run also one
on 3 ranks. Tried are, after each operation: all that was not fsynced is lost; each of
those alone is lost, or torn; and random subsets."""
import hashlib
import os
import random
import shutil
import sys
import time

sys.dont_write_bytecode = True
import disk
import launch

LAST = 9                       # step to which each directory is resumed
SUBSETS = 1000 if launch.EVERYTHING else 100
ALONE = None if launch.EVERYTHING else 200  # None: all
ALONE_LARGE = 300              # of the run with files of some MiB
LAUNCHED = 20 if launch.EVERYTHING else 3   # resumed by the driver itself


class Recording:
    """A run under strace, in `top`/sets."""

    def __init__(self, name, ranks, shape, steps, base=None):
        self.name, self.ranks = name, ranks
        self.top = os.path.join(launch.scratch, name)
        self.shape = [word for axis, n in zip(("--nx", "--ny", "--nz"), shape)
                      for word in (axis, str(n))]
        if base:
            shutil.copytree(base.top, self.top)
        else:
            os.mkdir(self.top)
        self.disk = disk.Disk(self.top)
        self.before = self.newest(self.disk)
        prefix = os.path.join(launch.scratch, f"calls.{name}")
        options = ["--checkpoint", f"{self.top}/sets", "--every", "1", "--keep", "2",
                   "--steps", str(steps), *self.shape] + (["--resume"] if base else [])
        done = launch.launch(launch.command(ranks, options, None,
                                            disk.trace_words(f"{prefix}.%r")))
        assert done.status == 0, done.err
        self.operations = disk.operations_of(
            self.disk, [f"{prefix}.{rank}" for rank in range(ranks)])
        self.check_model()
        wanted = os.path.join(launch.scratch, "want.jsonl")
        calm = launch.launch(launch.command(1, ["--steps", str(LAST), "--result", wanted,
                                                *self.shape]))
        assert calm.status == 0, calm.err
        self.want = launch.result(wanted)["fingerprint"]

    def check_model(self):
        """With nothing lost the model gives what is there."""
        there = disk.Disk(self.top)
        made = disk.rebuild(self.disk, self.operations, len(self.operations), {})
        assert there.files() == made.files(), "the model differs from the file system"

    @staticmethod
    def step_of(name):
        return int(name[-15:-3]) if name.endswith(".h5") else 0

    def newest(self, there):
        return max([self.step_of(name) for name in there.names], default=0)

    def committed(self, moment):
        """The newest step that the program took to be safe: its file had its name, and
        it went on to something else than an fsync."""
        step, named = self.before, self.before
        for op in self.operations[:moment]:
            if op.kind != "fsync":
                step = named
            if op.kind == "name" and op.source:
                named = max(named, self.step_of(op.name))
        return named if moment == len(self.operations) else step


def torn(op, draw):
    """Some of the sectors of a write; of one that has only one, none."""
    sectors = list(disk.sectors_of(op))
    return [sector for sector in sectors if len(sectors) > 1 and draw.random() < 0.5]


def alone(recording, draw):
    """All pending operations lost, and each alone lost or torn: (what, moment, fate)."""
    for moment in range(len(recording.operations) + 1):
        open_ = disk.pending(recording.operations, moment)
        yield "nothing lost", moment, {}
        yield "all lost", moment, {i: "lost" for i in open_}
        for i in open_:
            yield "one lost", moment, {i: "lost"}
            op = recording.operations[i]
            if op.kind == "write":
                yield "one torn", moment, {i: torn(op, draw)}


def subset(recording, draw):
    moment = draw.randrange(len(recording.operations) + 1)
    fate = {}
    for i in disk.pending(recording.operations, moment):
        chance = draw.random()
        op = recording.operations[i]
        if chance < 0.25:
            fate[i] = "lost"
        elif chance < 0.5 and op.kind == "write":
            fate[i] = torn(op, draw)
    return "subsets", moment, fate


class Trial:
    """Resumes from states; counts those that differ from all before."""

    def __init__(self, resumer):
        self.resumer = resumer
        self.place = os.path.join(launch.scratch, "lost")
        self.seen = {}
        self.counts = {}  # what: [states, right]
        self.failures = 0

    def make(self, recording, moment, fate):
        """Make the directory; its digest."""
        made = disk.rebuild(recording.disk, recording.operations, moment, fate)
        digest = hashlib.sha1()
        for name, content in made.files():
            digest.update(name.encode() + b"\0" +
                          (content if content != "folder" else b"/") + b"\0")
        shutil.rmtree(self.place, ignore_errors=True)
        os.mkdir(self.place)
        made.make(self.place)
        return digest.hexdigest()

    def options(self, recording, moment):
        """A checkpoint has the options of its run: they are given only without one."""
        shape = [] if recording.committed(moment) else recording.shape
        return ["--checkpoint", f"{self.place}/sets", "--keep", "2", "--every", "1000000",
                "--steps", str(LAST), *shape]

    def judge(self, recording, moment, outcome, got):
        """What is wrong; None: nothing."""
        if outcome.status != 0 or not got:
            return f"exit status {outcome.status}: {outcome.err}"
        if got["fingerprint"] != recording.want:
            return f"other bits, from step {got['first_step']}"
        least = recording.committed(moment)
        if got["first_step"] < least:
            return (f"starts at step {got['first_step']}, step {least} was committed: "
                    f"{outcome.err}")
        return None

    def resume(self, recording, moment, fate, launched):
        digest = self.make(recording, moment, fate)
        key = (digest, recording.committed(moment))
        if not launched and key in self.seen:
            return self.seen[key]
        options = self.options(recording, moment)
        if launched:
            path = os.path.join(launch.scratch, "launched.jsonl")
            if os.path.exists(path):
                os.unlink(path)
            outcome = launch.launch(launch.command(
                recording.ranks, [*options, "--resume", "--result", path]))
            got = launch.result(path)
        else:
            outcome, got = self.resumer.resume(options)
        self.seen[key] = self.judge(recording, moment, outcome, got)
        return self.seen[key]

    def attempt(self, recording, state, launched=False):
        what, moment, fate = state
        wrong = self.resume(recording, moment, fate, launched)
        count = self.counts.setdefault("by the driver" if launched else what, [0, 0])
        count[0] += 1
        count[1] += wrong is None
        if not wrong:
            return
        self.failures += 1
        if self.failures <= 20:
            print(f"failed: {recording.name}, after {moment} operations, {what}: {wrong}")
            for i, how in list(fate.items())[:5]:
                print(f"  {'lost' if how == 'lost' else 'torn'}: {recording.operations[i]}")


def try_all(trial, recording, draw, most, subsets):
    states = list(alone(recording, draw))
    if most is not None:
        draw.shuffle(states)
        states = states[:most]
    states += [subset(recording, draw) for _ in range(subsets)]
    for state in states:
        trial.attempt(recording, state)
    for state in draw.sample(states, LAUNCHED):
        trial.attempt(recording, state, True)
    print(f"{recording.name}: {len(recording.operations)} operations, "
          f"{len(states)} states")


def main(program, seed):
    launch.require_strace()
    draw = random.Random(seed)
    resumer = launch.Resumer(program)
    trial = Trial(resumer)
    begins = Recording("begins", 1, (12, 11, 13), 3)
    resumes = Recording("resumes", 1, (12, 11, 13), 5, begins)
    for recording in (begins, resumes):
        try_all(trial, recording, draw, ALONE, SUBSETS // 2)
    if launch.EVERYTHING:
        ranks = Recording("ranks", 3, (75, 70, 74), 2)
        try_all(trial, ranks, draw, ALONE_LARGE, SUBSETS // 4)
    resumer.close()
    tried = right = 0
    for what, (states, good) in trial.counts.items():
        print(f"{what:14} {states:6} states, {good:6} right")
        tried += states
        right += good
    print(f"seed {seed}: {tried} states, {len(trial.seen)} that differ, {right} right")
    shutil.rmtree(launch.scratch)
    return 0 if right == tried else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2
                  else time.localtime().tm_yday))
