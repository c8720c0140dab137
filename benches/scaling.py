"""The measurements and the figure of scripts/scaling."""

import argparse
import heapq
import json
import os
import subprocess
import tempfile
from pathlib import Path

import h5py
import matplotlib
import numpy as np

matplotlib.use("Agg")
import matplotlib.pyplot as plt

TARGET = Path("target/release").resolve()
RANKS = [8, 16, 32, 64]
VARIANCES = [1, 2, 4]
ACCEPTED = 1280
COLOURS = ["#0072b2", "#d55e00", "#009e73"]

SLEEPER = """
draws = {accepted}
batch = 1
data.values = [{mean}, {variance}]
model.name = "sleeper"
prior.theta = {{ uniform = {{ low = -1.0, high = 1.0 }} }}
tolerance.theta = 0.5
"""


def job(launcher, ranks, program, *arguments):
    """The summary of a run on so many ranks."""
    command = [launcher, "-n", str(ranks), TARGET / program, *arguments, "--json", "--quiet", "--force"]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, timeout=600).stdout)


def no_faster(seconds, ranks):
    """When tasks of these lengths, begun in their order by whoever is free, have all ended."""
    free = [0.0] * ranks
    end = 0.0
    for length in seconds:
        over = heapq.heappop(free) + length
        heapq.heappush(free, over)
        end = max(end, over)
    return end


def sleeping(launcher, folder, seeds, mean, variance, ranks):
    """Seconds of the runs of all seeds, and how few they could be: the length of a simulation is only known at its end,
    and of which draws the result consists follows from their order."""
    run, out, trace = folder / "run.toml", folder / "out.h5", folder / "trace.h5"
    run.write_text(SLEEPER.format(accepted=ACCEPTED, mean=mean, variance=variance))
    took, bound = 0.0, 0.0
    for seed in range(1, seeds + 1):
        said = job(launcher, ranks, "sleeper", run, "--seed", str(seed), "--out", out, "--trace", trace)
        took += said["seconds"]
        with h5py.File(trace) as file:
            task, seconds = file["sample/task"][:], file["sample/task_seconds"][:]
        bound += no_faster(seconds[np.argsort(task)][: said["simulations"]], ranks)
    return took, bound


def computing(launcher, folder, ranks, repeats=5):
    """Seconds of the fastest of some runs, for each number of ranks by turns."""
    best = dict.fromkeys(ranks, float("inf"))
    for _ in range(repeats):
        for number in ranks:
            arguments = ["--draws", "30000", "--checkpoint-every", "0", "--out", folder / "abc.h5"]
            best[number] = min(best[number], job(launcher, number, "abc", *arguments)["seconds"])
    return best


def efficiency(seconds):
    """For each number of ranks, compared with the smallest."""
    least = min(seconds)
    return {ranks: least * seconds[least] / (ranks * took) for ranks, took in seconds.items()}


def style(axes, title, ranks):
    axes.set_title(title, fontsize=10, loc="left")
    axes.set_xscale("log", base=2)
    axes.set_xticks(ranks, [str(number) for number in ranks])
    axes.minorticks_off()
    axes.set_xlabel("ranks")
    axes.set_ylim(0, 1.08)
    axes.grid(axis="y", color="#dddddd", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)


def draw(path, abc, sleeper):
    plt.rcParams.update({"font.size": 9, "svg.fonttype": "none"})
    figure, (left, right) = plt.subplots(1, 2, figsize=(8, 3.4), width_ratios=[1, 2], layout="constrained")
    style(left, "abc, computing", list(abc))
    left.plot(list(abc), list(abc.values()), "o-", color=COLOURS[0])
    left.set_ylabel("efficiency")
    style(right, "simulations that sleep, log-normal times", RANKS)
    for colour, (variance, (measured, bound)) in zip(COLOURS, sleeper.items()):
        right.plot(RANKS, list(measured.values()), "o-", color=colour, label=f"variance {variance}")
        right.plot(RANKS, list(bound.values()), "--", color=colour, linewidth=1)
    right.plot([], [], "--", color="#666666", linewidth=1, label="no schedule is faster")
    right.legend(frameon=False, loc="lower left")
    figure.savefig(path)


def main():
    parser = argparse.ArgumentParser(prog="scripts/scaling")
    parser.add_argument("launcher")
    parser.add_argument("--seeds", type=int, default=3, help="runs of each sleeping problem")
    parser.add_argument("--mean", type=float, default=50.0, help="of a sleeping simulation, in milliseconds")
    parser.add_argument("--svg", type=Path, default=Path("target/scaling.svg"))
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        cores = len(os.sched_getaffinity(0))
        seconds = computing(asked.launcher, folder, [2**k for k in range(cores.bit_length())])
        abc = efficiency(seconds)
        print(f"{'':24}{'ranks':>6}{'seconds':>10}{'efficiency':>12}{'at most':>10}")
        for ranks, share in abc.items():
            print(f"{'abc, 30,000 draws':24}{ranks:6}{seconds[ranks]:10.2f}{share:12.2f}", flush=True)
        sleeper = {}
        for variance in VARIANCES:
            runs = {}
            for ranks in RANKS:
                runs[ranks] = sleeping(asked.launcher, folder, asked.seeds, asked.mean, variance, ranks)
                # At 8 ranks the measured time is what both are compared with.
                base = 8 * runs[8][0] / ranks
                shares = f"{base / runs[ranks][0]:12.2f}{base / runs[ranks][1]:10.2f}"
                print(f"{f'sleeping, variance {variance}':24}{ranks:6}{runs[ranks][0]:10.2f}{shares}", flush=True)
            base = 8 * runs[8][0]
            sleeper[variance] = tuple({n: base / (n * runs[n][which]) for n in RANKS} for which in (0, 1))
    asked.svg.parent.mkdir(parents=True, exist_ok=True)
    draw(asked.svg, abc, sleeper)
    print(f"written: {asked.svg}")


if __name__ == "__main__":
    main()
