#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The attend authors
# SPDX-License-Identifier: Apache-2.0
#
# From nothing to answers: installs what is missing, builds the attend command and asks the bundled
# models about the given texts, or about sample texts.
# Usage: examples/quickstart.sh [TEXT...]
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

"$root/cmake/install-dependencies.sh"
"$root/cmake/build.sh" release attend_command
attend=$root/build/release/bin/attend

if [[ $# -eq 0 ]]; then
  set -- \
    "A quiet, perfect film with a wonderful cast." \
    "Angela Merkel met Emmanuel Macron in Paris on Monday." \
    "The goalkeeper saved a penalty in the last minute."
fi

echo
echo "Sentiment"
"$attend" sentiment --truncate -- "$@"
echo
echo "Entities"
"$attend" ner -- "$@"
echo
echo "Topics: politics, sport, film, cooking"
"$attend" zero-shot --labels politics,sport,film,cooking -- "$@"
echo
echo "A story"
"$attend" generate --greedy --max-new-tokens 60 "Once upon a time"
