#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The attend authors
# SPDX-License-Identifier: Apache-2.0
#
# Mutated model folders in numbers that no test run has time for: COUNT of every model type, spread
# over its heads, and of each other form of a folder (mutation_test.cpp). Ends with the totals.
# Usage: tests/fuzz/mutations.sh [COUNT [PRESET]]   (10000, dev; asan-ubsan is about ten times slower)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

export ATTEND_MUTATIONS=${1:-10000}
preset=${2:-dev}
./cmake/build.sh "$preset" fuzz_test
program=build/$preset/tests/fuzz_test
logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT

# A process for each processor; what one of them finds does not stop the others.
jobs=$(nproc)
pids=()
for ((i = 0; i < jobs; ++i)); do
  GTEST_TOTAL_SHARDS=$jobs GTEST_SHARD_INDEX=$i \
    "$program" --gtest_filter='*Mutation*:MutatedFamilies.*' --gtest_brief=1 >"$logs/$i" 2>&1 &
  pids+=($!)
done
failed=0
for pid in "${pids[@]}"; do wait "$pid" || failed=1; done

cat "$logs"/*
awk '/ mutations of / {
       for (i = 1; i < NF; ++i) if ($(i + 1) == "mutations") { total += $i; ++folders }
       for (i = 1; i < NF; ++i) if ($i ~ /files:$/) for (j = i + 1; j < NF; j += 2) outcomes[$j] += $(j + 1)
     }
     END {
       printf "%d mutations of %d folders:", total, folders
       for (name in outcomes) printf " %s %d", name, outcomes[name]
       print ""
     }' "$logs"/*
exit "$failed"
