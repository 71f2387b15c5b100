#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The attend authors
# SPDX-License-Identifier: Apache-2.0
#
# Measures the bundled models with `attend evaluate` on the test sets that their cards name, and
# prints both figures.
# usage: benchmarks/quality.sh DATASETS [QA_MODEL]
#   DATASETS  a folder with sst2/, amazon-electronics/, wnut17/, wikiann-en/, ag_news/, sick/,
#             xquad/ and mlqa-en/ (files may be gzipped); sets that are not there are left out
#   QA_MODEL  a question-answering folder (none is bundled)
set -euo pipefail
[ $# -ge 1 ] || { sed -n '5,10s/^# //p' "$0"; exit 2; }
root=$(cd "$(dirname "$0")/.." && pwd)
data=$1
program=$root/build/release/bin/attend

lines_of() { # a file of line numbers, or nothing for all lines
  if [ -z "$1" ]; then
    cat
  else
    awk 'NR == FNR { for (i = 1; i <= NF; i++) wanted[$i]; next } FNR in wanted' "$1" -
  fi
}

# Of a set, the lines in the file $keep, if it is set.
measure() { # file, what the card says, task and options
  local file=$data/$1 card=$2
  shift 2
  [ -f "$file" ] || file=$file.gz
  [ -f "$file" ] || { echo "$1 ${file#"$data"/}: not there, left out"; return; }
  # WikiANN has the language in front of every word. Figures stand between the blank lines.
  echo "$1 ${file#"$data"/}: $(gzip -cdf "$file" | sed 's/^en://' | lines_of "${keep:-}" |
    "$program" evaluate "$@" --data - | awk '!NF { block++ } block == 1 && NF { printf "%s %s, ", $1, $2 }')card $card"
}

wnut_types=person=PER,location=LOC,corporation=ORG,group=ORG,creative-work=MISC,product=MISC
news_topics="1=world,2=sports,3=business,4=science and technology"

measure sst2/dev.tsv 88.65 sentiment --format tsv
measure sst2/test_labeled.tsv 89.9 sentiment --format tsv
measure amazon-electronics/test-labeled.tsv 90.6 sentiment --format tsv
measure wnut17/test.conll 49.33 ner --format conll --label-map $wnut_types --ignore-labels MISC
measure wnut17/test.conll "40.78 with MISC" ner --format conll --label-map $wnut_types
measure wikiann-en/test 67.18 ner --format conll --ignore-labels MISC
measure sick/test.tsv 77.12 similarity --format tsv \
  --columns text=sentence_A,pair=sentence_B,score=relatedness_score
if [ $# -ge 2 ]; then
  measure xquad/xquad.en.json "46.05, F1 61.09" qa --format squad --model "$2"
  measure mlqa-en/dev.json "42.25, F1 57.62" qa --format squad --model "$2"
fi
# The card has 71.6 for 500 items, with this template and with the usual one: those that the package
# datasets draws by Dataset.shuffle(seed=42) give the same two figures. ag_news_items.txt has their
# lines.
lines=$root/benchmarks/ag_news_items.txt
news=(zero-shot --format csv --columns label=1,text=2,text=3 --join ". " --label-map "$news_topics")
keep=$lines measure ag_news/test.csv "71.6 (500 items)" "${news[@]}"
keep=$lines measure ag_news/test.csv "71.6 (500 items)" "${news[@]}" --template "This text is about {}."
measure ag_news/test.csv "71.6 (500 items; here all)" "${news[@]}"
