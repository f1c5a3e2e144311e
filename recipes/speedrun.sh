#!/usr/bin/env bash
# The whole way from labels to shipped weights, readable top to bottom. Two cores, about 75 minutes.
#
#   recipes/speedrun.sh PHOTOS        PHOTOS: the folder that the paths in labels/*.jsonl start from
#
# Every number that the README states comes from the last commands here; recipes/LOG.md says what came out when.
set -euo pipefail
cd "$(dirname "$0")/.."

PHOTOS=${1:?usage: recipes/speedrun.sh PHOTOS}
RUN=runs/$(date +%Y%m%d)-speedrun
export OMP_WAIT_POLICY=PASSIVE   # training and picture making share the cores

# 1. Labels: nothing below is worth its time if these are wrong.
kilpi labels check labels/*.jsonl

# 2. The detector: plates swapped for rendered ones of every country, on the fly. One dial, the minutes.
kilpi train detector --minutes "${MINUTES:-45}" --out "$RUN/detector" --images "$PHOTOS" \
    --labels labels/train-world.jsonl --labels "$PHOTOS/train-road/labels.jsonl"

# 3. The net that sharpens the detector's corners, plate by plate; both belong in one folder.
kilpi train corners --minutes "${CORNER_MINUTES:-15}" --out "$RUN/corners" --images "$PHOTOS" \
    --labels labels/train-world.jsonl
cp "$RUN"/corners/corners.{onnx,json} "$RUN/detector/"

# 4. How good it is: on photos that never gave a gradient.
python recipes/composites.py --labels labels/train-world.jsonl --images "$PHOTOS" --out "$RUN/composites"
kilpi eval detector --labels "$RUN/composites/labels.jsonl" --weights "$RUN/detector"
for set in dev-parking dev-press; do
    kilpi eval detector --labels "$PHOTOS/$set/labels.jsonl" --weights "$RUN/detector" \
        --report "$RUN/detector/$set.html"
done

# 5. The baseline row: the plain box regressor, same photos, same split.
python recipes/baseline_box.py --minutes 8 --images "$PHOTOS" --out "$RUN/baseline-box" \
    --labels labels/train-world.jsonl --labels "$PHOTOS/train-road/labels.jsonl" \
    --test "$PHOTOS/dev-parking/labels.jsonl" --test "$PHOTOS/dev-press/labels.jsonl"

# 6. Ship it: two networks, two files each.
cp "$RUN"/detector/{detector,corners}.{onnx,json} src/kilpi/weights/
