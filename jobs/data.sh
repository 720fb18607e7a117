#!/bin/sh
# data.sh FILE.h5: the terrain of the main job as an HDF5 file with the dataset
# /elevation, 540 x 1080 cells of 20 arc-minutes, in metres. Real elevations (NOAA
# ETOPO) where TRIREME_DATA, or ../shared/data, has fields/etopo20data.txt.gz;
# otherwise mountains made of sines.
set -eu
file=$1
top=$(cd "$(dirname "$0")/.." && pwd)
source=${TRIREME_DATA:-$top/../shared/data}/fields/etopo20data.txt.gz
[ -s "$file" ] && exit 0
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

if [ -r "$source" ]; then
  echo "terrain: elevation of the Earth, NOAA ETOPO"
  # the last column repeats the first; the first row is the south, here the last
  gzip -dc "$source" | awk '{ $1081 = ""; print }' | tac >"$scratch/data.txt"
else
  echo "terrain: made of sines; no elevation data found"
  awk 'BEGIN { for (i = 0; i < 540; i++) {
    for (j = 0; j < 1080; j++) {
      x = j * 6.283185307179586 / 1080; y = i * 3.141592653589793 / 540
      h = 0; a = 2500
      for (k = 1; k <= 64; k *= 2) {
        h += a * sin(k * x + 1.3 * k) * sin(k * y + 0.7 * k * k); a *= 0.6 }
      printf "%.3f ", h }
    print "" } }' >"$scratch/data.txt"
fi
cat >"$scratch/config" <<END
PATH elevation
INPUT-CLASS TEXTFP
RANK 2
DIMENSION-SIZES 540 1080
OUTPUT-CLASS FP
OUTPUT-SIZE 64
OUTPUT-ARCHITECTURE IEEE
OUTPUT-BYTE-ORDER LE
END
h5import "$scratch/data.txt" -c "$scratch/config" -o "$scratch/out.h5" >/dev/null
mv "$scratch/out.h5" "$file"
