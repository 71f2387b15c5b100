#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The attend authors
# SPDX-License-Identifier: Apache-2.0
#
# Configures and builds one preset, quietly unless it fails; ninja and ccache are used when there.
# Usage: cmake/build.sh PRESET [TARGET...]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
preset=$1
shift

if command -v ccache >/dev/null; then
  export CMAKE_CXX_COMPILER_LAUNCHER=${CMAKE_CXX_COMPILER_LAUNCHER-ccache}
fi
configure=(cmake --preset "$preset")
if [[ ! -f build/$preset/CMakeCache.txt ]] && command -v ninja >/dev/null; then
  configure+=(-G Ninja)
fi
build=(cmake --build --preset "$preset" --parallel "${ATTEND_BUILD_JOBS:-$(nproc)}")
[[ $# -eq 0 ]] || build+=(--target "$@")

mkdir -p "build/$preset"
log=build/$preset/build.log
echo "attend: building $preset (log: $log)" >&2
if ! { "${configure[@]}" && "${build[@]}"; } >"$log" 2>&1; then
  grep -E -A 20 'error|Error' "$log" >&2 || tail -n 60 "$log" >&2
  echo "attend: building $preset failed; the whole log is $log" >&2
  exit 1
fi
