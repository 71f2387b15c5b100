#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The attend authors
# SPDX-License-Identifier: Apache-2.0
#
# Installs what is missing, builds the preset dev and runs every test.
# Usage: tests/run.sh [CTEST ARGUMENT...]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

./cmake/install-dependencies.sh
./cmake/build.sh dev
ctest --preset dev --parallel "$(nproc)" --no-label-summary "$@"
