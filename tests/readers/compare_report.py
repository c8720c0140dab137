"""Writes files with ArviZ, of all shapes that samplers leave behind, and compares what report says with arviz.summary."""

import json
import subprocess
import sys
import warnings
from pathlib import Path

import arviz
import h5py
import numpy as np

warnings.filterwarnings("ignore")
rng = np.random.default_rng(1)
CHAINS, DRAWS = 4, 500
SCHOOLS = ["Choate", "Phillips Andover", "St. Paul's", "Ecole Élémentaire"]


def autoregressive(shape, memory=0.5):
    x = rng.normal(size=shape)
    for draw in range(1, shape[1]):
        x[:, draw] = memory * x[:, draw - 1] + np.sqrt(1 - memory**2) * x[:, draw]
    return x


def schools():
    mu = autoregressive((CHAINS, DRAWS))
    tau = np.exp(autoregressive((CHAINS, DRAWS), 0.9))
    return arviz.from_dict(
        posterior={
            "mu": mu,
            "tau": tau.astype(np.float32),
            "theta": mu[..., None] + tau[..., None] * rng.normal(size=(CHAINS, DRAWS, len(SCHOOLS))),
            "z": rng.normal(size=(CHAINS, DRAWS, 2, 3)),
            "count": rng.poisson(3, size=(CHAINS, DRAWS)),
            "small": rng.integers(0, 5, size=(CHAINS, DRAWS)).astype(np.int8),
            "flag": rng.uniform(size=(CHAINS, DRAWS)) < 0.3,
        },
        sample_stats={
            "lp": -(mu**2),
            "diverging": tau < 0.1,
            "acceptance_rate": rng.beta(8, 2, size=(CHAINS, DRAWS)),
        },
        log_likelihood={"y": rng.normal(size=(CHAINS, DRAWS, len(SCHOOLS)))},
        observed_data={"y": np.arange(4.0)},
        coords={"school": SCHOOLS, "side": ["left", "right"]},
        dims={"theta": ["school"], "z": ["side", "level"], "y": ["school"]},
        attrs={"inference_library": "pymc", "inference_library_version": "5.25"},
    )


def posterior_only():
    return arviz.from_dict(posterior={"x": autoregressive((2, 300))})


def one_draw_per_chain():
    return arviz.from_dict(posterior={"x": rng.normal(size=(8, 1, 2))})


COLUMNS = {
    "mean": "mean", "sd": "sd", "mcse_mean": "mcse_mean", "ess_bulk": "ess_bulk", "ess_tail": "ess_tail", "r_hat": "r_hat",
}


def compare(binary, path, data):
    said = json.loads(subprocess.run([binary, path, "--json"], check=True, capture_output=True).stdout)
    expected = arviz.summary(data, round_to="none", hdi_prob=0.94)
    quantities = {name: of for name, of in said["quantities"].items() if name != "lp"}
    assert list(expected.index) == sorted(quantities, key=list(expected.index).index), (list(quantities), expected.index)
    for name, row in expected.iterrows():
        for ours, theirs in COLUMNS.items():
            value = quantities[name][ours]
            # A single draw has no standard deviation, ...: what ArviZ has as NaN is null.
            if value is None:
                assert not np.isfinite(row[theirs]) or row[theirs] == 0, (name, ours, row[theirs])
            else:
                assert np.isclose(value, row[theirs], rtol=1e-5, atol=1e-9), (name, ours, value, row[theirs])
        low, high = quantities[name]["hdi"]
        assert np.isclose(low, row["hdi_3%"], rtol=1e-6, atol=1e-9), (name, low, row["hdi_3%"])
        assert np.isclose(high, row["hdi_97%"], rtol=1e-6, atol=1e-9), (name, high, row["hdi_97%"])
    return said


def main(binary, folder):
    for engine in ["netcdf4", "h5netcdf"]:
        data = schools()
        path = folder / f"schools-{engine}.nc"
        data.to_netcdf(path, engine=engine)
        said = compare(binary, path, data)
        assert "theta[Ecole Élémentaire]" in said["quantities"] and "z[left, 2]" in said["quantities"]
        assert said["made"]["library"] == "pymc" and said["made"]["version"] == "5.25", said["made"]
        divergent = int(data.sample_stats["diverging"].sum())
        assert said["sampler"]["diverging"]["count"] == divergent > 0
        assert any(f"{divergent} draws are of divergent transitions" in text for text in said["warnings"])
        for number, of in enumerate([posterior_only, one_draw_per_chain]):
            data = of()
            path = folder / f"{number}-{engine}.nc"
            data.to_netcdf(path, engine=engine)
            said = compare(binary, path, data) if number == 0 else json.loads(
                subprocess.run([binary, path, "--json"], check=True, capture_output=True).stdout
            )
            assert said["warnings"], "two chains, or one draw, are few"
        page = folder / f"page-{engine}.html"
        subprocess.run([binary, folder / f"schools-{engine}.nc", "--html", page, "--quiet"], check=True)
        assert "id=\"trace-theta_Phillips_Andover\"" in page.read_text(), "the page draws theta"

    # Without dimension scales the first two axes are chains and draws.
    path = folder / "plain.h5"
    with h5py.File(path, "w") as file:
        file["posterior/x"] = rng.normal(size=(4, 200, 2))
        file["posterior/flag"] = rng.uniform(size=(4, 200)) < 0.5  # an enumeration
        file["posterior/label"] = b"fixed"
    said = json.loads(subprocess.run([binary, path, "--json"], check=True, capture_output=True).stdout)
    assert set(said["quantities"]) == {"x[0]", "x[1]", "flag"}, said["quantities"]
    assert said["chains"] == 4 and 0.3 < said["quantities"]["flag"]["mean"] < 0.7

    # Axes in another order, and labels of fixed length.
    path = folder / "turned.nc"
    values = rng.normal(size=(2, 100, 4))
    with h5py.File(path, "w") as file:
        group = file.create_group("posterior")
        for name, labels in [("place", np.array([b"a", b"bc"])), ("draw", np.arange(100)), ("chain", np.arange(4))]:
            group[name] = labels
            group[name].make_scale(name)
        group["x"] = values
        for axis, name in enumerate(["place", "draw", "chain"]):
            group["x"].dims[axis].attach_scale(group[name])
    said = json.loads(subprocess.run([binary, path, "--json"], check=True, capture_output=True).stdout)
    assert (said["chains"], said["draws"]) == (4, 100), said
    assert np.isclose(said["quantities"]["x[bc]"]["mean"], values[1].mean()), said["quantities"]


main(sys.argv[1], Path(sys.argv[2]))
