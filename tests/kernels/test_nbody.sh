#!/bin/sh
# TEST timeout=300 cost=40 slow once
# nbody: exact traffic, inputs, the order of the method, the way back, the picture.
set -eu
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
cd "$scratch"

# nbody RANKS WORDS...: a run that has to succeed; result in r.jsonl
nbody() {
  r=$1
  shift
  rm -f r.jsonl
  mpi "$r" run nbody --quiet --result r.jsonl "$@"
  expect_exit 0
}

# h5 PROGRAM [ARGUMENT...]: python with numpy as np, files read by load and kept by
# save, which takes bodies as n x 7
h5() {
  program=$1
  shift
  /usr/bin/python3 -c "
import sys, h5py, numpy as np
names = ['x', 'y', 'z', 'vx', 'vy', 'vz', 'm']
def load(path):
    with h5py.File(path) as f:
        return np.stack([f[n][:] for n in names], axis=1)
def save(path, group, bodies, mass='m'):
    with h5py.File(path, 'w') as f:
        for i, n in enumerate(names[:6] + [mass]):
            f[group + '/' + n] = bodies[:, i]
$program" "$@"
}

# Every rank that owns bodies sends all blocks but one: of n bodies in blocks of whole
# tiles of 64, on any ranks.
traffic() { # BODIES RANKS
  nbody "$2" --n "$1" --steps 3
  blocks=$((($1 + 63) / 64))
  [ "$blocks" -le "$2" ] || blocks=$2
  got="$(key r.jsonl counted.messages) $(key r.jsonl counted.message_bytes)"
  said="$(key r.jsonl work.messages) $(key r.jsonl work.message_bytes)"
  want="$((3 * blocks * (blocks - 1))) $((3 * 16 * $1 * (blocks - 1)))"
  [ "$got" = "$want" ] || fail "$1 bodies, $2 ranks: sent $got, want $want"
  [ "$said" = "$want" ] || fail "$1 bodies, $2 ranks: stated $said, want $want"
}

test_traffic() {
  ranks="1 3 16" # stated and counted on the others: kernel.nbody.check
  [ -z "${TRIREME_TEST_ALL:-}" ] || ranks="1 2 3 4 5 7 8 12 16"
  for r in $ranks; do traffic 1000 "$r"; done
  for n in 1 63 64 65 129; do traffic $n 3; done
  traffic 5 7
  echo "messages and bytes exact on $ranks ranks"
}

# The same bodies as text, as HDF5 in two ways, and as the output of a run.
test_inputs() {
  nbody 2 --n 777 --steps 0 --output start.h5
  h5 '
b = load("start.h5")
save("group.h5", "/a/b", b, "mass")
with open("bodies.csv", "w") as f:
    f.write("x,y,z,vx,vy,vz,m\n# a comment\n\n")
    for row in b.tolist():
        f.write(",".join(map(repr, row)) + "  # and one more\r\n")
np.savetxt("bodies.txt", b, fmt="%.17g", newline=" \n")'
  nbody 1 --n 777 --steps 4
  want=$(key r.jsonl fingerprint)
  for input in start.h5:/ group.h5:/a/b bodies.csv bodies.txt; do
    nbody 3 --input $input --steps 4
    [ "$(key r.jsonl fingerprint)" = "$want" ] ||
      fail "$input: fingerprint $(key r.jsonl fingerprint), want $want"
    [ "$(key r.jsonl options.n)" = 777 ] || fail "$input: not 777 bodies"
  done
  echo "text and HDF5: $want"
}

# Bodies at rest, so that a velocity has all bits of its acceleration, and 64 of a
# kind, as are summed in float: sums that would depend on their order if they were not
# rounded to what doubles hold exactly.
test_uneven() {
  h5 '
rng = np.random.default_rng(3)
b = rng.uniform(-1, 1, (700, 7))
b[:, 3:6] = 0
b[:, 6] = 10.0 ** (-1.5 * (np.arange(700) // 64 * 5 % 11))
save("uneven.h5", "/", b)'
  want=
  for ranks in 1 3 7; do
    nbody $ranks --input uneven.h5:/ --dt 1 --eps 0.5 --steps 1 --no-verify
    : "${want:=$(key r.jsonl fingerprint)}"
    [ "$(key r.jsonl fingerprint)" = "$want" ] ||
      fail "uneven masses, $ranks ranks: $(key r.jsonl fingerprint), want $want"
  done
  echo "uneven masses: $want on 1, 3, 7 ranks"
}

bad() { # WANTED TEXT: a file that is refused
  printf "%b" "$2" >bad.txt
  mpi 3 run nbody --input bad.txt --steps 1 --output never.h5
  refused 2 "$1"
  [ ! -e never.h5 ] || fail "bad input left an output"
}

test_bad() {
  bad 'bad.txt:2: only 6 numbers' '1 2 3 4 5 6 7\n1 2 3 4 5 6\n'
  bad 'bad.txt:1: more than 7 columns' '1 2 3 4 5 6 7 8\n'
  bad 'bad.txt:3: vy is "foo"' '# head\n1 2 3 4 5 6 7\n1,2,3,4,foo,6,7'
  bad 'bad.txt:1: z is "nan"' '1 2 nan 4 5 6 7\n'
  bad 'bad.txt:1: z is "1e999"' '1 2 1e999 4 5 6 7\n'
  bad 'bad.txt:1: m is "-7"' '1 2 3 4 5 6 -7\n'
  bad 'no bodies' '# nothing\n'
  bad 'no bodies' ''
  bad 'not text' '1 2 3 4 5 6 7\n\0000\n'
  bad 'choose other units' '1e10 0 0 0 0 0 1\n'
  mpi 2 run nbody --input nosuch.txt --steps 1
  refused 2 'No such file'
  mpi 2 run nbody --input . --steps 1
  refused 2 'not a regular file'
  mpi 2 run nbody --input start.h5 --steps 1
  refused 2 'FILE.h5:/GROUP'
  mpi 2 run nbody --input group.h5:/a --steps 1
  refused 2 'no such dataset'
  h5 'b = load("start.h5"); b[5, 6] = -1; save("minus.h5", "/", b)
b[5, 6] = np.inf; save("inf.h5", "/", b)'
  mpi 2 run nbody --input minus.h5:/ --steps 1
  refused 2 'a mass is -1'
  mpi 2 run nbody --input inf.h5:/ --steps 1
  refused 2 '1 values are NaN or infinite'
  mpi 2 run nbody --n 100 --eps 1e-6 --steps 1
  refused 2 'use at least 1/2048'
  echo "bad inputs: one line each"
}

# Two bodies on a circle are back after a period but for an error of dt^2.
test_order() {
  for steps in 200 400; do
    h5 '
eps, steps = 0.25, int(sys.argv[1])
v = np.sqrt(2 / (4 + eps**2)**1.5)
save("circle.h5", "/", np.array([[1, 0, 0, 0, v, 0, 1], [-1, 0, 0, 0, -v, 0, 1]]))
print(repr(2 * np.pi / v / steps))' $steps >dt
    nbody 2 --input circle.h5:/ --eps 0.25 --dt "$(cat dt)" --steps $steps \
      --output end.$steps.h5
  done
  h5 '
start, off = load("circle.h5"), []
for steps in 200, 400:
    off.append(np.linalg.norm(load(f"end.{steps}.h5")[0, :3] - start[0, :3]))
print("a circle, 200 and 400 steps: off by %.3e, %.3e, ratio %.3f" %
      (off[0], off[1], off[0] / off[1]))
assert off[0] < 2 * np.pi * (2 * np.pi / 200)**2 and abs(off[0] / off[1] - 4) < 0.1'
}

# Forward, velocities turned round by another program, and as many steps again.
test_reversal() {
  nbody 2 --n 500 --steps 0 --output start.h5
  nbody 3 --n 500 --steps 60 --output there.h5
  h5 'b = load("there.h5"); b[:, 3:6] *= -1; save("turned.h5", "/", b)'
  nbody 2 --input turned.h5:/ --steps 60 --output back.h5
  h5 '
a, there, b = load("start.h5"), load("there.h5"), load("back.h5")
b[:, 3:6] *= -1
moved, off = abs(there - a).max(), abs(b - a).max()
print("60 steps and back: moved %.3g, off by %.3g" % (moved, off))
assert moved > 0.1 and off < 1e-9'
}

# The density is the same to the bit on any ranks and holds nine tenths of the mass.
test_picture() {
  for ranks in 1 3 5; do
    nbody $ranks --n 3000 --steps 1 --output d.$ranks.h5 --picture p.$ranks.png
    cmp p.1.png "p.$ranks.png" || fail "another picture on $ranks ranks"
  done
  h5 '
d = [h5py.File(f"d.{r}.h5")["density"][:] for r in (1, 3, 5)]
assert d[0].shape == (640, 640) and (d[0] == d[1]).all() and (d[0] == d[2]).all()
b = load("d.1.h5")
c = b[:, :2] - b[:, :2].mean(axis=0)
half = 1.05 * np.quantile(abs(c).max(axis=1), 0.95)
mass = (10**d[0]).sum() * (2 * half / 640)**2
print("mass in the picture %.3f" % mass)
assert 0.85 < mass < 1.02
column = (10**d[0]).sum(axis=0); row = (10**d[0]).sum(axis=1)
assert abs(column.argmax() - 320) < 60 and abs(row.argmax() - 320) < 60'
}

# The variant is part of a checkpoint.
test_variant() {
  nbody 1 --n 100 --steps 2 --variant plain --checkpoint sets
  mpi 1 run nbody --checkpoint sets --resume --steps 3 --variant auto
  if grep -q 'variant=plain' out; then
    skip "this processor has nothing but plain C"
  fi
  refused 2 'may not change on resume'
  echo "the variant of a checkpoint stays"
}

# A star cluster as published: energy -1/4, no softening; some 3e-5 of it here.
test_cluster() {
  file=${TRIREME_DATA:-$TRIREME_SOURCE/../shared/data}/particles/plummer40k_salpeter_henon_zams.hdf5
  if [ ! -r "$file" ]; then
    echo "skipped: $file is not at hand"
    return
  fi
  [ -z "$TRIREME_SANITIZE" ] || return 0
  nbody 2 --input "$file:/particles/0000000001/attributes" --eps 0.001 --steps 0
  h5 'import json
r = json.load(open("r.jsonl"))
energy = [c["got"] for c in r["checks"] if c["what"] == "energy"][0]
print("40000 bodies: energy %.6f" % energy)
assert r["options"]["n"] == 40000 and abs(energy + 0.25) < 5e-5'
}

test_inputs
test_uneven
test_bad
test_order
test_reversal
test_picture
test_traffic
test_cluster
test_variant
