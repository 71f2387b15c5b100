#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The attend authors
# SPDX-License-Identifier: Apache-2.0
#
# Builds the preset tsan and runs every test that uses threads under the thread sanitizer: the pool,
# the kernels that it cuts up, models of every architecture shared by 16 threads, tasks, pipelines.
# Usage: tests/tsan.sh [SECONDS]   (how long threads share each model; one round when absent)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

if [[ $# -gt 0 ]]; then export ATTEND_SOAK_SECONDS=$1; fi
export TSAN_OPTIONS="halt_on_error=1 ${TSAN_OPTIONS-}"
./cmake/build.sh tsan core_test ops_test model_test task_test pipeline_test

failed=0
run() {  # PROGRAM FILTER
  echo "attend: $1 $2" >&2
  "build/tsan/tests/$1" --gtest_filter="$2" --gtest_brief=1 || failed=1
}
run core_test '*'
run ops_test '*DoNotDepend*:*SameBits*:Gather*:Gate*:Unfold*'
run model_test '*Invariance*'
run task_test 'Threads*:RunItems*:SemanticSearch*:*Batch*'
run pipeline_test '*'
exit "$failed"
