#!/usr/bin/env bash
# The whole way from labels to shipped weights, readable top to bottom. Two cores: about three and a half hours.
#
#   recipes/speedrun.sh PHOTOS        PHOTOS: the folder that the paths in labels/*.jsonl start from
#   MINUTES=1 CARS=45 recipes/speedrun.sh …   a rehearsal: trainings this short, from the shipped weights on so
#                                             that each step has something to see; not for shipping
#
# The numbers that the README states come from the eval commands here; recipes/LOG.md says what came out when.
set -euo pipefail
cd "$(dirname "$0")/.."

PHOTOS=${1:?usage: recipes/speedrun.sh PHOTOS}
RUN=${RUN:-runs/$(date +%Y%m%d)-speedrun}
WEIGHTS=$RUN/weights             # what has been trained so far; each network learns from what those before it see
START=(${MINUTES:+--from shipped})
LABELS=(--labels labels/train-world.jsonl --labels labels/train-road.jsonl --images "$PHOTOS")
mkdir -p "$WEIGHTS"

# 1. Labels: nothing below is worth its time if these are wrong.
kilpi labels check labels/*.jsonl

# 2. The detector: plates swapped for rendered ones of every country, on the fly. One dial, the minutes. Of
#    train-road it takes all frames with the boxes they came with: finding needs no corners.
kilpi train detector --minutes "${MINUTES:-60}" "${START[@]}" --out "$RUN/detector" --images "$PHOTOS" \
    --labels labels/train-world.jsonl --labels "$PHOTOS/train-road/labels.jsonl"
cp "$RUN"/detector/detector.{onnx,json} "$WEIGHTS"

# 3. The net that sharpens the detector's corners, plate by plate.
kilpi train corners --minutes "${MINUTES:-25}" "${START[@]}" --out "$RUN/corners" --images "$PHOTOS" \
    --labels labels/train-world.jsonl
cp "$RUN"/corners/corners.{onnx,json} "$WEIGHTS"

# 4. The reader: marks of every grammar, drawn into the same photos and cut out as a detector would.
kilpi train reader --minutes "${MINUTES:-80}" "${START[@]}" --out "$RUN/reader" "${LABELS[@]}"
cp "$RUN"/reader/reader.{onnx,json} "$WEIGHTS"

# 5. The verifier: composed cars through the three networks above. Composing takes longer than learning.
KILPI_WEIGHTS=$WEIGHTS kilpi train verifier --minutes "${MINUTES:-4}" --cars "${CARS:-4500}" \
    --out "$RUN/verifier" "${LABELS[@]}"
cp "$RUN"/verifier/verifier.{onnx,json} "$WEIGHTS"

# 6. How good they are: on photos that never gave a gradient.
export KILPI_WEIGHTS=$WEIGHTS
python recipes/composites.py --labels labels/train-world.jsonl --images "$PHOTOS" --out "$RUN/composites"
python recipes/nordic_test_set.py "$RUN/nordic" --labels labels/train-world.jsonl --images "$PHOTOS"
kilpi eval detector --labels "$RUN/composites/labels.jsonl"
for set in dev-parking dev-press; do
    kilpi eval detector --labels "$PHOTOS/$set/labels.jsonl" --report "$RUN/detector/$set.html"
    kilpi eval all --labels "$PHOTOS/$set/labels.jsonl"
done
for set in "$PHOTOS/dev-crops" "$RUN/nordic"; do
    kilpi eval reader --labels "$set/labels.jsonl" --report "$RUN/reader/$(basename "$set").html"
done
kilpi eval decision --cars "$RUN/verifier" --report "$RUN/verifier/report.html"
kilpi eval decision --cars "$PHOTOS/dev-parking/labels.jsonl"

# 7. The baseline row: the seed's plain box regressor, same photos, same split.
python recipes/baseline_box.py --minutes "${MINUTES:-8}" --images "$PHOTOS" --out "$RUN/baseline-box" \
    --labels labels/train-world.jsonl --labels "$PHOTOS/train-road/labels.jsonl" \
    --test "$PHOTOS/dev-parking/labels.jsonl" --test "$PHOTOS/dev-press/labels.jsonl"

# 8. To ship them: cp "$WEIGHTS"/* src/kilpi/weights/ and write down in recipes/LOG.md what came out.
echo "the networks are in $WEIGHTS"
