"""Open results and a trace of `abc` with every reader, and compare them with what `--json` said.

usage: read_abc.py FOLDER

FOLDER holds for each NAME of `default`, `partial` and `distance` a NAME.h5, a NAME.json and a NAME.trace.h5.
A picture of the posterior, drawn by ArviZ, is left there.
"""

import hashlib
import json
import math
import sys
import tomllib
import warnings
from pathlib import Path

import h5py
import netCDF4
import numpy as np
import xarray as xr

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # ArviZ announces its next version
    import arviz as az
import matplotlib

matplotlib.use("Agg")
folder = Path(sys.argv[1])
engines = ("netcdf4", "h5netcdf")
levels = ["0.025", "0.25", "0.5", "0.75", "0.975"]
root_attributes = {
    "creator": str,
    "application": str,
    "inference_library": str,
    "inference_library_version": str,
    "model": str,
    "seed": np.integer,
    "run_file": str,
    "data_sha256": str,
    "partial": np.integer,
    "accepted": np.integer,
    "simulations": np.integer,
    "nonfinite": np.integer,
    "acceptance_rate": np.floating,
}


def close(found, said):
    np.testing.assert_allclose(found, said, rtol=1e-12, atol=0)


def check_attributes(attributes, said, run):
    names = [name for name in attributes if not name.startswith("_")]
    assert names == list(root_attributes), names
    for name, kind in root_attributes.items():
        assert isinstance(attributes[name], (kind, int if kind is np.integer else kind)), (name, attributes[name])
    assert attributes["application"] == said["application"] == "abc"
    assert attributes["inference_library"] == "ensample"
    assert attributes["inference_library_version"] == said["version"]
    assert attributes["model"] == said["model"] == run["model"]["name"]
    assert attributes["seed"] == run["seed"]
    for name in ("partial", "accepted", "simulations", "nonfinite", "acceptance_rate"):
        assert attributes[name] == said[name], name
    close(attributes["acceptance_rate"], said["accepted"] / said["simulations"])
    y = np.array(run["data"]["values"])
    assert attributes["data_sha256"] == hashlib.sha256(y.astype("<f8").tobytes()).hexdigest()


def check_posterior(posterior, said):
    assert list(posterior.data_vars) == list(said["parameters"]) == ["mu", "sigma"]
    assert set(posterior.coords) == {"chain", "draw"}
    for name, summary in said["parameters"].items():
        variable = posterior[name]
        assert variable.dims == ("chain", "draw") and variable.shape == (1, said["accepted"])
        assert variable.dtype == np.float64
        values = variable.values[0]
        close(values.mean(), summary["mean"])
        close(values.std(ddof=1), summary["sd"])
        assert list(summary["quantiles"]) == levels
        close(np.quantile(values, [float(level) for level in levels]), list(summary["quantiles"].values()))
    assert posterior["mu"].attrs["prior"] == "normal(mean = 0, sd = 10)"
    assert posterior["sigma"].attrs["prior"] == "uniform(low = 0, high = 20)"
    assert (posterior["sigma"] > 0).all() and (posterior["sigma"] < 20).all()


def check_sample_stats(stats, said, run):
    distance = run.get("distance")
    names = ["difference", "distance", "weight", "task", "simulation"]
    assert list(stats.data_vars) == [name for name in names if distance or name not in ("distance", "weight")]
    difference = stats["difference"]
    assert difference.dims == ("chain", "draw", "summary") and difference.dtype == np.float64
    assert stats["summary"].values.tolist() == ["mean", "sd"]
    if distance:
        assert stats["weight"].dims == ("summary",) and stats["distance"].dims == ("chain", "draw")
        close(stats["distance"], np.sqrt(((difference * stats["weight"]) ** 2).sum("summary")))
        assert (stats["distance"] < distance["tolerance"]).all()
    else:
        for name, tolerance in run["tolerance"].items():
            largest = float(abs(difference.sel(summary=name)).max())
            assert tolerance * 0.8 < largest < tolerance, (name, largest)
    task, simulation = stats["task"].values[0], stats["simulation"].values[0]
    for numbers in (task, simulation):
        assert numbers.dtype == np.int64 and numbers.shape == (said["accepted"],)
    assert simulation.min() >= 0 and simulation.max() < run["batch"]
    number = task * run["batch"] + simulation
    assert (np.diff(number) > 0).all()
    if said["partial"]:
        assert number[-1] < said["simulations"] == run["max_simulations"]
    else:
        assert number[-1] + 1 == said["simulations"]


def check_observed(observed, run):
    y = np.array(run["data"]["values"])
    assert observed["y"].dims == ("observation",)
    np.testing.assert_array_equal(observed["y"], y)
    close(observed["observed_summary"].sel(summary="mean"), y.mean())
    close(observed["observed_summary"].sel(summary="sd"), y.std())


def check_groups(groups, said, run):
    for group in ("posterior", "sample_stats"):
        for axis, size in (("chain", 1), ("draw", said["accepted"])):
            np.testing.assert_array_equal(groups[group][axis], np.arange(size))
            assert groups[group][axis].dtype == np.int64
    check_posterior(groups["posterior"], said)
    check_sample_stats(groups["sample_stats"], said, run)
    check_observed(groups["observed_data"], run)


def check_said(said, run):
    """What can be told of the words themselves."""
    wanted = run["draws"]
    assert said["wanted"] == wanted
    assert said["partial"] is (said["accepted"] < wanted)
    assert said["accepted"] <= wanted and said["nonfinite"] == 0
    assert said["seconds"] > 0
    close(said["simulations_per_second"], said["simulations"] / said["seconds"])
    [rank] = said["ranks"]
    assert rank["rank"] == 0 and 0 < rank["busy_share"] <= 1
    # Tasks that were under way at the end are counted too.
    assert rank["tasks"] >= math.ceil(said["simulations"] / run["batch"])


def check_arviz(path, said, run):
    for engine in engines:
        inference = az.from_netcdf(path, engine=engine)
        assert set(inference.groups()) == {"posterior", "sample_stats", "observed_data"}
        check_groups(inference, said, run)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # one chain only
        summary = az.summary(inference, round_to="none")
        # The draws are independent: their effective number is about their number.
        effective = summary["ess_bulk"] / said["accepted"]
        assert list(summary.index) == ["mu", "sigma"]
        assert ((0.75 < effective) & (effective < 1.3)).all() or said["accepted"] < 1000, summary
        for name, words in said["parameters"].items():
            close(summary.loc[name, "mean"], words["mean"])
            close(summary.loc[name, "sd"], words["sd"])
        for plot in (az.plot_posterior, az.plot_trace):
            axes = plot(inference)
            axes.flat[0].figure.savefig(f"{path}.{plot.__name__}.png", dpi=60)
            matplotlib.pyplot.close("all")


def check_h5py(path, said, run):
    with h5py.File(path) as file:
        check_attributes(dict(file.attrs), said, run)
        assert list(file) == ["posterior", "sample_stats", "observed_data"]
        close(file["posterior/mu"][0].mean(), said["parameters"]["mu"]["mean"])
        assert file["posterior/mu"].dtype == "<f8" and file["sample_stats/task"].dtype == "<i8"
        assert [dimension[0].name for dimension in file["posterior/mu"].dims] == ["/posterior/chain", "/posterior/draw"]
        assert file["sample_stats/difference"].shape == (1, said["accepted"], 2)
    with netCDF4.Dataset(path) as file:
        assert list(file.groups) == ["posterior", "sample_stats", "observed_data"]
        assert file["posterior/sigma"].dimensions == ("chain", "draw")
        close(file["posterior/sigma"][0].data.mean(), said["parameters"]["sigma"]["mean"])


def check_trace(path, said, run):
    for engine in engines:
        with xr.open_datatree(path, engine=engine) as trace:
            phases = ["pilot", "sample"] if run.get("distance", {}).get("scale") == "mad" else ["sample"]
            assert list(trace.children) == phases
            assert trace.attrs["start_unix_seconds"] > 1.6e9
            assert sum(trace[phase].attrs["seconds"] for phase in phases) < trace.attrs["seconds"]
            assert [idle["phase"] for idle in said["phases"]] == phases
            for phase, idle in zip(phases, said["phases"]):
                check_phase(trace[phase].to_dataset())
                close(trace[phase]["idle_share"], idle["idle_share"])
            sample = trace["sample"]
            close(sample.attrs["seconds"], said["seconds"])
            assert sample["host"].values.tolist() == [said["ranks"][0]["host"]]
            np.testing.assert_array_equal(sample["finished_tasks"], said["ranks"][0]["tasks"])
            busy, idle = sample["busy_seconds"], sample["idle_seconds"]
            close(busy / (busy + idle), said["ranks"][0]["busy_share"])
            # Every task that the result is made of, once.
            needed = math.ceil(said["simulations"] / run["batch"])
            assert set(range(needed)) <= set(sample["task"].values.tolist())


def check_phase(phase):
    assert dict(phase.sizes)["rank"] == 1
    tasks = phase["task"].values
    assert len(set(tasks.tolist())) == len(tasks) <= phase["finished_tasks"].sum()
    assert (phase["task_rank"] == 0).all() and (phase["task_thread"] == 0).all()
    assert (phase["task_start"] >= 0).all() and (phase["task_seconds"] > 0).all()
    # Tasks of one thread don't overlap, and are the time in which it was busy.
    start, seconds = phase["task_start"].values, phase["task_seconds"].values
    assert (start[1:] >= start[:-1] + seconds[:-1] - 1e-6).all()
    busy, idle = float(phase["busy_seconds"].sum()), float(phase["idle_seconds"].sum())
    np.testing.assert_allclose(phase["idle_share"], phase["idle_seconds"] / (phase["busy_seconds"] + phase["idle_seconds"]))
    unfinished = int(phase["finished_tasks"].sum()) - len(tasks)
    assert seconds.sum() <= busy + 1e-6, (seconds.sum(), busy)
    # The thread may be in one more task when the work ends: on a busy machine it may wait there for a core.
    assert unfinished > 0 or seconds.sum() >= 0.99 * busy - 0.05, (seconds.sum(), busy)
    assert 0.5 * phase.attrs["seconds"] < busy + idle < 1.5 * phase.attrs["seconds"] + 0.1


for name in ("default", "partial", "distance"):
    path = folder / f"{name}.h5"
    said = json.loads((folder / f"{name}.json").read_text())
    for engine in engines:
        with xr.open_datatree(path, engine=engine) as tree:
            run = tomllib.loads(tree.attrs["run_file"])
            assert set(tree.children) == {"posterior", "sample_stats", "observed_data"}
            check_attributes(tree.attrs, said, run)
            check_groups({group: tree[group].to_dataset() for group in tree.children}, said, run)
    check_said(said, run)
    check_arviz(path, said, run)
    check_h5py(path, said, run)
    check_trace(folder / f"{name}.trace.h5", said, run)
    print(f"{name}: ok")
