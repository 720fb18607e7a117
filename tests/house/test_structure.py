# TEST timeout=60 once
"""The structure of the house: includes point down, files form no circles, a name
means one thing, and no header of base, launch or study includes MPI.

Reads the sources and the symbols of libtrireme.a; builds nothing."""
import collections
import glob
import os
import re
import subprocess
import sys

TOP = os.environ["TRIREME_SOURCE"]
BUILD = os.environ["TRIREME_BUILD"]

# From the bottom up; floors of one line do not include each other.
FLOORS = ["base", "comm", "host", "meter", "array", "algorithms", "tasks",
          "store", "run", "launch", "study", "farm", "cli"]
# MPI's wrappers are a library apart and speak to comm alone.
APART = {"preload": {"preload", "comm"}}
RANK = {"host": 2, "meter": 3, "algorithms": 5, "tasks": 5, "study": 10,
        "farm": 10}
NO_MPI = ["base", "launch", "study"]

failures = []


def fail(text):
    failures.append(text)


def rank(floor):
    return RANK.get(floor, FLOORS.index(floor))


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def below(folder, *endings):
    found = []
    for ending in endings:
        found += glob.glob(f"{TOP}/{folder}/**/*{ending}", recursive=True)
    return sorted(os.path.relpath(path, TOP) for path in found)


SOURCES = {path: read(f"{TOP}/{path}")
           for path in below("src", ".c", ".h") + below("include", ".h")}


def floor_of(path):
    return path.split("/")[1]


def included(path):
    """Files of the project that a file includes."""
    for mark, name in re.findall(r'^#include ([<"])([^>"]+)[>"]',
                                 SOURCES[path], re.M):
        where = f"include/{name}" if mark == "<" else f"src/{name}"
        if where in SOURCES:
            yield where


def check_includes():
    for path in SOURCES:
        if not path.startswith("src/"):
            continue
        here = floor_of(path)
        for other in included(path):
            if not other.startswith("src/"):
                continue
            there = floor_of(other)
            if here in APART:
                if there not in APART[here]:
                    fail(f"{path} includes {other}: {here} stands apart")
            elif rank(there) > rank(here) or (
                    rank(there) == rank(here) and there != here):
                fail(f"{path} includes {other}: an include points down")


def with_headers(path):
    """All files that including a header brings in."""
    seen, left = set(), [path]
    while left:
        one = left.pop()
        if one not in seen:
            seen.add(one)
            left += included(one)
    return seen


def check_no_mpi():
    for path in SOURCES:
        if not path.startswith("src/") or not path.endswith(".h"):
            continue
        if floor_of(path) in NO_MPI:
            for other in with_headers(path):
                if re.search(r"^#include <mpi\.h>", SOURCES[other], re.M):
                    fail(f"{path} includes MPI, through {other}")


def check_circles():
    """A header and the .c of the same name are one; no two of these depend on
    each other, directly or through others."""
    graph = collections.defaultdict(set)
    for path in SOURCES:
        if path.startswith("src/"):
            unit = os.path.splitext(path)[0]
            for other in included(path):
                if other.startswith("src/"):
                    graph[unit].add(os.path.splitext(other)[0])
            graph[unit].discard(unit)
    for unit in sorted(graph):
        seen, left = set(), list(graph[unit])
        while left:
            one = left.pop()
            if one not in seen:
                seen.add(one)
                left += graph.get(one, ())
        if unit in seen:
            around = sorted(u for u in seen if unit in reach(graph, u))
            fail(f"{unit} is in a circle with {', '.join(around)}")


def reach(graph, unit):
    seen, left = set(), list(graph.get(unit, ()))
    while left:
        one = left.pop()
        if one not in seen:
            seen.add(one)
            left += graph.get(one, ())
    return seen


# A type is defined where its name closes a typedef, or where a tag has a body.
TYPE = re.compile(
    r"^typedef (?:struct|union|enum)\s+(\w+)\s*\{"
    r"|^(?:struct|union|enum) (\w+) \{"
    r"|^typedef (?:struct|union|enum)\s*\{.*?^\} (\w+);", re.M | re.S)


def check_types():
    where = collections.defaultdict(set)
    for path, text in SOURCES.items():
        text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
        for names in TYPE.findall(text):
            where["".join(names)].add(path)
    for name, paths in sorted(where.items()):
        floors = {floor_of(path) for path in paths if path.startswith("src/")}
        if name.startswith("trm__") and floors and not any(
                re.match(f"trm__{floor}(_|$)", name) for floor in floors):
            fail(f"type {name} of {', '.join(sorted(paths))} does not carry "
                 "its floor")
        if len(paths) > 1:
            fail(f"type {name} is defined in {', '.join(sorted(paths))}")
    for name in where:
        twin = name.replace("trm__", "trm_", 1)
        if name.startswith("trm__") and twin in where:
            fail(f"type {name} has the public twin {twin}")


def symbols():
    """External names of the library: (source file, name)."""
    listed = subprocess.run(["nm", "-A", "--defined-only", "-g",
                             f"{BUILD}/libtrireme.a"], check=True,
                            capture_output=True, text=True).stdout
    for line in listed.splitlines():
        words = line.split()
        member = words[0].split(":")[1]
        yield member, words[-1]


def check_symbols():
    by_file = collections.defaultdict(set)
    for path in SOURCES:
        if path.startswith("src/") and path.endswith(".c"):
            by_file[os.path.basename(path) + ".o"].add(floor_of(path))
    public = "\n".join(text for path, text in SOURCES.items()
                       if path.startswith("include/"))
    names = collections.Counter()
    for member, name in symbols():
        if name.startswith("."):  # of the OpenMP runtime
            continue
        if not name.startswith("trm_"):
            fail(f"{member}: external name {name} does not begin with trm_")
            continue
        names[name] += 1
        if name.startswith("trm__"):
            floors = by_file.get(member)
            if floors and not any(re.match(f"trm__{f}(_|$)", name)
                                  for f in floors):
                fail(f"{member}: {name} does not carry its floor, trm__"
                     f"{'|'.join(sorted(floors))}_...")
            if name.replace("trm__", "trm_", 1) in names:
                fail(f"{name} has a public twin")
        elif not re.search(rf"\b{name}\b", public):
            fail(f"{member}: {name} is in no public header; expected trm__ or static")
    for name, times in names.items():
        if times > 1:
            fail(f"external name {name} is defined {times} times")


def check_algorithms():
    for folder in glob.glob(f"{TOP}/src/algorithms/*/"):
        name = os.path.basename(folder.rstrip("/"))
        if f"include/trireme/{name}.h" not in SOURCES:
            fail(f"src/algorithms/{name} has no include/trireme/{name}.h")


def check_readme():
    """The kernel that README shows is the file, whatever its line breaks."""
    shown = re.search("```c\n(.*?)```", open(f"{TOP}/README.md").read(), re.S)[1]
    squeezed = [re.sub(r"\s", "", text)
                for text in (shown, open(f"{TOP}/kernels/triad.c").read())]
    if squeezed[0] != squeezed[1]:
        fail("README.md: its kernel is not kernels/triad.c")


check_includes()
check_no_mpi()
check_circles()
check_types()
check_symbols()
check_algorithms()
check_readme()
for line in failures:
    print(line)
print(f"{len(SOURCES)} files, {len(failures)} failures")
sys.exit(bool(failures))
