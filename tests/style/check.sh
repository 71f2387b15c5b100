#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The attend authors
# SPDX-License-Identifier: Apache-2.0
#
# The rules of the house that a machine can check. Prints each breach as file: what is wrong.
# Usage: check.sh RULE, in the root of the project; RULE is the name of a function below.
set -euo pipefail
shopt -s extglob

sources() { find "$@" -name '*.h' -o -name '*.cpp' -o -name '*.inl' | sort; }
# Lines of files that match a pattern, comments aside; says why after each.
forbid() {
  local why=$1 pattern=$2
  shift 2
  [[ $# -eq 0 ]] ||
    grep -Hn '' "$@" | sed 's|//.*||' | grep -E "^[^:]*:[0-9]*:.*($pattern)" | sed "s|\$|   <- $why|" || true
}

# An include may only point down; siblings do not include each other.
arrows() {
  local -A level=([core]=0 [text]=1 [ops]=1 [checkpoint]=1 [tokenizer]=2 [batch]=3 [model]=4
                  [task]=5 [pipeline]=6 [cli]=7 [kernels]=1 [architectures]=4)
  local file from included to
  for file in $(sources include/attend src); do
    from=${file#include/attend/}
    from=${from#src/}
    [[ $from == */* ]] || continue # attend.h and fwd.h see everything
    from=${from%%/*}
    [[ -v level[$from] ]] || echo "$file: folder $from has no layer; give it one in $0"
    for included in $(sed -nE 's|^ *#include "(attend/)?([^"]+/[^"]+)".*|\2|p' "$file"); do
      to=${included%%/*}
      case $from:$included in
        "$to":*) ;; # its own folder
        ops:kernels/* | kernels:ops/@(activation|compute_type).h) ;; # the kernels are the private half of ops
        architectures:model/architecture.h | architectures:core/error.h) ;; # a table may refuse a config
        *:kernels/* | *:architectures/* | architectures:*) echo "$file: $included is private" ;;
        batch:tokenizer/!(encoding.h)) echo "$file: batch sees only tokenizer/encoding.h" ;;
        *) [[ -v level[$to] && ${level[$to]} -lt ${level[$from]} ]] ||
             echo "$file: $included does not lie below $from" ;;
      esac
    done
  done
}

# Small files: generated tables are exempt.
sizes() {
  local file lines limit
  for file in $(sources include src | grep -v table) $(sources examples); do
    lines=$(wc -l <"$file")
    case $file in
      include/attend/attend.h) limit=25 ;;
      include/*) limit=250 ;;
      examples/*) limit=40 ;;
      *) limit=500 ;;
    esac
    [[ $lines -le $limit ]] || echo "$file: $lines lines, at most $limit"
  done
}

# What a model is called matters in src/architectures alone, and in the table that gives a
# tokenizer class to folders that name none: tokenizers lie below models.
model_names() {
  local files name
  mapfile -t files < <(sources include src |
    grep -vE '^src/(architectures/.*|tokenizer/tokenizer_class\.cpp)$')
  forbid "no decision by model_type" 'model_type[a-z_]*(\(\))?\)? *[!=]=|[!=]= *[a-z_.]*model_type' "${files[@]}"
  # One table may name several models in arrays of its own: all that end in "_types" count.
  local -a names
  mapfile -t names < <(sed -nE 's/.*\b([a-z0-9]+_)+types\[\] = \{(.*)\};.*/\2/p' src/architectures/*.cpp |
    tr -d ' "' | tr ',' '\n')
  [[ ${#names[@]} -ge $(grep -c '^    &tables::' src/architectures/registry.cpp) ]] ||
    echo "src/architectures: ${#names[@]} names of models are found, fewer than architectures"
  for name in "${names[@]}"; do
    forbid "the name of an architecture" "\"$name\"" "${files[@]}"
  done
}

# Eigen is for those who ask for it, and json stays inside.
packages() {
  local all
  mapfile -t all < <(sources include | grep -v '^include/attend/core/eigen.h$')
  forbid "no Eigen or json in public headers" '#include [<"](Eigen|unsupported|nlohmann)/' "${all[@]}"
  mapfile -t all < <(sources src)
  forbid "Eigen is for the bridge, attend/core/eigen.h" '#include [<"](Eigen|unsupported)/' "${all[@]}"
  mapfile -t all < <(sources src | grep -vE '^src/checkpoint/[^/]*\.cpp$|json[^/]*$')
  forbid "json is for files named so" '#include [<"]nlohmann/' "${all[@]}"
}

# A library never prints, aborts or exits, and says what it includes without views of ranges.
manners() {
  local all
  mapfile -t all < <(sources include src | grep -v '^src/cli/')
  forbid "a library throws" '\b(abort|exit|_Exit|terminate|assert|printf|fprintf|puts|perror)\(' "${all[@]}"
  forbid "a library does not print" 'std::(cout|cerr|clog)\b|#include <(iostream|cassert)>' "${all[@]}"
  mapfile -t all < <(sources include src tests benchmarks examples)
  forbid "not in GCC 12 and clang 14 both" '#include <(ranges|format|expected|print)>' "${all[@]}"
  mapfile -t all < <(sources include)
  forbid "not in headers" 'using namespace' "${all[@]}"
  mapfile -t all < <(sources include src)
  grep -nE 'TODO|FIXME|XXX|HACK' "${all[@]}" | sed 's/$/   <- finish it or drop it/' || true
}

# What is wrong with a text or a tokenizer, its reader can mend: every error says how. The fields of
# JSON and the forms of readers carry their own hint, or none where place and expectation say it all.
hints() {
  local file
  for file in $(sources src/text src/tokenizer); do
    awk -v file="$file" '
      /(^|[^a-z_])fail\((ErrorKind::[a-z_0-9]+|kind),/ { statement = ""; at = FNR }
      at { statement = statement $0 }
      at && /\);$/ {
        if (statement !~ /\.hint =/) print file ":" at ": an error without a hint"
        at = 0
      }' "$file"
  done
}

# Every file says who holds the rights, and then what it is for.
first_lines() {
  local file comment lines
  for file in $(sources include src tests benchmarks examples) \
    $(find cmake tests examples benchmarks .ci -name '*.sh' -o -path .ci/run | sort); do
    mapfile -t lines < <(grep -v '^#!' "$file" | head -n 4)
    case $file in *.sh | .ci/*) comment='#' ;; *) comment='//' ;; esac
    [[ ${lines[0]-} == "$comment SPDX-FileCopyrightText: 2026 The attend authors" &&
       ${lines[1]-} == "$comment SPDX-License-Identifier: Apache-2.0" &&
       ${lines[2]-} == "$comment" && ${lines[3]-} == "$comment "* ]] ||
      echo "$file: wants two SPDX lines, an empty comment line and its purpose"
  done
}

# The top level stays empty.
top_level() {
  local entry
  for entry in *; do
    case $entry in
      CMakeLists.txt | CMakePresets.json | README.md | LICENSE) ;;
      include | src | tests | benchmarks | examples | cmake | build) ;;
      *) [[ ! -e $entry ]] || echo "$entry: nothing else belongs to the top level" ;;
    esac
  done
}

breaches=$("$1")
[[ -z $breaches ]] || { echo "$breaches"; exit 1; }
