#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The attend authors
# SPDX-License-Identifier: Apache-2.0
#
# Compares attend with other libraries on the same models: installs them into a virtual environment
# of their own (some 6 GB, because the torch of Linux brings CUDA; llama.cpp is compiled for this
# CPU; CMAKE_ARGS say how, until requirements.txt or $ATTEND_RIVALS is another), builds attend, and
# runs compare.py. Usage: run.sh [--only ...] [--rounds N] ...; run.sh --help lists the options.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$here/../..
work=${ATTEND_RIVALS:-$root/build/rivals}
python=$work/venv/bin/python

mkdir -p "$work"
if [[ ! -f $work/installed.txt ]] || ! cmp -s "$here/requirements.txt" "$work/installed.txt"; then
  rm -rf "$work/venv"
  "${PYTHON:-python3}" -m venv "$work/venv"
  CMAKE_ARGS=${CMAKE_ARGS:--DGGML_NATIVE=ON -DLLAVA_BUILD=OFF} \
    "$python" -m pip install --quiet --requirement "$here/requirements.txt"
  cp "$here/requirements.txt" "$work/installed.txt"
fi
"$root/cmake/build.sh" release attend_command
exec "$python" "$here/compare.py" --work "$work" --attend "$root/build/release/bin/attend" "$@"
