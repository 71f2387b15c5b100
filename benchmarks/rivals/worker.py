# SPDX-FileCopyrightText: 2026 The attend authors
# SPDX-License-Identifier: Apache-2.0
"""One rival in a process of its own: answers compare.py in lines of JSON.

Usage: worker.py ENGINE DTYPE THREADS PLACE, pinned to its cores by the one who starts it.
Writes {"version", "load_ms", "imported_rss_mb"}; then, for each line {"shape", "round", "calls",
"lines"}, {"ms", "first_ms", "checksum", "output", "peak_rss_mb"}, as `attend bench` does.
"""

import json
import os
import pathlib
import sys
import time

from engines import ENGINES
from exports import config_of, made

WARM_UP_ROUND = 999
WARM_UPS = 3


def peak_rss_mb():
    status = pathlib.Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def main():
    # What libraries print must not come between the lines.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)

    def answer(value):
        answers.write(json.dumps(value) + "\n")
        answers.flush()

    name, dtype, threads, place = sys.argv[1:]
    place = pathlib.Path(place)
    kind = ENGINES[name]
    engine = kind(dtype, int(threads))
    path = made(place, kind.exports[dtype])
    imported = peak_rss_mb()
    begin = time.perf_counter()
    engine.load(path)
    answer({"version": engine.version, "load_ms": 1e3 * (time.perf_counter() - begin),
            "imported_rss_mb": imported})
    vocabulary = config_of(place)["vocab_size"]
    for line in sys.stdin:
        wanted = json.loads(line)
        source = {"vocabulary": vocabulary, "lines": wanted["lines"]}

        def inputs(number):
            return engine.inputs(wanted["shape"], number, source)

        def once(number):
            given = inputs(number)
            begin = time.perf_counter()
            result = engine.call(given)
            taken = 1e3 * (time.perf_counter() - begin)
            return taken, *engine.outputs(result), engine.first_ms(given)

        with engine.around():
            for _ in range(WARM_UPS):  # each time: others ran since the last
                engine.warm_up(inputs(WARM_UP_ROUND))
            calls = [once(wanted["round"] + i) for i in range(wanted["calls"])]
        ms, sums, outputs, first = zip(*calls)
        answer({"ms": ms, "checksum": float(sum(sums)), "output": outputs[0].tolist(),
                "first_ms": first, "peak_rss_mb": peak_rss_mb()})


if __name__ == "__main__":
    main()
