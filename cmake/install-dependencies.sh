#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The attend authors
# SPDX-License-Identifier: Apache-2.0
#
# Installs what attend is built from, on Debian and Ubuntu, as root or through sudo.
# What is there already is left alone: a second run does nothing and needs no network.
# Usage: install-dependencies.sh [PACKAGE...]   (packages wanted besides the usual ones)
set -euo pipefail

packages=(
  g++ cmake make pkg-config
  nlohmann-json3-dev libonig-dev libutf8proc-dev                    # library
  libcli11-dev                                                      # command
  libgtest-dev libbenchmark-dev libsentencepiece-dev libeigen3-dev  # tests
  "$@"
)

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
  echo "attend: this is not Debian or Ubuntu; please install what these packages hold:" >&2
  echo "  ${packages[*]}" >&2
  exit 1
fi

missing=()
for package in "${packages[@]}"; do
  status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
  [[ $status == installed ]] || missing+=("$package")
done
[[ ${#missing[@]} -gt 0 ]] || exit 0

if [[ $(id -u) -eq 0 ]]; then
  as_root=(env)
elif command -v sudo >/dev/null; then
  as_root=(sudo env)
else
  echo "attend: these packages are missing, and neither root rights nor sudo are there:" >&2
  echo "  ${missing[*]}" >&2
  echo "Please have them installed: apt-get install ${missing[*]}" >&2
  exit 1
fi

echo "attend: installing ${missing[*]}" >&2
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! { "${as_root[@]}" apt-get update &&
       "${as_root[@]}" DEBIAN_FRONTEND=noninteractive \
         apt-get install --yes --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
  cat "$log" >&2
  echo "attend: installing failed; the lines above say why" >&2
  exit 1
fi
