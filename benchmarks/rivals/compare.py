# SPDX-FileCopyrightText: 2026 The attend authors
# SPDX-License-Identifier: Apache-2.0
"""Times attend and its rivals on the same work, round by round in turn. See benchmarks/README.md.

benchmarks/rivals/run.sh calls this; it prints tables in Markdown. Exit status 1 when outputs of a
rival and of attend disagree, or something that was asked for could not be measured.
"""

import argparse
import contextlib
import datetime
import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import time
import zlib

import numpy as np

from engines import ENGINES
from exports import RANDOM, config_of
from shapes import generation_of, kind_of, lengths_of, operations, texts_of

HERE = pathlib.Path(__file__).resolve().parent
SHAPES = "1x16,1x128,8x128,1x512,ragged32"
DTYPES = ("f32", "bf16", "int8", "int4")
# Least cosine with attend's f32: what is below computes something else.
AGREEMENT = {"f32": 0.999999, "bf16": 0.999, "int8": 0.95, "int4": 0.9}
# Of generations so many new ids of f32 must be the same, if there are as many: each of them hangs on
# all before it, but among random logits some two are soon so near that sums in another order choose
# the other. Rounded weights do so at once.
SAME_IDS = 16
FIRST_ROUND = 1
# Threads that wait for work spin a while: the next one to run must not share its cores with them.
PAUSE = 0.2


class Failed(Exception):
    """Something could not be measured; why is the message."""


def pin(cores):
    return lambda: os.sched_setaffinity(0, cores)


class Attend:
    """`attend bench`, a process a round."""

    def __init__(self, args, place, dtype, threads):
        self.command = [args.attend, "bench", "--model", str(place / "folder"), "--dtype", dtype,
                        "--threads", str(threads)]
        self.texts = args.texts
        self.cores = args.cores[:threads]
        self.version = subprocess.run(
            [args.attend, "--version"], capture_output=True, text=True,
            check=True).stdout.split()[-1]
        self.imported_rss = 0
        self.peak_rss = 0
        self.loads, self.peaks, self.bandwidths = [], [], []

    def measure(self, shape, number, calls):
        command = [*self.command, "--shape", shape, "--rounds", str(calls), "--first-round",
                   str(number)]
        if kind_of(shape) == "texts":
            command += ["--texts", str(self.texts)]
        done = subprocess.run(command, capture_output=True, text=True, preexec_fn=pin(self.cores))
        if done.returncode != 0:
            raise Failed(done.stderr.strip().splitlines()[-1])
        found = json.loads(done.stdout)
        self.loads.append(found["load_ms"])
        self.peaks.append(found["peak_gflops"])
        self.bandwidths.append(found["bandwidth_gbs"])
        self.peak_rss = max(self.peak_rss, found["peak_rss_mb"])
        return found

    @property
    def load_ms(self):
        return statistics.median(self.loads)

    def close(self):
        pass


class Rival:
    """A worker (worker.py) that stays for all shapes."""

    def __init__(self, args, name, place, dtype, threads):
        self.lines = args.lines
        made = subprocess.run([sys.executable, HERE / "exports.py", place, "folder",
                               ENGINES[name].exports[dtype]], capture_output=True, text=True)
        if made.returncode != 0:
            raise Failed("no export: " + made.stderr.strip().splitlines()[-1])
        environment = {**os.environ, "OMP_NUM_THREADS": str(threads), "HF_HUB_OFFLINE": "1",
                       "TOKENIZERS_PARALLELISM": "true" if threads > 1 else "false"}
        self.log = (args.work / f"{name}-{dtype}.log").open("w+")
        self.process = subprocess.Popen(
            [sys.executable, HERE / "worker.py", name, dtype, str(threads), place],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log, text=True,
            env=environment, preexec_fn=pin(args.cores[:threads]))
        ready = self.answer()
        self.version = ready["version"]
        self.load_ms = ready["load_ms"]
        self.imported_rss = ready["imported_rss_mb"]
        self.peak_rss = 0

    def answer(self):
        line = self.process.stdout.readline()
        if line:
            return json.loads(line)
        self.process.wait()
        self.log.seek(0)
        raise Failed((self.log.read().strip().splitlines() or ["it stopped"])[-1])

    def measure(self, shape, number, calls):
        wanted = {"shape": shape, "round": number, "calls": calls,
                  "lines": self.lines if kind_of(shape) == "texts" else None}
        try:
            self.process.stdin.write(json.dumps(wanted) + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass  # the answer tells why
        found = self.answer()
        self.peak_rss = max(self.peak_rss, found["peak_rss_mb"])
        return found

    def close(self):
        self.process.stdin.close()
        self.process.wait()
        self.log.close()


def agreement(found, wanted):
    """(cosine, largest difference) of two outputs."""
    a, b = np.array(found["output"]), np.array(wanted["output"])
    if a.shape != b.shape:
        raise Failed(f"an output of {a.shape}, not {b.shape}")
    cosine = float(a @ b / np.linalg.norm(a) / np.linalg.norm(b))
    return {"cosine": cosine, "difference": float(np.abs(a - b).max())}


def same_ids(found, wanted):
    """How many of row 0's new ids are the same before the first that is not."""
    ours, theirs = wanted["output"], found["output"]
    if len(ours) != len(theirs):
        raise Failed(f"{len(theirs)} new tokens, not {len(ours)}")
    differ = [i for i, (a, b) in enumerate(zip(ours, theirs)) if a != b]
    return {"same": differ[0] if differ else len(ours), "of": len(ours)}


def disagrees(close, dtype):
    """Why it is not timed, or nothing."""
    if "cosine" in close:
        wrong = close["cosine"] < AGREEMENT[dtype]
        return f"disagrees: cosine {close['cosine']:.6f}" if wrong else None
    wrong = dtype == "f32" and close["same"] < min(SAME_IDS, close["of"])
    return f"disagrees: {close['same']} of {close['of']} ids are the same" if wrong else None


def compared(key, times, name):
    """Median times of each turn by attend's of the same turn: {key: median, key + "s": all}."""
    if "attend" not in times:
        return {}
    ratios = [statistics.median(theirs) / statistics.median(ours)
              for theirs, ours in zip(times[name], times["attend"])]
    return {key: statistics.median(ratios), key + "s": ratios}


def spread(record, key):
    """A ratio with the least and the largest."""
    if key not in record:
        return "-"
    ratios = record[key + "s"]
    return f"{record[key]:.2f} ({min(ratios):.2f}-{max(ratios):.2f})"


def number(record, key, digits, scale=1):
    return f"{scale * record[key]:.{digits}f}" if key in record else "-"


def table(header, rows):
    print("| " + " | ".join(header) + " |")
    print("|" + " --- |" * len(header))
    for row in rows:
        print("| " + " | ".join(row) + " |")
    print(flush=True)


class Comparison:
    """One model, type and number of threads."""

    def __init__(self, args, place, dtype, threads, known):
        self.args, self.place, self.dtype, self.threads = args, place, dtype, threads
        self.failed = []
        self.records = []
        self.runners = {"attend": Attend(args, place, dtype, threads)}
        self.reference = Attend(args, place, "f32", threads)
        self.known = known  # what the reference made of shapes
        self.config = config_of(place)

    def start_rivals(self, shapes):
        for name in self.args.only:
            kind = ENGINES[name]
            if self.dtype not in kind.exports or not any(
                    kind.runs(shape, self.config) for shape in shapes):
                continue
            try:
                self.runners[name] = Rival(self.args, name, self.place, self.dtype, self.threads)
            except Failed as why:
                self.fail(name, why)

    def fail(self, what, why):
        self.failed.append(f"{what}: {why}")
        print(f"not measured: {self.place.name} {self.dtype} {what}: {why}", file=sys.stderr)

    def of_shape(self, shape):
        """Those that can run it, and how far each is from attend's f32."""
        if shape not in self.known:
            self.known[shape] = self.reference.measure(shape, FIRST_ROUND, 1)
        compare = same_ids if kind_of(shape) == "generation" else agreement
        close = {}
        for name, runner in self.runners.items():
            if name != "attend" and not ENGINES[name].runs(shape, self.config):
                continue
            is_reference = name == "attend" and self.dtype == "f32"
            try:
                output = self.known[shape] if is_reference else runner.measure(
                    shape, FIRST_ROUND, 1)
                found = compare(output, self.known[shape])
            except Failed as why:
                self.fail(f"{name} {shape}", why)
                continue
            if why := disagrees(found, self.dtype):
                self.fail(f"{name} {shape}", why)
            else:
                close[name] = found
        return close

    def time_shape(self, shape):
        try:
            close = self.of_shape(shape)
        except Failed as why:
            self.fail(f"attend f32 {shape}", why)
            return []
        rounds = {name: [] for name in close}
        names = list(close)
        for number in range(self.args.rounds):
            for name in names[number % len(names):] + names[: number % len(names)]:
                time.sleep(PAUSE)
                first = FIRST_ROUND + 1 + number * self.args.calls
                rounds[name].append(self.runners[name].measure(shape, first, self.args.calls))
        return [self.record(shape, name, close[name], rounds) for name in names]

    def record(self, shape, name, close, rounds):
        times = {one: [turn["ms"] for turn in turns] for one, turns in rounds.items()}
        calls = [call for turn in times[name] for call in turn]
        record = {"model": self.place.name, "dtype": self.dtype, "threads": self.threads,
                  "shape": shape, "engine": name, "median": statistics.median(calls),
                  "min": min(calls), "rounds": times[name], **close,
                  **compared("ratio", times, name)}
        kind = kind_of(shape)
        if kind == "tokens" and self.peak:
            work = operations(lengths_of(shape), self.config)
            record["peak"] = work / record["median"] / self.peak / 1e6
        if kind == "generation":
            record |= self.generation(shape, name, rounds)
        self.records.append(record)
        return record

    def generation(self, shape, name, rounds):
        """Of the parts before and after the first token; shares are those of attend's work."""
        lengths, new, _ = generation_of(shape)
        turns = rounds[name]
        first = statistics.median(time for turn in turns for time in turn["first_ms"])
        out = {"first": first}
        cost = rounds.get("attend", [None])[0]
        if new == 1:
            if cost and self.peak:
                out["peak"] = cost["first_operations"] / first / self.peak / 1e6
            return out
        steps = {one: [[(whole - begin) / (new - 1)
                        for whole, begin in zip(turn["ms"], turn["first_ms"])] for turn in turns]
                 for one, turns in rounds.items()}
        step = statistics.median(time for turn in steps[name] for time in turn)
        out |= {"step": step, "tokens": 1e3 * len(lengths) / step,
                **compared("step_ratio", steps, name)}
        if name == "attend":
            out["read"] = cost["step_bytes"] / step / self.bandwidth / 1e6
        return out

    @property
    def bandwidth(self):
        return statistics.median(self.runners["attend"].bandwidths)

    @property
    def peak(self):
        """Of attend's runs with this type; the arithmetic of f32 where it has no such type."""
        peaks = self.runners["attend"].peaks
        return statistics.median(peaks) if peaks else 0

    def run(self, shapes):
        self.start_rivals(shapes)
        print(f"### {self.place.name}, {self.dtype}, {self.threads} thread(s)\n")
        rows = {False: [], True: []}
        for shape in shapes:
            load = os.getloadavg()[0]
            generates = kind_of(shape) == "generation"
            for record in self.time_shape(shape):
                row = self.generation_row(record) if generates else self.row(record)
                rows[generates].append([*row, f"{load:.1f}"])
        common = ["shape", "engine", "median ms", "min ms", "ratio to attend (per round)"]
        for generates, names in ((False, ["% of peak", "cosine", "max difference"]),
                                 (True, ["first ms", "ms a step", "ratio of it (per round)",
                                         "tokens/s", "% of peak", "% of read", "same ids"])):
            if rows[generates]:
                table([*common, *names, "load average"], rows[generates])
        self.print_memory()
        for why in self.failed:
            print(f"Not measured: {why}\n")

    def common_row(self, record):
        return [record["shape"], record["engine"], f"{record['median']:.2f}",
                f"{record['min']:.2f}", spread(record, "ratio")]

    def row(self, record):
        return [*self.common_row(record), number(record, "peak", 0, 100),
                f"{record['cosine']:.6f}", f"{record['difference']:.2g}"]

    def generation_row(self, record):
        return [*self.common_row(record), number(record, "first", 2), number(record, "step", 3),
                spread(record, "step_ratio"), number(record, "tokens", 1),
                number(record, "peak", 0, 100), number(record, "read", 0, 100),
                f"{record['same']} of {record['of']}"]

    def print_memory(self):
        attend = self.runners["attend"]
        if attend.peaks:
            print(f"Peak of this run {self.peak:.0f} GFLOP/s, read "
                  f"{statistics.median(attend.bandwidths):.1f} GB/s.\n")
        table(["engine", "version", "load ms", "peak RSS MiB", "of it after import MiB"],
              [[name, one.version, f"{one.load_ms:.0f}", f"{one.peak_rss:.0f}",
                f"{one.imported_rss:.0f}"]
               for name, one in self.runners.items() if one.peak_rss])

    def close(self):
        for runner in self.runners.values():
            with contextlib.suppress(OSError):
                runner.close()


def place_of(args, model):
    """Where a model and its exports are; a path is a folder of the user's."""
    if model in RANDOM:
        place = args.work / "models" / model
        place.mkdir(parents=True, exist_ok=True)
        return place
    folder = pathlib.Path(model).resolve()
    if not (folder / "config.json").is_file():
        sys.exit(f"no model: {model}; known are {', '.join(RANDOM)}, or a folder")
    place = args.work / "models" / f"{folder.name}-{zlib.crc32(bytes(folder)):08x}"
    place.mkdir(parents=True, exist_ok=True)
    if not (place / "source").exists():
        (place / "source").symlink_to(folder)
    return place


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    listed = lambda text: [part for part in text.split(",") if part]
    parser.add_argument("--only", type=listed, default=list(ENGINES),
                        help=f"rivals, of {','.join(ENGINES)}; all when absent")
    parser.add_argument("--models", type=listed, default=["bert-base", "minilm-l6"],
                        help=f"of {','.join(RANDOM)}, or folders; bert-base,minilm-l6 when absent")
    parser.add_argument("--shapes", type=listed, default=listed(SHAPES),
                        help=f"as those of attend bench; {SHAPES} when absent")
    parser.add_argument("--dtypes", type=listed, default=["f32", "bf16", "int8"])
    parser.add_argument("--threads", type=lambda text: [int(n) for n in listed(text)],
                        default=[1, 2])
    parser.add_argument("--rounds", type=int, default=5, help="turns that everyone has; 5")
    parser.add_argument("--calls", type=int, default=3, help="timed calls a turn; 3")
    parser.add_argument("--texts", type=pathlib.Path, help="a file, for shapes of texts")
    parser.add_argument("--json", type=pathlib.Path, help="write every time to a file, too")
    parser.add_argument("--attend", default="attend", help="the command")
    parser.add_argument("--work", type=pathlib.Path, required=True, help="models and exports")
    args = parser.parse_args()
    for what, known in ((args.only, ENGINES), (args.dtypes, DTYPES)):
        for one in what:
            if one not in known:
                parser.error(f"{one}: known are {', '.join(known)}")
    readers = {"tokens": lengths_of, "texts": texts_of, "generation": generation_of}
    for shape in args.shapes:
        try:
            readers[kind_of(shape)](shape)
        except ValueError as why:
            parser.error(str(why))
    wanted = [texts_of(shape)[0] for shape in args.shapes if kind_of(shape) == "texts"]
    if wanted and not args.texts:
        parser.error("a shape of texts needs --texts FILE")
    args.lines = lines_of(args.texts)[: max(wanted)] if wanted else []
    args.cores = sorted(os.sched_getaffinity(0))
    if max(args.threads) > len(args.cores):
        parser.error(f"there are {len(args.cores)} cores")
    return args


def lines_of(file):
    """As attend reads them: str.splitlines() cuts at more."""
    return [line.removesuffix("\r") for line in file.read_bytes().decode().split("\n")]


def cpu_name():
    with contextlib.suppress(OSError):
        for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":")[1].strip()
    return platform.machine()


def main():
    args = arguments()
    now = datetime.datetime.now(datetime.timezone.utc)
    print(f"{now:%Y-%m-%d %H:%M} UTC, {cpu_name()}, {len(args.cores)} cores, Python "
          f"{platform.python_version()}; {args.rounds} rounds of {args.calls} calls\n")
    records, failed = [], []
    for model in args.models:
        place = place_of(args, model)
        subprocess.run([sys.executable, HERE / "exports.py", place, "folder"], check=True)
        known = {}
        for dtype in args.dtypes:
            for threads in args.threads:
                comparison = Comparison(args, place, dtype, threads, known)
                try:
                    comparison.run(args.shapes)
                finally:
                    comparison.close()
                records += comparison.records
                failed += comparison.failed
    if args.json:
        args.json.write_text(json.dumps(records, indent=1) + "\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
