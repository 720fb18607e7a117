#!/bin/sh
# TEST timeout=240 once slow
# Bad input: one line that names what, where and what would be right; exit status
# 2 or 3; no hang; nothing written, nothing lost.
set -eu
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
mpi_timeout=20 # a hang is one; 5 s are promised, less a loaded machine's share
cd "$scratch"

# a data set, and things that are none
/usr/bin/python3 - <<'END'
import h5py, numpy
with h5py.File("in.h5", "w") as f:
    f["good"] = numpy.ones((6, 7))
    f["line"] = numpy.ones(5)
    f["deep"] = numpy.ones((2, 2, 2, 2, 2))
    f["empty"] = numpy.ones((0, 4))
    f["text"] = numpy.array([b"a", b"b"])
    f["nan"] = numpy.array([[1.0, numpy.nan], [2.0, 3.0]])
END
mkdir folder
echo "no data" >text
head -c 700 in.h5 >cut.h5

# words
mpi 2 run haet && refused 2 "haet: no such kernel; did you mean heat?"
alone run && refused 2 "no kernel given"
alone run heat --inputt x && refused 2 "--inputt: no such option; did you mean --input?"
mpi 3 run heat --n 64k && refused 2 '--n=64k: "k" after the number; expected a whole number (unit: cells)'
alone run heat --n 0 && refused 2 "--n=0: out of range; expected 1 to 1e6 cells"
alone run heat --nu 0.5 && refused 2 "--nu=0.5: out of range"
alone run heat --n && refused 2 "--n: value missing"
alone run heat --n 8 --n 9 && refused 2 "--n is given twice: 8 and 9"
alone run heat 8 && refused 2 '"8": not an option'
alone run heat --stores fast && refused 2 "--stores=fast: no such choice; expected auto"
alone run heat --every 5parsec --checkpoint d && refused 2 "--every=5parsec: expected a number of steps"
alone run heat --resume && refused 2 "--resume requires --checkpoint DIR"
mpi 2 run heat --config nowhere && refused 2 "nowhere: No such file"
printf 'n = 8\nnuu = 1\n' >bad.conf
mpi 2 run heat --config bad.conf && refused 2 "bad.conf:2: nuu: no such option; did you mean nu?"
alone lits && refused 2 "lits: no such command; did you mean list?"
alone help heta && refused 2 "did you mean heat?"
alone ckpt && refused 2 "ckpt: no command given"
alone ckpt lss && refused 2 "did you mean ls? (choose from ls, show, verify, diff)"
alone ckpt ls nowhere && refused 2 "nowhere"
alone ckpt show text && refused 3 "text"

# files
for input in missing.h5:/u folder:/u text:/u cut.h5:/good in.h5:/nothing \
  in.h5:/text in.h5:/line in.h5:/deep in.h5:/empty in.h5:/nan in.h5; do
  mpi 3 run heat --input $input --steps 3 --checkpoint d
  refused 2 "${input%%:*}"
  [ ! -e d ] || fail "$input: something was written: $(ls d)"
done
mpi 2 run heat --n 8 --output nowhere/out.h5 && refused 2 "--output=nowhere/out.h5: the directory nowhere"
mpi 2 run heat --n 8 --output folder && refused 2 "--output=folder: is a directory"
mpi 2 run heat --n 8 --output folder/ && refused 2 "--output=folder/: no file name"
mpi 2 run heat --n 8 --output text/out.h5 && refused 2 "the directory text cannot be written to"
mpi 2 run heat --n 8 --picture folder && refused 2 "--picture=folder: is a directory"
mpi 2 run heat --n 8 --result nowhere/r.jsonl && refused 2 "nowhere"
mpi 2 run heat --n 8 --steps 2 --result /dev/full && refused 3 "/dev/full: No space left"
mpi 2 run heat --n 8 --picture /dev/full && refused 2 "not a regular file"
[ -c /dev/full ] || fail "/dev/full was replaced"
mpi 2 run heat --n 8 --steps 2 --checkpoint nowhere/d && refused 2 "nowhere/d"
mpi 2 run heat --n 8 --steps 2 --checkpoint text && refused 2 "text"

left=$(find . -name '*.part')
[ -z "$left" ] || fail "left behind: $left"

# standard output
for words in list help "help heat" version; do
  code=0
  # shellcheck disable=SC2086
  "$TRIREME" $words >/dev/full 2>err || code=$?
  [ $code = 3 ] || fail "$words >/dev/full: exit status $code"
  grep -q '^trireme: standard output: No space left' err || fail "$words >/dev/full: $(cat err)"
done

# checkpoints that do not fit
mpi 2 run heat --n 8 --steps 4 --checkpoint sets --quiet && expect_exit 0
mpi 2 run triad --n 9 --checkpoint sets --resume && refused 2 "kernel heat, not triad"
mpi 2 run triad --n 9 --checkpoint sets && refused 2 "another run"
mpi 2 run heat --n 9 --checkpoint sets --resume && refused 2 "--n=9: the checkpoint was made with 8"
mpi 2 run heat --checkpoint sets --resume --steps 3 && refused 2 "already"
mpi 2 run heat --checkpoint sets --resume --seed 5 && refused 2 "--seed=5: the checkpoint was made with 1"
cp -r sets spoilt
for set in spoilt/*.h5; do truncate -s 100 "$set"; done
mpi 2 run heat --checkpoint spoilt --resume
expect_exit 3
grep -q '^trireme: .*spoilt' "$scratch/err" ||
  fail "a damaged set is not named: $(show_run)"
alone ckpt verify spoilt && expect_exit 3
alone ckpt verify sets && expect_exit 0

# a disk that is full, one that is read-only
TRM_FAULT=write:1+:ENOSPC mpi 2 run heat --n 8 --steps 4 --checkpoint faulty && refused 3 "No space left"
if mount_tmpfs size=400k "$scratch/small"; then
  mpi 3 run heat --n 64 --steps 4 --checkpoint small/d && expect_exit 3 && expect_line "small"
  head -c 390k /dev/zero >small/fill
  mpi 2 run heat --n 8 --steps 4 --result small/r.jsonl --output small/o.h5
  [ "$status" = 3 ] || fail "a full disk: $(show_run)"
else
  echo "skipped: a full disk (needs mount)"
fi
if mount_tmpfs ro "$scratch/ro"; then
  mpi 2 run heat --n 8 --steps 4 --checkpoint ro/d && refused 3 "Read-only"
  mpi 2 run heat --n 8 --steps 4 --result ro/r.jsonl && refused 3 "Read-only"
  mpi 2 run heat --n 8 --steps 4 --output ro/o.h5 && refused 3 "--output=ro/o.h5: the directory ro cannot be written to: Read-only"
else
  echo "skipped: a read-only disk (needs mount)"
fi
alone ckpt verify sets && expect_exit 0
echo "all refused in one line"
