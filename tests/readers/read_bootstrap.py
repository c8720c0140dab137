"""Opens results of bootstrap, compares them with their summaries, and with what SciPy and arch find in the same data.

Intervals of two Monte Carlo runs with the same number of resamples differ by sqrt(2) reported Monte Carlo errors;
up to 5 of those are allowed, for the 30 ends that are compared.
"""

import json
import sys
import warnings
from pathlib import Path

import h5py
import numpy as np
import scipy.stats
import xarray
from arch.bootstrap import IIDBootstrap

RESAMPLES = 20_000


def city(x, u, axis=-1):
    return np.sum(x, axis=axis) / np.sum(u, axis=axis)


def mean(hours, axis=-1):
    return np.mean(hours, axis=axis)


def correlation(x, y, axis=-1):
    x = x - np.mean(x, axis=axis, keepdims=True)
    y = y - np.mean(y, axis=axis, keepdims=True)
    return np.sum(x * y, axis=axis) / np.sqrt(np.sum(x * x, axis=axis) * np.sum(y * y, axis=axis))


PROBLEMS = {
    "city": ("ratio", city, ("x", "u")),
    "aircondit": ("mean", mean, ("hours",)),
    "law": ("pearson", correlation, ("LSAT", "GPA")),
}


def near(name, ours, theirs, errors):
    for ours, theirs, error in zip(ours, theirs, errors, strict=True):
        assert abs(ours - theirs) < 5 * np.sqrt(2) * error, f"{name}: {ours} and {theirs}, error {error}"


def check(folder, name):
    statistic, function, columns = PROBLEMS[name]
    summary = json.loads((folder / f"{name}.json").read_text())
    said = summary["statistics"][statistic]
    path = folder / f"{name}.h5"

    tree = xarray.open_datatree(path)
    replicates = tree["replicates"].to_dataset()
    assert replicates[statistic].dims == ("replicate",) and replicates.sizes["replicate"] == RESAMPLES
    values = replicates[statistic].values
    assert np.isclose(np.mean(values) - said["estimate"], said["bias"], rtol=1e-9, atol=1e-12)
    assert np.isclose(np.std(values, ddof=1), said["standard_error"], rtol=1e-9)
    intervals = tree["intervals"].to_dataset()
    assert intervals.low.dims == ("statistic", "interval")
    assert list(intervals["statistic"].values) == [statistic]
    for i, interval in enumerate(said["intervals"]):
        assert intervals.method.values[i] == interval["method"] and intervals.level.values[i] == interval["level"]
        assert np.isclose(intervals.low.values[0, i], interval["low"], rtol=1e-14)
        assert np.isclose(intervals.high.values[0, i], interval["high"], rtol=1e-14)
    percentile = next(x for x in said["intervals"] if x["method"] == "percentile")
    assert np.allclose(np.quantile(values, [0.025, 0.975]), [percentile["low"], percentile["high"]], rtol=1e-14)
    with h5py.File(path) as file:
        data = [file["observed_data"][column][:] for column in columns]
        assert "scheme" in file.attrs["run_file"] and file.attrs["application"] == "bootstrap"

    ours = {x["method"]: ((x["low"], x["high"]), (x["low_mc_error"], x["high_mc_error"])) for x in said["intervals"]}
    rng = np.random.default_rng(5)
    for method, key in [("percentile", "percentile"), ("basic", "basic"), ("BCa", "bca")]:
        found = scipy.stats.bootstrap(
            data, function, paired=True, vectorized=True, n_resamples=RESAMPLES, method=method, rng=rng
        )
        near(f"{name}, SciPy, {method}", ours[key][0], found.confidence_interval, ours[key][1])
    bootstrap = IIDBootstrap(*data, seed=np.random.default_rng(6))
    for method in ["percentile", "basic", "bca"]:
        found = bootstrap.conf_int(function, RESAMPLES, method=method)[:, 0]
        near(f"{name}, arch, {method}", ours[method][0], found, ours[method][1])
    # A comparison that finds nothing would be none.
    try:
        near("broken", ours["basic"][0], ours["percentile"][0], ours["basic"][1])
    except AssertionError:
        pass
    else:
        raise AssertionError(f"{name}: basic and percentile can't be told apart")


if __name__ == "__main__":
    warnings.simplefilter("error", UserWarning)
    for problem in PROBLEMS:
        check(Path(sys.argv[1]), problem)
