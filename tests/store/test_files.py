# TEST timeout=120 uses=test_store_files
"""Checkpoints as h5py reads them, those that h5repack rewrote, and any HDF5 file as input."""
import os
import subprocess
import sys
import tempfile

import h5py
import numpy as np

PROGRAM = os.path.join(os.environ["TRIREME_BUILD"], "tests", "test_store_files")
SET = "probe-00000000000000aa-000000000007.h5"
failed = 0


def check(ok, what):
    global failed
    if not ok:
        failed += 1
        print("wrong:", what, file=sys.stderr)


def program(ranks, *words):
    done = subprocess.run(["mpirun", "-n", str(ranks), PROGRAM, *words],
                          capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout + done.stderr


def expected():
    i, j, k = np.meshgrid(np.arange(20), np.arange(33), np.arange(47),
                          indexing="ij")
    return 1000.0 * i + 10.0 * j + 0.5 * k


def read_with_h5py(path):
    line = 1000.0 * np.arange(11)
    with h5py.File(path, "r") as f:
        check(f.attrs["format"] == b"trireme.checkpoint/1", "format")
        check(f.attrs["kernel"] == b"probe", "kernel")
        check(f.attrs["step"] == 7 and f.attrs["seed"] == 42, "step, seed")
        check(f.attrs["seconds"] == 1.5, "seconds")
        check(f.attrs["options"] == b'{"n":"10"}', "options")
        check(set(f) == {"u", "w", "z", "keep"}, list(f))
        check(f["u"].dtype == np.float64, f["u"].dtype)
        check(np.array_equal(f["u"][...], expected()), "values of u")
        check(f["u"].id.get_offset() % 2**20 == 0, "alignment of u")
        check(f["u"].attrs["role"] == b"evolving", "role of u")
        check(f["u"].attrs["digest"].dtype == np.uint64, "digest of u")
        check(f["w"].dtype == np.uint8, f["w"].dtype)
        check(f["z"].dtype == np.complex128, f["z"].dtype)
        check(np.array_equal(f["z"][...].real, line), "values of z")
        check(f["keep/digits"][...].tolist() == [3, 1, 4], "kept array")


def repacked(directory, *options):
    path = os.path.join(directory, SET)
    other = os.path.join(directory, "other.h5")
    subprocess.run(["h5repack", *options, path, other], check=True)
    os.replace(other, path)
    for ranks in (1, 3):
        code, text = program(ranks, "read", directory)
        check(code == 0, f"h5repack {options} on {ranks} ranks: {text}")


def inputs(path):
    data = np.random.default_rng(1).integers(-9, 9, (40, 30)).astype("f8")
    big = np.arange(300 * 700.0).reshape(300, 700)
    with h5py.File(path, "w") as f:
        f["plain"] = data
        f["single"] = data.astype("f4")
        f["half"] = data.astype("f2")
        f["short"] = data.astype("i2")
        f["bytes"] = np.arange(7, dtype="u1")
        f["big_endian"] = data.astype(">f8")
        f["unsigned"] = np.array([2**63], dtype="u8")
        f["complex"] = data + 1j
        f["group/inside"] = data
        f.create_dataset("chunks", data=big, chunks=(64, 100),
                         compression="gzip", compression_opts=1, shuffle=True)
        f.create_dataset("never", (5, 6), "f8", fillvalue=2.0)
        f["scalar"] = 1.0
        f["five"] = np.zeros((1, 2, 1, 2, 1))
        f["empty"] = np.zeros((0, 4))
        f["text"] = "words"
        f["records"] = np.zeros(3, dtype=[("a", "i4"), ("b", "f4")])
    total = data.sum()
    good = {"plain": ("f64", (40, 30), total), "single": ("f32", (40, 30), total),
            "half": ("f32", (40, 30), total), "short": ("i32", (40, 30), total),
            "bytes": ("u8", (7,), 21), "big_endian": ("f64", (40, 30), total),
            "unsigned": ("u64", (1,), 2.0**63),
            "complex": ("c128", (40, 30), total),
            "group/inside": ("f64", (40, 30), total),
            "chunks": ("f64", (300, 700), big.sum()),
            "never": ("f64", (5, 6), 60)}
    bad = {"scalar": "dimensions", "five": "dimensions", "empty": "empty",
           "text": "text", "records": "records", "group": "group",
           "nothing": "no such dataset"}
    for ranks in (1, 3):
        lines = look(ranks, [f"{path}:/{name}" for name in good])
        for line, (name, (kind, shape, value)) in zip(lines, good.items()):
            words = line.split()
            want = ["OK", kind, *map(str, shape)]
            check(words[:-1] == want and float(words[-1]) == value,
                  f"{name} on {ranks} ranks: {line}, want {want} {value}")
    return {f"{path}:/{name}": reason for name, reason in bad.items()}


def look(ranks, wheres):
    code, text = program(ranks, "look", *wheres)
    lines = text.splitlines()[:len(wheres)]
    check(code == 0 and len(lines) == len(wheres), text)
    return lines


def refused(cases):
    """Each in one line that says why."""
    for line, (where, reason) in zip(look(2, cases), cases.items()):
        check(line.startswith("EINPUT ") and reason in line,
              f"{where}: {line}, want ... {reason}")


with tempfile.TemporaryDirectory() as scratch:
    code, text = program(3, "write", scratch)
    check(code == 0, text)
    read_with_h5py(os.path.join(scratch, SET))
    repacked(scratch, "-f", "GZIP=1", "-l", "CHUNK=7x8x9")
    repacked(scratch, "-l", "CONTI", "-f", "NONE")
    cases = inputs(os.path.join(scratch, "input.h5"))
    with open(os.path.join(scratch, "words.h5"), "w", encoding="ascii") as f:
        f.write("no HDF5\n" * 1000)
    refused({**cases,
             f"{scratch}/input.h5": "names no dataset",
             f"{scratch}/input.h5:/": "names no dataset",
             f"{scratch}/words.h5:/u": "not an HDF5 file",
             f"{scratch}:/u": "is a directory",
             f"{scratch}/none.h5:/u": "No such file"})
sys.exit(1 if failed else 0)
