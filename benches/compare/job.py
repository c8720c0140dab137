"""The main problem of `abc` as a whole job: `job.py HOW DRAWS`. Prints seconds, simulations and accepted draws, without
what comes before the first simulation."""

import json
import sys
import time

import numpy as np

from batches import BATCH, batch, vectorised_batch


def rejection(several, draws):
    """Until there are so many draws, with what makes several batches at once."""
    start, found, batches = time.perf_counter(), [], 0
    while len(found) < draws:
        for part in several(range(batches, batches + 16)):
            found.extend(part)
        batches += 16
    return time.perf_counter() - start, batches * BATCH, found


def with_multiprocessing(draws, what=batch):
    import multiprocessing

    with multiprocessing.Pool(2) as pool:
        return rejection(lambda numbers: pool.map(what, numbers, chunksize=1), draws)


def with_multiprocessing_vectorised(draws):
    return with_multiprocessing(draws, vectorised_batch)


def with_ipyparallel(draws):
    import ipyparallel

    with ipyparallel.Cluster(n=2, log_level=40) as client:
        view = client.load_balanced_view()
        return rejection(lambda numbers: view.map_sync(batch, numbers), draws)


def with_mpi4py(draws):
    from mpi4py import MPI

    world = MPI.COMM_WORLD

    def several(numbers):
        own = [batch(number) for number in numbers[world.rank :: world.size]]
        return [part for parts in world.allgather(own) for part in parts]

    done = rejection(several, draws)
    return done if world.rank == 0 else sys.exit()


def with_pyabc(draws):
    import logging
    import os
    import tempfile

    import pyabc

    from problems import OBSERVED

    logging.getLogger("ABC").setLevel(logging.ERROR)

    def model(parameters):
        x = np.random.normal(parameters["mu"], parameters["sigma"], 50)
        return {"mean": x.mean(), "sd": x.std()}

    def distance(x, observed):
        return max(abs(x["mean"] - observed["mean"]) / 0.2, abs(x["sd"] - observed["sd"]) / 0.8)

    prior = pyabc.Distribution(mu=pyabc.RV("norm", 0, 10), sigma=pyabc.RV("uniform", 0, 20))
    sampler = pyabc.sampler.MulticoreEvalParallelSampler(n_procs=2)
    with tempfile.TemporaryDirectory() as folder:
        abc = pyabc.ABCSMC(model, prior, distance, population_size=draws, eps=pyabc.ListEpsilon([1.0]), sampler=sampler)
        abc.new("sqlite:///" + os.path.join(folder, "abc.db"), {"mean": OBSERVED.mean(), "sd": OBSERVED.std()})
        start = time.perf_counter()
        history = abc.run(max_nr_populations=1)
        seconds = time.perf_counter() - start
        return seconds, history.total_nr_simulations, history.get_distribution()[0][["mu", "sigma"]].to_numpy()


if __name__ == "__main__":
    seconds, simulations, found = globals()["with_" + sys.argv[1]](int(sys.argv[2]))
    # Six standard errors.
    rate, mu = len(found) / simulations, np.mean([theta[0] for theta in found])
    if abs(rate / 0.0011558 - 1) > 6 / len(found) ** 0.5 or abs(mu - 4.986) > 6 * 0.333 / len(found) ** 0.5:
        sys.exit(f"{sys.argv[1]}: {rate} of the simulations are accepted, and the mean of mu is {mu}")
    print(json.dumps({"seconds": seconds, "simulations": simulations, "draws": len(found)}))
