"""Kernels in Cython: kernels.pyx, which scripts/compare compiles."""

import numpy as np

import kernels
from problems import OBSERVED, measure

if __name__ == "__main__":
    rng = np.random.default_rng(1)
    mean, sd = OBSERVED.mean(), OBSERVED.std()
    measure({
        "simulation": lambda: lambda items: (kernels.simulations(rng, items, mean, sd), items),
        "bivariate": lambda: lambda items: (kernels.bivariate(rng, items), items),
    })
