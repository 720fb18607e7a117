# TEST timeout=120 uses=test_store_files
"""Inputs whose values are elsewhere, packed, missing or unreadable: the right sum, or one
line that says why not."""
import json
import os
import shutil
import subprocess
import sys
import tempfile

import h5py
import numpy as np

BUILD = os.environ["TRIREME_BUILD"]
PROGRAM = os.path.join(BUILD, "tests", "test_store_files")
# Open MPI's own leaks would be counted
os.environ["ASAN_OPTIONS"] = (os.environ.get("ASAN_OPTIONS", "") +
                              ":detect_leaks=0:fast_unwind_on_malloc=1")
failed = 0


def check(ok, what):
    global failed
    if not ok:
        failed += 1
        print("wrong:", what, file=sys.stderr)


def linked():
    with h5py.File("part.h5", "w") as f:
        f["u"] = np.full((16, 16), 7.0)
    with h5py.File("master.h5", "w") as f:
        f["pad"] = np.full((64, 64), 1.0)
        f["u"] = h5py.ExternalLink("part.h5", "/u")
        f["gone"] = h5py.ExternalLink("gone.h5", "/u")
        f["soft"] = h5py.SoftLink("/nowhere")
    with h5py.File("chain.h5", "w") as f:
        f["u"] = h5py.ExternalLink("master.h5", "/u")
    with h5py.File("block.h5", "w", userblock_size=1024) as f:
        f["d"] = np.arange(30.0).reshape(5, 6)
    return {"master.h5:/u": ("f64", 1792), "chain.h5:/u": ("f64", 1792),
            "block.h5:/d": ("f64", 435)}, {
                "master.h5:/gone": "link to what is not there",
                "master.h5:/soft": "link to what is not there"}


def virtual():
    with h5py.File("src.h5", "w") as f:
        f["d"] = np.full((4, 5), 7.0)
        f.create_dataset("long", data=np.ones((6, 5)), maxshape=(None, 5))
        f.create_dataset("short", data=np.ones((3, 5)), maxshape=(None, 5))
    for i in range(3):
        with h5py.File(f"f-{i}.h5", "w") as f:
            f["d"] = np.full((2, 5), 1.0 + i)
    with h5py.File("vds.h5", "w", libver="latest") as f:
        def new(name, *sources, shape=(8, 5)):
            layout = h5py.VirtualLayout(shape, "f8")
            for i, (file, dataset, rows) in enumerate(sources):
                layout[4 * i:4 * i + rows] = h5py.VirtualSource(
                    file, dataset, (rows, 5))
            f.create_virtual_dataset(name, layout)
        new("good", ("src.h5", "d", 4), shape=(4, 5))
        new("gone", ("src.h5", "d", 4), ("gone.h5", "d", 4))
        new("none", ("src.h5", "d", 4), ("src.h5", "none", 4))
        new("small", ("src.h5", "d", 4), ("f-0.h5", "d", 4))
        f["own"] = np.ones((4, 5))
        new("inside", (".", "own", 4), shape=(4, 5))
        new("nested", ("vds.h5", "gone", 8), shape=(8, 5))
        unlimited(f, "numbered", "f-%b.h5", None, 2)
        unlimited(f, "uneven", "src.h5", ("long", "short"), 6)
    os.mkdir("moved")
    shutil.copy("vds.h5", "moved/alone.h5")
    return {"vds.h5:/good": ("f64", 140), "vds.h5:/inside": ("f64", 20),
            "vds.h5:/numbered": ("f64", 60), "moved/alone.h5:/good": ("f64", 140)}, {
                "vds.h5:/gone": "its source gone.h5 is missing",
                "vds.h5:/none": "has no dataset none",
                "vds.h5:/small": "is smaller than the part",
                "vds.h5:/nested": "its source gone.h5 is missing",
                "vds.h5:/uneven": "is smaller than the part"}


def unlimited(f, name, file, datasets, rows):
    """A virtual dataset without end in rows: of numbered files, or two sources side by
    side."""
    plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    columns = 5 * len(datasets or [0])
    space = h5py.h5s.create_simple((rows, columns), (h5py.h5s.UNLIMITED, columns))
    for i, dataset in enumerate(datasets or ["d"]):
        part, source = space.copy(), h5py.h5s.create_simple(
            (rows, 5), (h5py.h5s.UNLIMITED, 5))
        count = (h5py.h5s.UNLIMITED, 1)
        part.select_hyperslab((0, 5 * i), count, (rows if not datasets else 1, 5),
                              (rows if not datasets else 1, 5))
        if datasets:
            source.select_hyperslab((0, 0), count, (1, 5), (1, 5))
        else:
            source.select_all()
        plist.set_virtual(part, file.encode(), dataset.encode(), source)
    h5py.h5d.create(f.id, name.encode(), h5py.h5t.NATIVE_DOUBLE, space, plist)


def raw():
    with h5py.File("raw.h5", "w") as f:
        f.create_dataset("good", (8, 4), "f8",
                         external=[("one.bin", 0, 128), ("two.bin", 16, 128)])
        f.create_dataset("short", (8, 5), "f8",
                         external=[("one.bin", 0, 128), ("two.bin", 16, 256)])
        f.create_dataset("gone", (8, 4), "f8", external=[("gone.bin", 0, 256)])
    np.ones(16).tofile("one.bin")
    with open("two.bin", "wb") as f:
        f.write(b"x" * 16 + np.full(16, 2.0).tobytes())
    return {"raw.h5:/good": ("f64", 48)}, {
        "raw.h5:/short": "two.bin, which has 144 bytes; expected at least 208",
        "raw.h5:/gone": "gone.bin: No such file"}


def packed():
    counts = np.arange(48, dtype="i2").reshape(6, 8)
    holes = counts.copy()
    holes[2, 3] = -32767
    with h5py.File("packed.nc", "w") as f:
        def new(name, data, **attributes):
            f[name] = data
            for key, value in attributes.items():
                f[name].attrs[key] = value
        new("tas", counts, scale_factor=0.5, add_offset=np.float32([100]))
        new("holes", holes, scale_factor=0.5, _FillValue=np.int16([-32767]))
        new("sst", np.array([[1, 2], [3, 1e20]], "f4"), missing_value=1e20)
        new("list", counts, missing_value=np.int16([7, 9]))
        new("range", counts, valid_range=np.int16([2, 46]))
        new("values", counts, scale_factor=0.5, valid_max=22.5)
        new("least", counts, valid_min=np.int16(1))
        new("unsigned", np.arange(256, dtype="u1").view("i1"), _Unsigned="true")
        new("words", counts, scale_factor="half")
        new("stranger", np.ones((3, 4)), digest=np.uint64(7))
        f["nan"] = np.array([1, np.nan, 2])
        f["inf"] = np.array([1, np.inf, 2])
        f["truth"] = np.eye(5, dtype=bool)
        f["level"] = np.array([1, 2, 1], h5py.enum_dtype({"LOW": 1, "HIGH": 2}))
        f["complex"] = np.array([(1, 5), (2, 6)], [("real", "f4"), ("imag", "f4")])
    good = {"tas": ("f64", 4800 + 24 * 23.5), "unsigned": ("u8", 255 * 128),
            "stranger": ("f64", 12), "truth": ("u8", 5), "complex": ("c128", 3)}
    bad = {"holes": "1 of 48 cells are missing", "sst": "1 of 4 cells",
           "list": "2 of 48 cells", "range": "3 of 48 cells",
           "values": "2 of 48 cells", "least": "1 of 48 cells",
           "nan": "1 values are NaN", "inf": "1 values are NaN",
           "words": "attribute scale_factor cannot be used",
           "level": "enumerated values"}
    where = "packed.nc:/{}".format
    return ({where(k): v for k, v in good.items()},
            {where(k): v for k, v in bad.items()})


def damaged():
    grid = np.arange(4096.0).reshape(64, 64)
    with h5py.File("lzf.h5", "w") as f:
        f.create_dataset("d", data=grid, compression="lzf", chunks=(32, 32))
    with h5py.File("sums.h5", "w") as f:
        for name, more in {"sum": {"fletcher32": True},
                           "gzip": {"compression": "gzip"}}.items():
            f.create_dataset(name, data=grid, chunks=(64, 64), **more)
        at = {name: f[name].id.get_chunk_info(0).byte_offset for name in f}
    with open("sums.h5", "r+b") as f:
        for offset in at.values():
            f.seek(offset + 100)
            f.write(b"\xa5" * 64)
    f = h5py.File("open.h5", "w", libver="latest")
    f["d"] = np.ones((3, 4))
    f.flush()
    shutil.copy("open.h5", "killed.h5")
    f.close()
    with open("classic.nc", "wb") as f:
        f.write(b"CDF\x01" + b"\0" * 100)
    with open("master.h5", "rb") as f, open("cut.h5", "wb") as g:
        g.write(f.read()[:1000])
    return {}, {"lzf.h5:/d": "filter 32000 lzf", "killed.h5:/d": "h5clear -s",
                "classic.nc:/d": "nccopy", "cut.h5:/u": "damaged or truncated",
                "sums.h5:/sum": "checksum", "sums.h5:/gzip": "inflate"}


def names():
    with h5py.File("names.h5", "w") as f:
        f["colon:/x"] = np.ones((3, 4))
        f[b"latin\xe9"] = np.ones((3, 4))
    return {"names.h5:/colon:/x": ("f64", 12)}, {}


def look(good, bad):
    for ranks in (1, 3):
        wheres = [*good, *bad]
        done = subprocess.run(["mpirun", "-n", str(ranks), PROGRAM, "look", *wheres],
                              capture_output=True, text=True, timeout=60, check=False)
        lines = dict(zip(wheres, done.stdout.splitlines()))
        check(done.returncode == 0 and len(lines) == len(wheres),
              f"{ranks} ranks: exit {done.returncode}: {done.stdout}{done.stderr}")
        for where, (kind, value) in good.items():
            words = lines.get(where, "").split()
            check(words[:2] == ["OK", kind] and float(words[-1]) == value,
                  f"{where} on {ranks} ranks: {lines.get(where)}; expected {kind} {value}")
        for where, reason in bad.items():
            line = lines.get(where, "")
            check(line.startswith("E") and reason in line,
                  f"{where} on {ranks} ranks: {line}; expected ... {reason}")


def heat(*options, status=0, line=""):
    """A run of no steps: what `trireme run heat` says."""
    if os.path.exists("r.jsonl"):
        os.remove("r.jsonl")
    command = [os.path.join(BUILD, "trireme"), "run", "heat", "--quiet", "--threads", "1",
               "--steps", "0", *options]
    if "--result" not in options:
        command += ["--result", "r.jsonl"]
    done = subprocess.run(command, capture_output=True, timeout=60, check=False)
    text = done.stderr.decode(errors="replace")
    check(done.returncode == status and line in text,
          f"{options}: exit {done.returncode}, {text}; expected {status}, {line}")
    if status or "--result" in options:
        return None
    with open("r.jsonl", encoding="utf-8") as f:
        return json.loads(f.read())


def total(result):
    return [c["got"] for c in result["checks"] if c["what"] == "heat"][0]


def runs():
    fill = heat("--input", "packed.nc:/holes", "--input-fill", "300", "--checkpoint", "sets")
    check(total(fill) == 0.5 * (24 * 47 - 19) + 300 and
          fill["options"]["input_fill"] == "300", fill["options"])
    again = heat("--checkpoint", "sets", "--resume")
    check(again["options"]["input_fill"] == "300", again["options"])
    heat("--checkpoint", "sets", "--resume", "--input-fill", "7", status=2,
         line="may not change on resume")
    heat("--input", "packed.nc:/holes", "--input-fill", "warm", status=2,
         line="--input-fill=warm: expected a finite number")
    with h5py.File("big.h5", "w") as f:
        f["d"] = np.full((4, 4), 1e308)
    heat("--input", "big.h5:/d", status=2, line="overflow")
    name = heat("--input", os.fsdecode(b"names.h5:/latin\xe9"))["options"]["input"]
    check(name == "names.h5:/latin\\xe9", name)
    # the options are stored byte for byte
    heat("--input", os.fsdecode(b"names.h5:/latin\xe9"), "--checkpoint", "latin")
    heat("--checkpoint", "latin", "--resume")
    with open("c.cfg", "wb") as f:
        f.write(b"\xef\xbb\xbfn = 4\n")
    check(heat("--config", "c.cfg")["options"]["n"] == 4, "byte order mark")


def outputs():
    """No output replaces an input."""
    before = open("src.h5", "rb").read()
    os.symlink("src.h5", "link.h5")
    os.link("src.h5", "hard.h5")
    for output in ("src.h5", "link.h5", "hard.h5", "./src.h5"):
        heat("--input", "src.h5:/d", "--output", output, status=2,
             line="would replace the input")
    heat("--n", "4", "--config", "c.cfg", "--result", "c.cfg", status=2, line="c.cfg")
    heat("--n", "4", "--checkpoint", "sets2", "--output",
         "sets2/heat-00000000000000aa-000000000007.h5", status=2, line="sets2")
    check(open("src.h5", "rb").read() == before, "src.h5 has changed")
    for text, status in (("hello\n", 2), ('{"a": 1}\n{"b": ', 2), ('{"a": 1}', 0)):
        with open("lines", "w", encoding="ascii") as f:
            f.write(text)
        heat("--n", "4", "--result", "lines", status=status)
        with open("lines", encoding="ascii") as f:
            after = f.read()
        check(after == text if status else len(after.splitlines()) == 2, after)
    if os.geteuid() == 0:
        print("not tested: a file without permission to read (as root)")
    else:
        os.chmod("src.h5", 0)
        heat("--input", "src.h5:/d", status=3, line="Permission denied")


with tempfile.TemporaryDirectory() as scratch:
    os.chdir(scratch)
    good_all, bad_all = {}, {}
    for make in (linked, virtual, raw, packed, damaged, names):
        good_some, bad_some = make()
        good_all.update(good_some)
        bad_all.update(bad_some)
    look(good_all, bad_all)
    runs()
    outputs()
    os.chdir("/")
print(f"{len(good_all)} inputs read, {len(bad_all)} refused with their reason")
sys.exit(1 if failed else 0)
