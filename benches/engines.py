"""What benches/engines.rs measures, of ipyparallel and mpi4py.futures (PyPI: ipyparallel==9.1.0 mpi4py==4.1.1).

    python benches/engines.py ENGINES                                          # ipyparallel, on loopback
    mpirun -n 1+ENGINES python -m mpi4py.futures benches/engines.py futures    # mpi4py.futures
"""

import sys
import time

TASKS = 5_000
CALLS = 300
MEGABYTES = 64


def square(x):
    return x * x


def best(times, body):
    seconds = []
    for _ in range(times):
        start = time.perf_counter()
        body()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def rate(tasks, body):
    return tasks / best(2, body)


def of_ipyparallel(engines):
    import ipyparallel

    with ipyparallel.Cluster(n=engines, log_level=40) as client:
        view = client.load_balanced_view()
        view.map_sync(square, range(100))
        single = rate(TASKS, lambda: list(view.map_async(square, range(TASKS), chunksize=1)))
        chunks = rate(20 * TASKS, lambda: list(view.map_async(square, range(20 * TASKS), chunksize=100)))
        call = best(2, lambda: [view.apply_sync(square, x) for x in range(CALLS)]) / CALLS
        one = client[0]
        data = b"\7" * (MEGABYTES * 1_000_000)
        push = best(5, lambda: one.push({"data": data}, block=True))
        pull = best(5, lambda: one.pull("data", block=True))
    print(f"ipyparallel {engines:3} {single:10.0f}/s {chunks:10.0f}/s {1e6 * call:10.1f} us "
          f"{MEGABYTES / push:8.0f} MB/s {MEGABYTES / pull:8.0f} MB/s", flush=True)


def of_mpi4py():
    from mpi4py import MPI
    from mpi4py.futures import MPIPoolExecutor

    with MPIPoolExecutor() as pool:
        list(pool.map(square, range(100)))
        single = rate(TASKS, lambda: list(pool.map(square, range(TASKS), chunksize=1)))
        chunks = rate(20 * TASKS, lambda: list(pool.map(square, range(20 * TASKS), chunksize=100)))
        call = best(2, lambda: [pool.submit(square, x).result() for x in range(CALLS)]) / CALLS
    engines = MPI.COMM_WORLD.size - 1
    print(f"mpi4py.futures {engines:3} {single:10.0f}/s {chunks:10.0f}/s {1e6 * call:10.1f} us", flush=True)


if __name__ == "__main__":
    if sys.argv[1] == "futures":
        of_mpi4py()
    else:
        of_ipyparallel(int(sys.argv[1]))
