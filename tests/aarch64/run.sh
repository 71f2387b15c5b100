#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The attend authors
# SPDX-License-Identifier: Apache-2.0
#
# The tests of core, kernels and ops for AArch64 on an x86-64 machine with Debian: installs the
# cross compiler and the emulator where they lack, builds into build/aarch64 and runs every table.
# Usage: tests/aarch64/run.sh [CTEST ARGUMENT...]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

target=aarch64-linux-gnu
if ! command -v $target-g++ qemu-aarch64 >/dev/null || [[ ! -d /usr/src/googletest ]]; then
  sudo=$([[ $(id -u) -eq 0 ]] || echo sudo)
  $sudo apt-get update -qq
  $sudo apt-get install -y -qq --no-install-recommends \
    g++-aarch64-linux-gnu qemu-user googletest cmake ninja-build
fi

jobs=${ATTEND_BUILD_JOBS:-$(nproc)}
cmake -S tests/aarch64 -B build/aarch64 -G Ninja -DCMAKE_BUILD_TYPE=Debug \
  -DCMAKE_CXX_FLAGS_DEBUG='-O1 -g1' -DCMAKE_SYSTEM_NAME=Linux -DCMAKE_SYSTEM_PROCESSOR=aarch64 \
  -DCMAKE_C_COMPILER=$target-gcc -DCMAKE_CXX_COMPILER=$target-g++ \
  -DCMAKE_CROSSCOMPILING_EMULATOR="qemu-aarch64;-cpu;max;-L;/usr/$target"
cmake --build build/aarch64 --parallel "$jobs"
ctest --test-dir build/aarch64 --parallel "$jobs" --output-on-failure "$@"
