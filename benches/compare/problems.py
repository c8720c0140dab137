"""The problems that are compared, and how a kernel is measured."""

import json
import pathlib
import sys
import time
import tomllib

import numpy as np

ROOT = pathlib.Path(__file__).parents[2]


def run_file(name):
    return tomllib.loads((ROOT / "mpi-apps" / name).read_text())


OBSERVED = np.array(run_file("abc.toml")["data"]["values"])
COUNTS = np.array(run_file("gibbs/disaster.toml")["data"]["values"]["disasters"], dtype=float)
MISSING = np.flatnonzero(np.isnan(COUNTS))


def data(rows):
    """What resamples are drawn from."""
    return (np.arange(rows) * 7919 % 1009).astype(float)


# Of each kernel the mean of something over its items, and the standard error of that for one item, or somewhat more.
KNOWN = {
    "normal": (1.0, 1.42),  # its square
    "simulation": (0.0011558, 0.034),  # accepted
    "bivariate": (0.65106, 0.6),  # x
    "disaster": (3.088, 0.5),  # early
    "mean25": (504.88, 58.1),
    "mean1e6": (504.0, 0.29),
}


def measure(begin, note=lambda: ""):
    """Measures the row that the command line names. `begin[row]()` gives a function of the number of items to make,
    which gives the sum of what is known over some of them, and over how many. Each line on standard input asks for
    another measurement; answers are seconds for an item, without what comes before the first."""
    row = sys.argv[1]
    run = begin[row]()
    timed(row, run, 2)  # compiles, if there is something to compile
    items, seconds = 1, 0.0
    while seconds < 0.05:
        items *= 2
        seconds = timed(row, run, items)
    items = max(1, round(items * 0.4 / seconds))
    print(json.dumps({"note": note()}), flush=True)
    for _ in sys.stdin:
        print(json.dumps(timed(row, run, items) / items), flush=True)


def timed(row, run, items):
    start = time.perf_counter()
    total, count = run(items)
    seconds = time.perf_counter() - start
    known, error = KNOWN[row]
    if not abs(total / count - known) < 6 * error / count**0.5 + 0.002 * known:  # known to three digits
        sys.exit(f"{sys.argv[0]}: {row}: the mean over {count} is {total / count}, not {known}")
    return seconds
