"""Open the file that tests/jobs/store_readers.rs writes with every reader, and compare all that is in it.

usage: read_result.py abc.h5
"""

import shutil
import sys
import warnings

import h5py
import netCDF4
import numpy as np
import xarray as xr

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # ArviZ announces its next version
    import arviz as az

path = sys.argv[1]
draw = np.arange(10_000)
mu = np.sin(draw * 12.9898)
difference = np.stack([draw, np.full(draw.shape, -0.5)], axis=-1)
y = [1.0, np.nan, np.inf, -4.0]
run = "mu = 0.5 # µ\n" * 6000
order = ["creator", "seed", "tolerance", "simulations", "run", "created_by", "version", "digest", "algorithm"]
order += ["distance", "model"]


def check_attributes(attributes):
    attributes = {name: attributes[name] for name in attributes if not name.startswith("_")}
    assert list(attributes) == order, list(attributes)
    assert attributes["seed"] == 2**64 - 1
    assert attributes["tolerance"] == 0.1
    assert attributes["simulations"] == 123_456
    assert attributes["run"] == run
    assert attributes["model"] == "the model"


def check_groups(posterior, sample_stats, observed):
    assert list(posterior.data_vars) == ["mu", "sigma"], posterior
    assert posterior["mu"].dims == ("chain", "draw")
    assert posterior["mu"].dtype == np.float64
    assert posterior["mu"].attrs["units"] == "m/s"
    assert posterior.attrs["sampling"] == "ABC rejection"
    for group in (posterior, sample_stats):
        assert group["draw"].dtype == np.int64 and group["chain"].dtype == np.int64
        np.testing.assert_array_equal(group["chain"], [0])
        np.testing.assert_array_equal(group["draw"], draw)
    np.testing.assert_allclose(posterior["mu"].values[0], mu, rtol=0, atol=1e-15)
    np.testing.assert_allclose(posterior["sigma"].values[0], np.exp(mu), rtol=1e-15)
    assert sample_stats["difference"].dims == ("chain", "draw", "summary")
    assert sample_stats["summary"].values.tolist() == ["mean", "sd"]
    np.testing.assert_array_equal(sample_stats["difference"].values[0], difference)
    np.testing.assert_array_equal(sample_stats["difference"].sel(summary="sd"), -0.5)
    assert sample_stats["task"].dtype == np.int64 and sample_stats["number"].dtype == np.uint64
    np.testing.assert_array_equal(sample_stats["task"].values[0], draw // 64)
    np.testing.assert_array_equal(sample_stats["number"].values[0], draw % 64)
    assert sample_stats["first"].dtype == bool
    np.testing.assert_array_equal(sample_stats["first"].values[0], draw % 64 == 0)
    assert observed["y"].dims == ("y_dim_0",)
    np.testing.assert_array_equal(observed["y_dim_0"], [0.5, 1, 2, 4])
    np.testing.assert_array_equal(observed["y"], y)


groups = ("posterior", "sample_stats", "observed_data")

for engine in ("netcdf4", "h5netcdf"):
    with xr.open_datatree(path, engine=engine) as tree:
        assert set(tree.children) == set(groups), tree
        check_attributes(tree.attrs)
        check_groups(*(tree[group].to_dataset() for group in groups))
    # Others may add to the file: a copy gets a new group, and the rest stays as it is.
    copy = f"{path}.{engine}.nc"
    shutil.copy(path, copy)
    xr.Dataset({"mean": ("level", [1.0, 2.0])}).to_netcdf(copy, mode="a", group="summary", engine=engine)
    with xr.open_datatree(copy, engine=engine) as tree:
        np.testing.assert_array_equal(tree["summary/mean"], [1, 2])
        check_attributes(tree.attrs)
        check_groups(*(tree[group].to_dataset() for group in groups))
    print(f"xarray, {engine}: ok")

for engine in ("netcdf4", "h5netcdf"):
    inference = az.from_netcdf(path, engine=engine)
    assert set(inference.groups()) == set(groups), inference.groups()
    check_groups(*(inference[group] for group in groups))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # one chain only
        summary = az.summary(inference, round_to="none")
    assert list(summary.index) == ["mu", "sigma"]
    np.testing.assert_allclose(summary.loc["mu", "mean"], mu.mean(), atol=1e-12)
    assert 0 < summary.loc["mu", "ess_bulk"]
    print(f"arviz, {engine}: ok")

with h5py.File(path) as file:
    check_attributes(file.attrs)
    assert list(file) == list(groups)
    assert list(file["sample_stats"])[:3] == ["chain", "draw", "summary"]

    def scales(name, item):
        """Every dimension of every dataset has one scale, of the same group and length."""
        if isinstance(item, h5py.Dataset) and not item.is_scale:
            for size, dimension in zip(item.shape, item.dims):
                assert len(dimension) == 1, name
                scale = dimension[0]
                assert scale.parent == item.parent and scale.is_scale and scale.shape == (size,), name

    file.visititems(scales)
    names = [dimension[0].name for dimension in file["sample_stats/difference"].dims]
    assert names == [f"/sample_stats/{axis}" for axis in ("chain", "draw", "summary")], names
    assert file["sample_stats/first"].dtype == np.int8
    assert file["sample_stats/first"].attrs["dtype"] == "bool"
    assert "_nc3_strict" not in file.attrs
    np.testing.assert_array_equal(file["sample_stats/difference"][0], difference)
print("h5py: ok")

with netCDF4.Dataset(path) as file:
    check_attributes({name: file.getncattr(name) for name in file.ncattrs()})
    stats = file["sample_stats"]
    assert stats["difference"].dimensions == ("chain", "draw", "summary")
    assert {name: len(axis) for name, axis in stats.dimensions.items()} == {"chain": 1, "draw": 10_000, "summary": 2}
    assert stats["summary"][:].tolist() == ["mean", "sd"]
    np.testing.assert_array_equal(stats["difference"][0], difference)
print("netCDF4: ok")
