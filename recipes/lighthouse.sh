#!/bin/sh
# Lighthouse's scores of public pages, on its phone profile, with Debian's chromium.
#
#   recipes/lighthouse.sh out/lighthouse http://127.0.0.1:8765/stock/ http://127.0.0.1:8765/stock/golf/advert.html
#
# One HTML report and one JSON a page in the folder named first; a line of scores a page on standard output.
# Lighthouse is not a part of Kilpi: npx fetches it (needs node 20 or newer). Exit code 1 where a score is below 95.
set -eu

VERSION=${LIGHTHOUSE:-13.5.0}
out=$1
shift
mkdir -p "$out"
CHROME_PATH=${CHROME_PATH:-$(command -v chromium || command -v chromium-browser || command -v google-chrome)}
export CHROME_PATH
failed=0
number=0
for url in "$@"; do
    number=$((number + 1))
    ${LIGHTHOUSE_BIN:-npx --yes "lighthouse@$VERSION"} "$url" --quiet --form-factor=mobile --output=json --output=html \
        --output-path="$out/$number" --chrome-flags="--headless=new --no-sandbox --disable-gpu" \
        --only-categories=performance,accessibility,best-practices,seo
    node -e '
        const report = require(require("path").resolve(process.argv[1]));
        const scores = Object.values(report.categories).map((one) => [one.title, Math.round(100 * one.score)]);
        const paint = report.audits["largest-contentful-paint"].displayValue;
        const shift = report.audits["cumulative-layout-shift"].displayValue;
        console.log(report.finalDisplayedUrl, ...scores.map((one) => one.join(" ")), "LCP", paint, "CLS", shift);
        process.exit(scores.some(([, score]) => score < 95) ? 1 : 0);
    ' "$out/$number.report.json" || failed=1
done
exit $failed
