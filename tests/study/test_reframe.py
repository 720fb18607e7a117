# TEST timeout=60 once
# benchmarks/reframe.py, loaded with a stand-in for ReFrame, which Debian does not have:
# one test a line of the suite, the command of its study, what passes and what is measured.
import importlib.util
import json
import os
import sys
import tempfile
import types


def keep(what):
    return lambda f: f


def stand_in():
    """Decorators that change nothing; a deferred value is the value."""
    names = ["reframe", "reframe.utility", "reframe.utility.sanity", "reframe.core",
             "reframe.core.backends", "reframe.core.builtins"]
    for name in names:
        sys.modules[name] = types.ModuleType(name)
        if "." in name:
            parent, child = name.rsplit(".", 1)
            setattr(sys.modules[parent], child, sys.modules[name])
    rfm, builtins = sys.modules["reframe"], sys.modules["reframe.core.builtins"]
    rfm.simple_test = lambda cls: cls
    rfm.RunOnlyRegressionTest = object
    sys.modules["reframe.utility.sanity"].assert_true = lambda x, msg: (bool(x), msg)
    sys.modules["reframe.core.backends"].getlauncher = lambda name: lambda: name
    builtins.parameter = lambda values, fmt: [(fmt(v), v) for v in values]
    builtins.performance_function = builtins.run_before = keep
    builtins.sanity_function = lambda f: f


def load(cores, size):
    os.environ.update(TRIREME_CORES=str(cores), TRIREME_SUITE_CLASS=size)
    path = os.path.join(os.environ["TRIREME_SOURCE"], "benchmarks", "reframe.py")
    spec = importlib.util.spec_from_file_location("suite", path)
    module = importlib.util.module_from_spec(spec)
    sys.dont_write_bytecode = True
    spec.loader.exec_module(module)
    return module.trireme_study


def expect(got, want, what):
    if got != want:
        sys.exit(f"failed: {what}: got {got!r}, want {want!r}")


def begin(cls, name):
    test = cls()
    test.problem = dict(cls.problem)[name]
    test.job = types.SimpleNamespace(launcher="srun")
    test.set_command()
    return test


def write(test, *points):
    test.stagedir = tempfile.mkdtemp(dir=scratch.name)
    os.mkdir(os.path.join(test.stagedir, "study"))
    with open(os.path.join(test.stagedir, "study", "points.jsonl"), "w",
              encoding="utf-8") as lines:
        lines.writelines(json.dumps(p) + "\n" for p in points)


scratch = tempfile.TemporaryDirectory()
stand_in()
suite = load(2, "quick")
test = begin(suite, "heat-strong")
command = " ".join(test.executable_opts)
expect(command.startswith("study heat --n "), True, "the kernel and its options")
expect(command.split(" --mode ")[1].split(" --budget")[0],
       "strong --ranks 1,2 --threads 1", "what is varied")
expect((test.num_tasks, test.num_cpus_per_task, test.job.launcher), (2, 1, "local"),
       "what the job needs")

good = {"ranks": 1, "threads": 1, "sizes": "n=192", "valid": True, "flaw": None,
        "origin": "measured", "rate": 2e9}
more = dict(good, ranks=2, rate=3e9)
crowded = dict(good, ranks=4, origin="oversubscribed")
write(test, good, crowded, more)
expect(test.all_points_count()[0], True, "sanity of points that count")
test.set_rates()
expect(test.perf_variables, {"ranks_1_threads_1_n_192": 2e9,
                             "ranks_2_threads_1_n_192": 3e9}, "rates of measured points")
write(test, good, dict(more, valid=False, flaw="it sank"))
expect(test.all_points_count(), (False, "ranks_2_threads_1_n_192: it sank"),
       "sanity of a point that does not count")
write(test)
expect(test.all_points_count()[0], False, "sanity of no points")

node = load(8, "node")
expect(begin(node, "nbody-strong").executable_opts[6], "1,2,4,8",
       "ranks that fit on 8 cores")
expect(len(load(1, "cluster").problem), 2, "cluster problems that begin with 1 rank")
print("each line of the suite is a test")
