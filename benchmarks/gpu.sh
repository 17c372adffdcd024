#!/usr/bin/env bash
# Everything there is to measure of training on one GPU, in one table:
#
#     benchmarks/gpu.sh [TEXT VALID]
#
# Tokens a second, MFU and peak memory of the 134M model at a sequence of 2,048 in bf16: ours compiled, uncompiled, with
# the document mask and with Muon, and the same batch through Transformers' model and litgpt's; then a profile of our
# step. With a text (CC100 form) and a held-out one, also the longest training of recipes/turkish-134m.toml that fits in
# MINUTES (default 20), its curve and its bits a byte.
#
# To try it without a GPU: DEVICE=cpu SHAPE=tiny SEQUENCE=256 BATCH=4 MINUTES=1 RECIPE=recipes/demo.toml benchmarks/gpu.sh
set -euo pipefail
cd "$(dirname "$0")/.."
python=${PYTHON:-.venv/bin/python}
device=${DEVICE:-cuda} shape=${SHAPE:-134m} sequence=${SEQUENCE:-2048} batch=${BATCH:-16}
minutes=${MINUTES:-20} recipe=${RECIPE:-recipes/turkish-134m.toml} out=${OUT:-runs/gpu}
case $device in
cuda) nvidia-smi --query-gpu=name,memory.total,driver_version --format=csv,noheader ;;
cpu) ;;
*)
    echo "DEVICE = $device: must be cuda or cpu" >&2
    exit 1
    ;;
esac
mkdir -p "$out"
"$python" benchmarks/train.py --device "$device" --shape "$shape" --sequence "$sequence" --batch "$batch" \
    --variants fidan-bf16-compiled fidan-bf16 fidan-bf16-compiled-mask fidan-bf16-compiled-muon \
    transformers-bf16-compiled transformers-bf16 litgpt-bf16-compiled | tee "$out/table.txt"
"$python" benchmarks/train.py --device "$device" --shape "$shape" --sequence "$sequence" --batch "$batch" \
    --profile fidan-bf16-compiled | tee "$out/profile.txt"
if [ $# -eq 2 ]; then
    "$python" -m fidan.cli run "$recipe" --out "$out/run" --max-minutes "$minutes" \
        --set "corpus.sources=['$1']" --set "corpus.valid_sources=['$2']" --set "train.device=$device"
    grep '"valid"' "$out/run/train/metrics.jsonl" | tail -1
    echo "curve: $out/run/train/report.html"
fi
