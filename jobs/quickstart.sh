#!/bin/sh
# A first result on a fresh machine: installs what is missing, builds, and diffuses a
# terrain (see data.sh) on 2 ranks, with checkpoints and a picture.
# Running it again takes seconds. It works in the folder above.
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
cd "$top"
# shellcheck source=jobs/setup.sh
. jobs/setup.sh

# shellcheck disable=SC2086
setup_packages $packages_build
setup_mpi
setup_build release -DTRIREME_TESTS=OFF -DTRIREME_BENCHMARKS=OFF

out=build/quickstart
mkdir -p "$out"
sh jobs/data.sh "$out/terrain.h5"

rm -rf "$out/checkpoints" "$out/result.jsonl"
timeout 300 mpirun -n 2 build/trireme run heat \
  --input "$out/terrain.h5:/elevation" --steps 200 \
  --checkpoint "$out/checkpoints" --every 50 \
  --output "$out/final.h5" --picture "$out/terrain.png" \
  --result "$out/result.jsonl"

cat <<END

in $top:
the result      $out/result.jsonl
the checkpoints $out/checkpoints    build/trireme ckpt ls $out/checkpoints
the field       $out/final.h5, $out/final.xdmf for ParaView
the picture     $out/terrain.png

Continue on another number of ranks, with the same bits as an uninterrupted run:
  . jobs/setup.sh && setup_mpi   # once per shell: more ranks than cores, or root
  mpirun -n 1 build/trireme run heat --checkpoint $out/checkpoints --resume --steps 300
Your own kernel: kernels/README.md
END
