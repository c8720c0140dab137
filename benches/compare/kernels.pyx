# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True
"""Kernels in Cython, with NumPy's generator and its functions in C."""

from cpython.pycapsule cimport PyCapsule_GetPointer
from libc.math cimport fabs, sqrt
from numpy.random cimport bitgen_t
from numpy.random.c_distributions cimport random_gamma, random_normal, random_uniform


cdef bitgen_t *generator(rng):
    return <bitgen_t *> PyCapsule_GetPointer(rng.bit_generator.capsule, "BitGenerator")


def simulations(rng, long items, double mean, double sd):
    cdef bitgen_t *bits = generator(rng)
    cdef double[50] x
    cdef double mu, sigma, total, squares
    cdef long i, accepted = 0
    cdef int k
    for i in range(items):
        mu, sigma = random_normal(bits, 0, 10), random_uniform(bits, 0, 20)
        total = squares = 0
        for k in range(50):
            x[k] = random_normal(bits, mu, sigma)
            total += x[k]
        for k in range(50):
            squares += (x[k] - total / 50) * (x[k] - total / 50)
        if fabs(total / 50 - mean) < 0.2 and fabs(sqrt(squares / 50) - sd) < 0.8:
            accepted += 1
    return accepted


def bivariate(rng, long items):
    cdef bitgen_t *bits = generator(rng)
    cdef double x, y = 0, total = 0
    cdef long i
    for i in range(items):
        x = random_gamma(bits, 3, 1 / (y * y + 4))
        y = random_normal(bits, 1 / (1 + x), 1 / sqrt(2 * (1 + x)))
        total += x
    return total
