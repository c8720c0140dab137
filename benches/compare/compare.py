"""Runs ensample and what people use today, alternating, and prints a Markdown table: see scripts/compare."""

import argparse
import json
import os
import pathlib
import platform
import re
import shlex
import statistics
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
WORK = HERE.parents[1] / "target-compare"  # where what is made goes
# What scripts/compare tells: benches/kernels.rs, compiled; the applications; the launcher.
KERNELS = os.environ.get("ENSAMPLE_KERNELS", "")
APPLICATIONS = pathlib.Path(os.environ.get("ENSAMPLE_APPLICATIONS", ""))
MPIRUN = os.environ.get("ENSAMPLE_MPIRUN", "mpirun")
PYTHON = sys.executable
CPU = pathlib.Path("/proc/cpuinfo").read_text()
DRAWS = 10_000

# One thread each; whole jobs have two processes.
ONE_THREAD = {f"{name}_NUM_THREADS": "1" for name in ("MKL", "OMP", "OPENBLAS", "NUMBA")}
ENVIRONMENT = {**os.environ, **ONE_THREAD, "PYTHONPATH": f"{HERE}:{WORK}",
               "IPYTHONDIR": str(WORK / "ipython"), "CRITERION_HOME": str(WORK / "criterion")}


def fail(message):
    sys.exit(f"compare: {message}")


def run(command, **more):
    done = subprocess.run(command, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **more)
    if done.returncode != 0:
        fail(f"{shlex.join(map(str, command))} ended with status {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


class Bench:
    """A kernel in Rust, by benches/kernels.rs."""

    def __init__(self, function, name):
        self.function, self.name, self.note = function, name, ""

    def begin(self, row):
        self.row = row

    def seconds(self):
        run([KERNELS, "--bench", "--noplot", "--warm-up-time", "0.3", "--measurement-time", "1", "--sample-size", "10",
             "--nresamples", "1000", f"^{self.row}/{self.function}$"])
        folder = WORK / "criterion" / self.row / self.function / "new"
        estimate = json.loads((folder / "estimates.json").read_text())["median"]["point_estimate"]
        items = json.loads((folder / "benchmark.json").read_text())["throughput"]["Elements"]
        return estimate * 1e-9 / items

    def end(self):
        pass


class Program:
    """A kernel in Python, by a program that stays and measures when it is asked to."""

    def __init__(self, library, name, preload=None):
        self.library, self.name, self.preload = library, name, preload

    def begin(self, row):
        environment = {**ENVIRONMENT, "LD_PRELOAD": str(self.preload)} if self.preload else ENVIRONMENT
        command = [PYTHON, HERE / f"with_{self.library}.py", row]
        self.process = subprocess.Popen(
            command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.note = self.answer()["note"]

    def answer(self):
        line = self.process.stdout.readline()
        return json.loads(line) if line else fail(f"with_{self.library}.py has ended")

    def seconds(self):
        print(file=self.process.stdin, flush=True)
        return self.answer()

    def end(self):
        self.process.stdin.close()
        self.process.wait()


class Job:
    """A whole job, from start to end; made of fewer draws, it is scaled to as many simulations as another takes."""

    def __init__(self, name, command, scaled_to=None, note=""):
        self.name, self.command, self.scaled_to, self.note = name, command, scaled_to, note

    def begin(self, row):
        self.each = []

    def seconds(self):
        start = time.perf_counter()
        out = run(self.command)
        seconds = time.perf_counter() - start
        told = json.loads(out[out.index("{"):])
        work, self.simulations = told["seconds"], told["simulations"]
        self.each.append(work / self.simulations)
        if self.scaled_to:
            seconds += work * (self.scaled_to.simulations / self.simulations - 1)
        return seconds

    def end(self):
        self.note = "; ".join(filter(None, [self.note, f"{with_unit(statistics.median(self.each))} a simulation"]))


def abc(draws):
    command = [MPIRUN, "-n", "2", APPLICATIONS / "abc", "--draws", str(draws), "--out", WORK / "abc.h5", "--force",
               "--quiet", "--json"]
    return Job("ensample: mpirun -n 2 abc", command)


def theirs(name, how, draws, scaled_to=None, launcher=()):
    command = [*launcher, PYTHON, HERE / "job.py", how, str(draws)]
    return Job(name, command, scaled_to, f"scaled from {draws} draws" if scaled_to else "")


OURS = Bench("ensample", "ensample")
RUST = Bench("straightforward", "straightforward Rust")
NUMPY, NUMBA, CYTHON = Program("numpy", "NumPy"), Program("numba", "Numba"), Program("cython", "Cython")
SCIPY, ARCH = Program("scipy", "scipy.stats.bootstrap"), Program("arch", "arch")
MKL = []
if platform.machine() == "x86_64":
    MKL.append(Program("mkl", "MKL"))
    if "GenuineIntel" not in CPU:
        MKL.append(Program("mkl", "MKL, taking this processor for one of Intel's", WORK / "any_cpu.so"))
TWO_RANKS = [MPIRUN, "-n", "2"]
WHOLE = abc(DRAWS)

# What is measured, and of whom; of ensample first.
ROWS = {
    "normal": ("a normal value", [OURS, RUST, *MKL, NUMPY]),
    "simulation": ("a simulation of abc's main problem", [
        OURS, RUST, NUMPY, Program("numpy_vectorised", "NumPy, 1000 at a time"), NUMBA, CYTHON]),
    "bivariate": ("a sweep of gibbs' model bivariate", [OURS, RUST, NUMPY, NUMBA, CYTHON]),
    "disaster": ("a sweep of gibbs' main problem", [OURS, RUST, NUMPY, NUMBA]),
    "mean25": ("a bootstrap replicate of the mean of 25 values", [OURS, RUST, NUMPY, NUMBA, SCIPY, ARCH]),
    "mean1e6": ("a bootstrap replicate of the mean of a million values", [OURS, RUST, NUMPY, NUMBA, SCIPY, ARCH]),
    "abc": (f"abc's main problem: {DRAWS} draws, by two processes", [
        WHOLE,
        theirs("NumPy and multiprocessing", "multiprocessing", 150, WHOLE),
        theirs("NumPy, 1000 at a time, and multiprocessing", "multiprocessing_vectorised", 1000, WHOLE),
        theirs("NumPy and ipyparallel", "ipyparallel", 150, WHOLE),
        theirs("NumPy and mpi4py", "mpi4py", 150, WHOLE, TWO_RANKS),
        theirs("pyABC", "pyabc", 30, WHOLE),
    ]),
    "start": ("the same with 100 draws", [
        abc(100),
        theirs("NumPy and multiprocessing", "multiprocessing", 100),
        theirs("NumPy and mpi4py", "mpi4py", 100, launcher=TWO_RANKS),
    ]),
}


def figures(number):
    """Three of them."""
    return f"{number:#.3g}".rstrip(".") if number < 1000 else f"{number:.0f}"


def with_unit(seconds):
    unit, size = next((u for u in (("s", 1), ("ms", 1e-3), ("µs", 1e-6)) if seconds >= u[1]), ("ns", 1e-9))
    return f"{figures(seconds / size)} {unit}"


def first(pattern, text):
    found = re.search(pattern, text, re.MULTILINE)
    return found.group(1) if found else "?"


def machine():
    flags = first(r"^flags\s*: (.*)", CPU).split()
    level = "AVX-512" if {"avx512f", "avx512dq", "avx512vl"} <= set(flags) else "AVX2" if "avx2" in flags else "neither"
    limit = os.environ.get("ENSAMPLE_ISA")
    wanted = (HERE / "requirements.txt").read_text().split("# What these")[0]
    packages = [f"{name} {version}" for name, version in re.findall(r"^([^=#\s]+)==([^;\s]+)", wanted, re.MULTILINE)]
    limited = f" (ENSAMPLE_ISA={limit})" if limit else ""
    return [
        f"{first('^model name.*: (.*)', CPU)}, {len(os.sched_getaffinity(0))} cores, {level}{limited}; load "
        f"{os.getloadavg()[0]:.1f} before",
        f"{run(['rustc', '--version']).strip()}; {run([MPIRUN, '--version']).splitlines()[0]}",
        ", ".join([f"Python {platform.python_version()}", *packages]),
    ]


def compare(row, rounds):
    what, contestants = ROWS[row]
    for contestant in contestants:
        contestant.begin(row)
    times = [[] for _ in contestants]
    for number in range(rounds):
        if sys.stderr.isatty():
            print(f"\r{row}: round {number + 1} of {rounds}\r", end="", file=sys.stderr, flush=True)
        for contestant, seconds in zip(contestants, times):
            seconds.append(contestant.seconds())
    for contestant, seconds in zip(contestants, times):
        contestant.end()
        median = statistics.median(seconds)
        ratio = statistics.median(one / ours for one, ours in zip(seconds, times[0]))
        label = f"{row}: {what}" if contestant is contestants[0] else ""
        print(f"| {label} | {contestant.name} | {with_unit(median)} | {with_unit(min(seconds))} to "
              f"{with_unit(max(seconds))} | {figures(ratio)} | {contestant.note} |", flush=True)


def main():
    parser = argparse.ArgumentParser(prog="scripts/compare", description="Measures ensample and others in turn.")
    parser.add_argument("rows", nargs="*", metavar="ROW", help="what to measure; everything, if nothing is named")
    parser.add_argument("--list", action="store_true", help="say which rows there are, and whom each measures")
    parser.add_argument("--rounds", type=int, default=5, help="how often each takes its turn (5)")
    arguments = parser.parse_args()
    if arguments.list:
        for row, (what, contestants) in ROWS.items():
            print(f"{row:11} {what}: {'; '.join(contestant.name for contestant in contestants)}")
        return
    unknown = [row for row in arguments.rows if row not in ROWS]
    if unknown:
        parser.error(f"there is no row {unknown[0]}; --list says which there are")
    print(*machine(), sep="\n\n")
    print(f"\nMedians of {arguments.rounds} rounds, in each of which all take their turns. Kernels: seconds for an item, on "
          "one thread, without start and compilation. Whole jobs (abc, start): from start to end. How many times as long "
          "as ensample: the median of what each round says.\n")
    print("| | | median | lowest to highest | of ensample's | |\n|---|---|---|---|---|---|", flush=True)
    for row in arguments.rows or ROWS:
        compare(row, arguments.rounds)


if __name__ == "__main__":
    main()
