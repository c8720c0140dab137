"""Opens a result of gibbs as its users do, and compares what ArviZ finds in it with the summary."""

import json
import sys
import warnings
from pathlib import Path

import arviz
import h5py
import numpy as np
import xarray


def check(folder, model):
    summary = json.loads((folder / "summary.json").read_text())
    path = folder / "gibbs.h5"
    chains, draws = summary["chains"], summary["draws"]

    tree = xarray.open_datatree(path)
    posterior = tree["posterior"].to_dataset()
    assert (posterior.sizes["chain"], posterior.sizes["draw"]) == (chains, draws)
    assert list(posterior["draw"].values[:3]) == [0, 1, 2]
    if model == "disaster":
        assert posterior.imputed.dims == ("chain", "draw", "time")
        assert list(posterior.time.values) == ["1890", "1934"]
        assert posterior.switchpoint.dtype.kind == "i" and posterior.early.dtype.kind == "f"
        assert tree["warmup_posterior"].to_dataset().sizes["draw"] == 500
        assert np.isnan(tree["observed_data"].to_dataset().disasters.values).sum() == 2
    else:
        assert posterior.theta.dims == ("chain", "draw", "school")
        assert posterior.theta.sel(school="Choate").shape == (chains, draws)
        assert tree["sample_stats"].to_dataset().lp.dims == ("chain", "draw")

    data = arviz.from_netcdf(path)
    groups = {"posterior", "sample_stats", "observed_data"}
    assert groups <= {group.strip("/") for group in data.groups()}, data
    table = arviz.summary(data, round_to="none")
    for name, said in summary["quantities"].items():
        if name == "lp":
            continue
        row = table.loc[name]
        for ours, theirs in [("mean", "mean"), ("ess_bulk", "ess_bulk"), ("ess_tail", "ess_tail"), ("r_hat", "r_hat")]:
            assert np.isclose(said[ours], row[theirs], rtol=1e-8), f"{name} {ours}: {said[ours]}, {row[theirs]}"
    with h5py.File(path) as file:
        assert file.attrs["application"] == "gibbs" and "seed" in file.attrs["run_file"]
        assert file["posterior"].keys() >= set(posterior.data_vars)
    print(f"{model}: ok")


if __name__ == "__main__":
    warnings.simplefilter("error", UserWarning)
    check(Path(sys.argv[1]), sys.argv[2])
