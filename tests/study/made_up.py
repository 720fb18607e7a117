"""A study that was never run: made_up.py DIR [KIND...] writes study.json and
launches.jsonl. KIND: strong, threads, weak, memory, two, three (so many points),
hostile (texts that try to break out), slower (everything takes 1.3 times as long),
few (two launches of each point), worse (two are slower than one), failing (sizes in
no order, one of which fails), cluster (from 32 cores on), answers (of strong: others)."""
import json, os, random, sys

where, kinds = sys.argv[1], sys.argv[2:]
random.seed(17)
HOSTILE = "</svg><script>alert('x')</script>&\"`'$(id)\\ \u00e9"
hostile = "hostile" in kinds
REPEATS = 2 if "few" in kinds else 7
slow = 1.3 if "slower" in kinds else 1.0
CORES, STEPS = 4096 if "cluster" in kinds else 8, 100
configs, launches = [], []


def result(c, seconds, updates, resident, status, origin):
    ranks, threads = c["ranks"], c["threads"]
    p = ranks * threads
    total = seconds * STEPS * p
    lost = min(0.6, 0.02 * p ** 0.9)
    share = {"thread_imbalance": 0.1 * lost if threads > 1 else 0, "serial": 0.15 * lost if threads > 1 else 0,
             "rank_imbalance": 0.3 * lost if ranks > 1 else 0, "waiting": 0.2 * lost if ranks > 1 else 0,
             "transfer": 0.35 * lost if ranks > 1 else 0, "checkpoint": 0.01, "outside": 0.02}
    share["useful"] = 1 - sum(share.values())
    return {
        "schema": "trireme.result/1", "kernel": "heat", "options": {"n": 256},
        "ranks": ranks, "threads": threads, "hosts": 1, "origin": origin, "doctor": [],
        "seed": 1, "rtol": 0, "steps": STEPS, "first_step": 0,
        "fingerprint": "%016x" % (0xec76f9a5 + c["problem"] + 1000 * ("answers" in kinds and not c["problem"])),
        "sketch": [0] * 8,
        "verified": True, "checks": [],
        "seconds": {"total": seconds * STEPS * 1.1, "setup": 0.01, "advance": seconds * STEPS,
                    "checkpoint": 0, "verify": 0.001},
        "rate": {"value": updates / seconds, "unit": "cell/s"},
        "work": {"updates": updates * STEPS, "flops": 9 * updates * STEPS,
                 "bytes": 16 * updates * STEPS, "messages": 0, "message_bytes": 0, "stated": True},
        "counted": {"messages": 0, "message_bytes": 0, "ranks_that_differ": 0},
        "memory": {"predicted_bytes": resident * ranks, "peak_bytes": int(resident * ranks * 1.1)},
        "gauges": {},
        "ledger": {"ranks": ranks, "total": total, "wall": seconds * STEPS, "cores": p,
                   "parts": {k: v * total for k, v in share.items()},
                   "efficiency": {"parallel": 1 - lost, "mpi": 1 - lost, "load_balance": 1 - 0.3 * lost,
                                  "serialisation": 1 - 0.2 * lost, "transfer": 1 - 0.35 * lost, "openmp": 1,
                                  "openmp_serial": 1, "openmp_balance": 1, "openmp_fork": 1,
                                  "openmp_outside": 1}},
        "roofline": {"fraction": 0.7}, "machine": {"class": "made-up-8c-16g", "file": "m"},
        "build": {"version": "0.1.0", "commit": "0123456", "compiler": "GNU 12.2.0", "flags": "-O3"},
    }


def add(mode, series, problem, ranks, threads, label, seconds, updates, resident,
        origin="measured", repeats=REPEATS, fails=0, note=None):
    c = {"mode": mode, "series": series, "problem": problem, "ranks": ranks, "threads": threads,
         "words": ["--" + label] if label else [], "label": label, "note": note,
         "expected": {"strong": -1, "weak": 0, "threads": -1, "memory": 1}[mode]}
    if hostile:
        c["words"].append(HOSTILE)
        c["label"] = label + " " + HOSTILE
    configs.append(c)
    for r in range(repeats):
        t = slow * seconds * random.lognormvariate(0, 0.015)
        status = 1 if r < fails else 0
        launches.append({
            "config": len(configs) - 1, "repeat": r, "status": status, "wall": t * STEPS * 1.2,
            "load": 0.01 * (r % 3), "steal": -1 if r == 0 else 0.002 * r, "began": "2026-01-02T03:04:05Z",
            "last": (HOSTILE if hostile else "trireme: heat: rank 3 is out of memory") if status else None,
            "result": None if status else result(c, t, updates, resident, status, origin)})


def strong(series, threads, fraction, ranks):
    for r in ranks:
        p = r * threads
        over = p > CORES
        t = 0.080 * (fraction + (1 - fraction) / min(p, CORES)) * (1 + 0.004 * p) * (1.5 if over else 1)
        add("strong", series, 0, r, threads, "n=256", t, 256 ** 3, 16 * 256 ** 3 / r,
            origin="oversubscribed" if over else "measured", fails=7 if r == 6 else 0)


series = 0
if "two" in kinds:
    strong(series, 1, 0.03, [1, 2])
    series += 1
if "three" in kinds:
    strong(series, 1, 0.03, [1, 2, 4])
    series += 1
if "cluster" in kinds:
    strong(series, 1, 0.0003, [32, 64, 128])
    series += 1
if "worse" in kinds:
    for r in (1, 2):
        add("strong", series, 0, r, 1, "n=256", 0.08 * r, 256 ** 3, 16 * 256 ** 3 / r)
    series += 1
if "failing" in kinds:
    for n in (300, 20, 100):
        add("memory", series, n, 4, 1, "n=%d" % n, n ** 3 / 2e9, n ** 3, 4 * n ** 3, fails=7 if n == 100 else 0)
    series += 1
if "strong" in kinds:
    strong(series, 1, 0.03, [1, 2, 3, 4, 6, 8, 16])
    strong(series + 1, 2, 0.03, [1, 2, 4])
    series += 2
if "threads" in kinds:
    for t in (1, 2, 4, 8):
        add("threads", series, 0, 1, t, "n=256", 0.08 * (0.05 + 0.95 / t), 256 ** 3, 16 * 256 ** 3)
    series += 1
if "weak" in kinds:
    for r in (1, 2, 4, 8, 16):
        n = round(128 * r ** (1 / 3))
        add("weak", series, 10 + r, r, 1, "n=%d" % n, 0.011 * r / (r - 0.2 * (r - 1)) * n ** 3 / r / 128 ** 3,
            n ** 3, 16 * n ** 3 / r, origin="oversubscribed" if r > CORES else "measured",
            note="shares differ by 2 % from the first's: 161 is not 128 x 2^(1/3)" if r == 2 else None)
    series += 1
if "memory" in kinds:
    for k in range(14):
        n = round(16 * 2 ** (k / 2.2))
        size = 16 * n ** 3
        rate = 9e9 if size < 1e6 else 6e9 if size < 32e6 else 2.2e9
        add("memory", series, 100 + k, 4, 1, "n=%d" % n, n ** 3 / rate, n ** 3, size / 4)
    series += 1

figure = lambda best: {"best": best, "median": best, "spread": 0.01}
figures = {"read": (15e9, 60e9), "copy": (12e9, 50e9), "copy_stream": (15e9, 62e9), "triad": (14e9, 56e9),
           "triad_stream": (17e9, 68e9), "fma_f64": (58e9, 464e9), "fma_f32": (116e9, 928e9)}
rungs = [(2 ** k, 211e9 if k < 16 else 116e9 if k < 20 else 60e9 if k < 25 else 15e9) for k in range(12, 28)]
machine = {"schema": "trireme.machine/1", "class": "made-up-8c-16g", "processor": "Made-up 8-core at 3 GHz",
           "mpi": "Open MPI 4.1.4", "written": "2026-01-02T03:04:05Z", "cores": CORES, "ranks": CORES,
           "threads": 1, "memory_bytes": 16 * 2 ** 30, "eager_limit": -1, "host": [{"name": "one", "figures": {}}],
           "figures": {f"{name}.{which}": figure(best) for name, both in figures.items()
                       for which, best in zip(("one", "all"), both)},
           "ladder": [{"bytes": b, "bandwidth": figure(r)} for b, r in rungs]}
study = {"schema": "trireme.study/1", "kernel": "heat", "launcher": "mpirun --bind-to core -n {ranks} {command}",
         "host": HOSTILE if hostile else "made-up", "began": "2026-01-02T03:04:05Z", "seed": 7, "target": 0.02,
         "budget": 600, "repeat": 0, "configs": configs, "machine": machine}
os.makedirs(where, exist_ok=True)
with open(where + "/study.json", "w") as f:
    json.dump(study, f)
with open(where + "/launches.jsonl", "w") as f:
    f.writelines(json.dumps(l) + "\n" for l in launches)
