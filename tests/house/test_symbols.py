# TEST timeout=60 uses=trireme_shared once
"""What libtrireme.so exports: exactly the names of symbols.txt, each of them in a
public header, and nothing that a public header declares is missing."""
import glob
import os
import re
import subprocess
import sys

TOP = os.environ["TRIREME_SOURCE"]
LIBRARY = f"{os.environ['TRIREME_BUILD']}/libtrireme.so"
LIST = "tests/house/symbols.txt"


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def exported():
    lines = subprocess.run(["nm", "-D", "--defined-only", LIBRARY], check=True,
                           capture_output=True, text=True).stdout.splitlines()
    words = [line.split() for line in lines]
    return {name.split("@")[0] for _, kind, name in words if kind != "A"}


def soname():
    text = subprocess.run(["readelf", "-d", LIBRARY], check=True,
                          capture_output=True, text=True).stdout
    return re.search(r"SONAME.*\[(.*)\]", text).group(1)


def listed():
    return [line for line in read(f"{TOP}/{LIST}").splitlines()
            if line and not line.startswith("#")]


def declared():
    """Functions that public headers declare and do not define."""
    names = set()
    for path in glob.glob(f"{TOP}/include/trireme/*.h"):
        text = re.sub(r"/\*.*?\*/", "", read(path), flags=re.S)
        names |= set(re.findall(
            r"^(?!static|typedef)\w[\w ]*[ *](trm_\w+)\(", text, re.M))
    return names


here, names = exported(), listed()
failures = [f"{name} is exported, but not in {LIST}; add the line if programs "
            "may use it, otherwise call it trm__... or make it static"
            for name in sorted(here - set(names))]
failures += [f"{name} of {LIST} is no longer exported: that breaks programs; "
             "restore it, or remove the line and raise SOVERSION in "
             "CMakeLists.txt" for name in sorted(set(names) - here)]
failures += [f"{name} is declared in a public header, but not exported"
             for name in sorted(declared() - here)]
failures += [f"{name} is exported, but no public header declares it"
             for name in sorted(here - declared())]
if names != sorted(set(names)):
    failures.append(f"{LIST}: expected each name once, sorted (LC_ALL=C sort)")
if soname() != "libtrireme.so.0":
    failures.append(f"the soname is {soname()}; expected libtrireme.so.0")
for line in failures:
    print(line)
print(f"{len(here)} exported names, {len(failures)} failures")
sys.exit(bool(failures))
