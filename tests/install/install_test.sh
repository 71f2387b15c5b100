#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The attend authors
# SPDX-License-Identifier: Apache-2.0
#
# Installs attend and uses it as strangers do.
# Usage: install_test.sh static BUILD_FOLDER COMPILER   (installs what BUILD_FOLDER holds)
#        install_test.sh shared COMPILER                (builds as a subdirectory of a consumer)
set -euo pipefail
consumer=$(cd "$(dirname "${BASH_SOURCE[0]}")/consumer" && pwd)
root=$(cd "$consumer/../../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
unset ATTEND_MODELS
# As cmake/build.sh does.
if command -v ninja >/dev/null; then export CMAKE_GENERATOR=${CMAKE_GENERATOR-Ninja}; fi
if command -v ccache >/dev/null; then
  export CMAKE_CXX_COMPILER_LAUNCHER=${CMAKE_CXX_COMPILER_LAUNCHER-ccache}
fi

quietly() { "$@" >"$work/log" 2>&1 || { cat "$work/log"; echo "failed: $*"; exit 1; }; }

# expect TEXT COMMAND...: the command succeeds and prints TEXT.
expect() {
  local text=$1 printed
  shift
  printed=$("$@" 2>&1) || { echo "failed: $*: $printed"; exit 1; }
  [[ $printed == *"$text"* ]] || { echo "$*: wanted \"$text\", got \"$printed\""; exit 1; }
}

configure() { # configure FOLDER OPTION...
  local folder=$1
  shift
  quietly cmake -S "$consumer" -B "$folder" -DCMAKE_CXX_COMPILER="$compiler" "$@"
}

# The models of a prefix get a label of their own, so that others cannot stand in for them.
mark_models() { sed -i 's/"POSITIVE"/"INSTALLED"/' "$1/share/attend/models/sentiment/config.json"; }

case $1 in
  static)
    build=$2 compiler=$3 prefix=$work/prefix
    quietly cmake --install "$build" --prefix "$prefix"
    mark_models "$prefix"
    expect INSTALLED "$prefix/bin/attend" sentiment "A quiet, perfect film."

    echo "find_package, with other flags than the library's"
    configure "$work/found" -DCMAKE_PREFIX_PATH="$prefix" -DATTEND_COMPONENTS=eigen \
      -DCMAKE_CXX_FLAGS="-march=native -Wall -Werror" -DCMAKE_RUNTIME_OUTPUT_DIRECTORY="$prefix/bin"
    quietly cmake --build "$work/found"
    expect "0.1.0 INSTALLED" "$prefix/bin/consumer"
    expect 12 "$prefix/bin/bridge"

    echo "pkg-config"
    export PKG_CONFIG_PATH=$prefix/lib/pkgconfig
    read -ra flags <<<"$(pkg-config --static --cflags --libs attend)"
    quietly "$compiler" -std=c++20 "$consumer/main.cpp" -o "$prefix/bin/by_pkg_config" "${flags[@]}"
    expect "0.1.0 INSTALLED" "$prefix/bin/by_pkg_config"

    echo "neither Eigen nor json in what a plain program includes"
    included=$("$compiler" -std=c++20 -M "$consumer/main.cpp" "-I$prefix/include")
    [[ ! $included =~ /(eigen3|Eigen|nlohmann)/ ]] || { echo "${BASH_REMATCH[0]} is included"; exit 1; }

    echo "an unknown component is refused"
    ! cmake -S "$consumer" -B "$work/refused" -DCMAKE_PREFIX_PATH="$prefix" \
      -DATTEND_COMPONENTS=unheard_of >/dev/null 2>&1 || { echo "an unknown component was found"; exit 1; }
    ;;
  shared)
    compiler=$2 prefix=$work/prefix
    echo "add_subdirectory"
    # As users build it, many files at once, no file may make another's warnings. Eigen is not there.
    configure "$work/inside" -DATTEND_FOLDER="$root" -DBUILD_SHARED_LIBS=ON -DATTEND_WERROR=ON \
      -DATTEND_INSTALL=ON -DATTEND_BUILD_COMMAND=ON -DCMAKE_INSTALL_PREFIX="$prefix" \
      -DCMAKE_DISABLE_FIND_PACKAGE_Eigen3=ON \
      -DCMAKE_CXX_FLAGS="-march=native -ffast-math"
    quietly cmake --build "$work/inside" --parallel "${ATTEND_BUILD_JOBS:-$(nproc)}"
    expect "0.1.0 POSITIVE" "$work/inside/consumer"

    echo "the shared library, installed"
    quietly cmake --install "$work/inside"
    mark_models "$prefix"
    mv "$prefix" "$work/moved"
    expect INSTALLED "$work/moved/bin/attend" sentiment "A quiet, perfect film."
    # The score of cases.json, whatever flags the project around the library has.
    expect 0.9759 env ATTEND_ISA=baseline "$work/moved/bin/attend" sentiment --json "I love it"
    expect 0.9759 "$work/moved/bin/attend" sentiment --json "I love it"
    configure "$work/found" -DCMAKE_PREFIX_PATH="$work/moved"
    quietly cmake --build "$work/found"
    expect "0.1.0 INSTALLED" "$work/found/consumer"

    echo "pkg-config"
    export PKG_CONFIG_PATH=$work/moved/lib/pkgconfig
    read -ra flags <<<"$(pkg-config --cflags --libs attend)"
    quietly "$compiler" -std=c++20 "$consumer/main.cpp" -o "$work/by_pkg_config" "${flags[@]}" \
      "-Wl,-rpath,$work/moved/lib"
    expect "0.1.0 INSTALLED" "$work/by_pkg_config"
    ;;
esac
