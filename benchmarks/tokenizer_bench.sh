#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The attend authors
# SPDX-License-Identifier: Apache-2.0
#
# Measures the tokenizers of a data folder on English documents.
# usage: benchmarks/tokenizer_bench.sh DATA [--benchmark_...]
#   DATA  a folder with tokenizers/ (one folder each) and datasets/ag_news/dev.tsv; files may be
#         gzipped; what is not there is left out
set -euo pipefail
[ $# -ge 1 ] || { sed -n '5,9s/^# //p' "$0"; exit 2; }
root=$(cd "$(dirname "$0")/.." && pwd)
data=$1
shift
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

unpack() {  # file with or without .gz, to
  if [ -f "$1" ]; then cp "$1" "$2"; elif [ -f "$1.gz" ]; then gzip -cd "$1.gz" > "$2"; fi
}

tokenizers=()
# Folders without a configuration get the class of these.
declare -A classes=([bert-base-uncased]=BertTokenizer [gpt2]=GPT2Tokenizer
                    [roberta-base]=RobertaTokenizer [qwen2]=Qwen2Tokenizer
                    [llama-3]=PreTrainedTokenizerFast [t5-small]=T5Tokenizer
                    [xlm-roberta-base-rebuilt]=XLMRobertaTokenizer [llama-2]=LlamaTokenizer
                    [mistral-7b-v0.1]=LlamaTokenizer)
for name in bert-base-uncased gpt2 roberta-base qwen2 llama-3 t5-small xlm-roberta-base-rebuilt \
            llama-2 mistral-7b-v0.1; do
  if [ ! -d "$data/tokenizers/$name" ]; then
    echo "$name: not there, left out"
    continue
  fi
  mkdir "$work/$name"
  for file in "$data/tokenizers/$name"/*; do
    to=$work/$name/$(basename "${file%.gz}")
    [ ! -f "$file" ] || unpack "${file%.gz}" "$to"
  done
  [ -f "$work/$name/tokenizer_config.json" ] ||
    echo "{\"tokenizer_class\": \"${classes[$name]}\"}" > "$work/$name/tokenizer_config.json"
  tokenizers+=("$work/$name")
done
unpack "$data/datasets/ag_news/dev.tsv" "$work/news.tsv"
corpus=()
if [ -f "$work/news.tsv" ]; then
  cut -f 1 "$work/news.tsv" > "$work/news"
  corpus=("--corpus=$work/news")
fi
"$root/build/release/benchmarks/tokenizer_bench" "${corpus[@]}" "${tokenizers[@]}" "$@"
