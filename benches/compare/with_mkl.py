"""Normal values by MKL: its fastest generator, method and number of values in a call, on one thread."""

import ctypes
import os
import pathlib
import sys
import time

import numpy as np

from problems import measure

os.environ["MKL_THREADING_LAYER"] = "SEQUENTIAL"
mkl = ctypes.CDLL(str(next(pathlib.Path(sys.prefix, "lib").glob("libmkl_rt.so*"))))
gaussian = mkl.vdRngGaussian
gaussian.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p, ctypes.c_double, ctypes.c_double]

GENERATORS = {
    "MCG59": 0x400000, "MT19937": 0x800000, "MT2203": 0x900000, "SFMT19937": 0xD00000, "ARS5": 0xF00000,
    "PHILOX4X32X10": 0x1000000,
}
METHODS = {"BOXMULLER": 0, "BOXMULLER2": 1, "ICDF": 2}
chosen = ""


def candidates():
    for generator, number in GENERATORS.items():
        stream = ctypes.c_void_p()
        if mkl.vslNewStream(ctypes.byref(stream), number, 1) != 0:
            continue  # this processor lacks what it needs
        for method, code in METHODS.items():
            for count in (4096, 16384, 65536):
                values = np.empty(count)
                yield f"{generator}, {method}, {count} in a call", filler(code, stream, values)


def filler(method, stream, values):
    address, count = values.ctypes.data, len(values)

    def run(items):
        for _ in range(-(-items // count)):
            gaussian(method, stream, count, address, 0.0, 1.0)
        return (values**2).sum(), count

    return run


def seconds(run):
    times = []
    for _ in range(3):
        start = time.perf_counter()
        run(500_000)
        times.append(time.perf_counter() - start)
    return min(times)


def normal():
    global chosen
    chosen, run = min(candidates(), key=lambda candidate: seconds(candidate[1]))
    return run


def note():
    """What was chosen, and for which instructions MKL has code that it runs here."""
    loaded = pathlib.Path("/proc/self/maps").read_text()
    code = next((name for name in ("avx512", "avx2", "avx10", "def") if f"libmkl_vml_{name}." in loaded), "?")
    return f"{chosen}; libmkl_vml_{code}"


if __name__ == "__main__":
    measure({"normal": normal}, note)
