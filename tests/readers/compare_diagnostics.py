"""Computes every figure that `diagnostics` found in some draws with arviz-stats, and compares.

Figures may differ by the share TOLERANCE. What differs in other ways is said where it is allowed: see `theirs`.
"""

import json
import sys
import warnings
from pathlib import Path

import numpy as np
from arviz_stats.base import array_stats

TOLERANCE = 1e-10


def geweke(draws, first, last):
    """Not in ArviZ: z-scores with the effective sample sizes that it finds in both parts."""
    count = draws.shape[1]

    def z(chain):
        parts = [chain[: int(first * count)], chain[count - int(last * count) :]]
        squares = [np.var(x, ddof=1) / array_stats.ess(x[None, :], method="identity") for x in parts]
        return (np.mean(parts[0]) - np.mean(parts[1])) / np.sqrt(sum(squares))

    return [z(chain) if min(first, last) * count >= 4 else np.nan for chain in draws]


def interval(function, draws, level):
    # Of draws with NaN, `hdi` may give one end; of no draws, neither gives anything.
    flat = draws.ravel()
    return [np.nan, np.nan] if flat.size == 0 or np.isnan(flat).any() else function(flat, level)


def nested(draws, method):
    superchains = np.arange(len(draws)) % -(-len(draws) // 2)
    return array_stats.rhat_nested(draws, superchains, method=method)


def relative_ess(draws, method, *probabilities):
    # Of equal draws, ArviZ gives their number where the share is asked for; so each tail is looked at alone.
    if method == "tail":
        return min(relative_ess(draws, "quantile", p) for p in probabilities)
    relative = ess(draws, method, *probabilities, relative=True)
    whole = ess(draws, method, *probabilities)
    return 1.0 if relative == whole and relative > 1 else relative


def ess(draws, method, *probabilities, **options):
    p = probabilities[0] if len(probabilities) == 1 else probabilities
    return array_stats.ess(draws, method=method, **({"prob": p} if probabilities else {}), **options)


def mcse(draws, method, *p):
    return array_stats.mcse(draws, method=method, **({"prob": p[0]} if p else {}))


FIGURES = {
    "rhat": lambda draws, method: array_stats.rhat(draws, method=method),
    "rhat_nested": nested,
    "ess": ess,
    "relative_ess": relative_ess,
    "mcse": mcse,
    "eti": lambda draws, level: interval(array_stats.eti, draws, level),
    "hdi": lambda draws, level: interval(array_stats.hdi, draws, level),
    "autocovariance": lambda draws: array_stats.autocov(draws[0]),
    "autocorrelation": lambda draws: array_stats.autocorr(draws[0]),
    "geweke": geweke,
    "mean": np.mean,
    "sd": lambda draws: np.std(draws, ddof=1),
}


def theirs(name, draws):
    function, *arguments = name.removesuffix(" in summary").split()
    if draws.size == 0 and function in ("autocovariance", "autocorrelation"):
        return np.array([])
    arguments = [float(x) if x[0].isdigit() else x for x in arguments]
    return np.atleast_1d(FIGURES[function](draws, *arguments)).astype(float)


def difference(name, ours, theirs):
    """The largest relative difference; infinite where only one is NaN or infinite."""
    if ours.shape != theirs.shape:
        return np.inf
    if np.size(ours) == 0:
        return 0.0
    same = (ours == theirs) | (np.isnan(ours) & np.isnan(theirs))
    # Chains that stand still apart have an infinite R-hat, which rounding can make finite.
    same |= name.startswith("rhat") & (ours > 1e8) & (theirs > 1e8)
    # Sums over a series are as precise as the largest of them.
    scale = np.full_like(theirs, abs(theirs[0])) if name.startswith("auto") else abs(theirs)
    share = np.divide(abs(ours - theirs), scale, out=np.full_like(scale, np.inf), where=scale > 0)
    share[np.isnan(share)] = np.inf
    return np.max(np.where(same, 0.0, share))


def main(folder):
    said = json.loads((folder / "figures.json").read_text())
    largest, wrong = {}, []
    for number, case in enumerate(said["cases"]):
        draws = np.fromfile(folder / f"{number}.f64").reshape(case["chains"], -1)
        for name, ours in case["figures"].items():
            ours, found = np.array(ours, dtype=float), theirs(name, draws)
            differs = difference(name, ours, found)
            if differs > TOLERANCE:
                wrong.append(f"{case['name']}: {name}: {ours[:6]}, ArviZ {found[:6]}: {differs:.1e}")
            largest[name] = max(largest.get(name, 0.0), differs)
        # A comparison that finds nothing would be none.
        if number == 0:
            for name, ours in said["broken"].items():
                assert difference(name, np.array(ours, dtype=float), theirs(name, draws)) > 1e-5, f"broken {name}"
    for name, differs in largest.items():
        print(f"{name:32} {differs:.1e}")
    assert not wrong, "\n" + "\n".join(wrong)
    assert len(said["cases"]) > 50 and len(largest) > 50


if __name__ == "__main__":
    # Draws that are too few, or not finite, make NumPy warn.
    warnings.simplefilter("ignore", RuntimeWarning)
    main(Path(sys.argv[1]))
