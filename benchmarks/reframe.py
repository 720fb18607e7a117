"""ReFrame tests: each problem of suite.conf as a scaling study.

    TRIREME_SUITE_CLASS=node reframe -c benchmarks/reframe.py -r

A test passes if every point counts: it ran, verified, and gave the answer of the others.
Its performance variables are the rates of the measured points, to be held against the
references of a site. The study launches its runs itself, on TRIREME_CORES cores through
TRIREME_LAUNCHER, as benchmarks/run.sh does, which lists the problems."""
import json
import os
import re
import subprocess

import reframe as rfm
import reframe.utility.sanity as sn
from reframe.core.backends import getlauncher
from reframe.core.builtins import (parameter, performance_function, run_before,
                                   sanity_function)

HERE = os.path.dirname(os.path.abspath(__file__))
CLASS = os.environ.get("TRIREME_SUITE_CLASS", "quick")


def problems():
    """(kernel, mode, ranks, threads, options) of each problem of this class that fits;
    before it the seconds that a study may take, its target, how long it waits."""
    said = subprocess.run(["sh", os.path.join(HERE, "run.sh"), "--list", CLASS],
                          check=True, stdout=subprocess.PIPE, text=True).stdout
    limits, *lines = said.splitlines()
    return *limits.split(), [tuple(line.split(None, 4)) for line in lines]


def name_of(point):
    """In letters, digits and underscores: ranks_2_threads_1_n_256."""
    text = f"ranks {point['ranks']} threads {point['threads']} {point['sizes']}"
    return re.sub(r"\W+", "_", text).strip("_")


SECONDS, TARGET, SETTLE, PROBLEMS = problems()


@rfm.simple_test
class trireme_study(rfm.RunOnlyRegressionTest):
    problem = parameter(PROBLEMS, fmt=lambda p: f"{p[0]}-{p[1]}")
    valid_systems = ["*"]
    valid_prog_environs = ["*"]
    sourcesdir = None
    executable = os.path.join(os.environ.get(
        "TRIREME_BUILD", os.path.join(HERE, "..", "build")), "trireme")

    @run_before("run")
    def set_command(self):
        kernel, mode, ranks, threads, options = self.problem
        self.descr = f"{mode} scaling of {kernel} {options}"
        self.num_tasks = max(map(int, ranks.split(",")))
        self.num_cpus_per_task = max(map(int, threads.split(",")))
        self.time_limit = f"{2 * int(SECONDS) + 600}s"
        self.executable_opts = [
            "study", kernel, options, "--mode", mode, "--ranks", ranks,
            "--threads", threads, "--budget", f"{SECONDS}s", "--target", TARGET,
            "--settle", SETTLE, "--quiet", "-o", "study"]
        launcher = os.environ.get("TRIREME_LAUNCHER")
        if launcher:
            self.executable_opts += ["--launcher", f"'{launcher}'"]
        self.keep_files = ["study"]
        # the study launches its runs
        self.job.launcher = getlauncher("local")()

    def points(self):
        with open(os.path.join(self.stagedir, "study", "points.jsonl"),
                  encoding="utf-8") as lines:
            return [json.loads(line) for line in lines]

    @sanity_function
    def all_points_count(self):
        points = self.points()
        bad = [f"{name_of(p)}: {p['flaw']}" for p in points if not p["valid"]]
        return sn.assert_true(points and not bad,
                              "; ".join(bad) or "the study has no points")

    @performance_function("updates/s")
    def rate(self, place=0):
        return self.points()[place]["rate"]

    @run_before("performance")
    def set_rates(self):
        self.perf_variables = {
            name_of(p): self.rate(place) for place, p in enumerate(self.points())
            if p["valid"] and p["origin"] == "measured"}
