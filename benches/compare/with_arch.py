"""The bootstrap by arch."""

import numpy as np
from arch.bootstrap import IIDBootstrap

from problems import data, measure


def resamples(rows):
    bootstrap = IIDBootstrap(data(rows), seed=1)
    return lambda items: (bootstrap.apply(np.mean, items).sum(), items)


if __name__ == "__main__":
    measure({"mean25": lambda: resamples(25), "mean1e6": lambda: resamples(1_000_000)})
