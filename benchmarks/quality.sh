#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The attend authors
# SPDX-License-Identifier: Apache-2.0
#
# Measures the bundled models on the test sets that their cards name and prints both figures.
# usage: benchmarks/quality.sh DATASETS [QA_MODEL]
#   DATASETS  a folder with sst2/, amazon-electronics/, wnut17/, wikiann-en/, ag_news/, sick/,
#             xquad/ and mlqa-en/ (files may be gzipped); sets that are not there are left out
#   QA_MODEL  a question-answering folder (none is bundled)
set -euo pipefail
[ $# -ge 1 ] || { sed -n '5,9s/^# //p' "$0"; exit 2; }
root=$(cd "$(dirname "$0")/.." && pwd)
data=$1
models=$root/examples/models
program=$root/build/release/benchmarks/quality
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

measure() {  # task, model, file, what the card says
  local file=$data/$3
  [ -f "$file" ] || file=$data/$3.gz
  [ -f "$file" ] || { echo "$1 $3: not there, left out"; return; }
  gzip -cdf "$file" > "$work/data"
  echo "$1 $3: $("$program" "$1" "$2" "$work/data" | tr '\n' ';') card: $4"
}

measure sentiment "$models/sentiment" sst2/dev.tsv "88.65"
measure sentiment "$models/sentiment" sst2/test_labeled.tsv "89.9"
measure sentiment "$models/sentiment" amazon-electronics/test-labeled.tsv "90.6"
measure ner "$models/ner" wnut17/test.conll "49.33, with MISC 40.78"
measure ner "$models/ner" wikiann-en/test "67.18"
measure similarity "$models/embeddings" sick/test.tsv "77.12"
if [ $# -ge 2 ]; then
  measure qa "$2" xquad/xquad.en.json "46.05, F1 61.09"
  measure qa "$2" mlqa-en/dev.json "42.25, F1 57.62"
fi
measure zero-shot "$models/zero-shot" ag_news/test.csv "71.6 (500 items)"
