"""Filters of the augmentation pipeline, from orthogonal wavelets (ADA, Appendix B).

The coefficients are the least asymmetric wavelets of Daubechies, "Ten Lectures on Wavelets"
(1992), Table 6.3 and Section 8.1, to double precision, scaled to unit energy.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Filter = NDArray[np.float64]

SYM2: Filter = np.array([1 - 3**0.5, 3 - 3**0.5, 3 + 3**0.5, 1 + 3**0.5]) / 32**0.5

SYM6: Filter = np.array(
    [
        0.015404109327027373,
        0.0034907120842174702,
        -0.11799011114819057,
        -0.048311742585633,
        0.4910559419267466,
        0.787641141030194,
        0.3379294217276218,
        -0.07263752278646252,
        -0.021060292512300564,
        0.04472490177066578,
        0.0017677118642428036,
        -0.007800708325034148,
    ]
)

BANDS = 4


def lowpass() -> Filter:
    """Return the half-band filter that geometry resamples with: [12], its sum is 1."""
    return np.asarray(SYM6 / SYM6.sum())


def filter_bank() -> Filter:
    """Return symmetric filters of the bands 0…π/8, π/8…π/4, π/4…π/2, π/2…π: [4, 43].

    Together they pass everything: their sum is the unit impulse.

    With H the low-pass wavelet filter, P(z) = H(z)H(1/z)/2 passes the lower half of the
    spectrum without changing phases, and 1 − P(z) the upper half. Octave k is what passes
    P(z), …, P(z^(2^(k−1))) and not P(z^(2^k)).
    """
    low = np.convolve(SYM2, SYM2[::-1]) / 2
    passed, bands = np.ones(1), []
    for k in range(BANDS - 1):
        low_k = _dilate(low, 2**k)
        bands.append(np.convolve(passed, _impulse(len(low_k)) - low_k))
        passed = np.convolve(passed, low_k)
    bands.append(passed)
    return np.stack([_centred(band, len(passed)) for band in reversed(bands)])


def _dilate(taps: Filter, factor: int) -> Filter:
    """Spread a filter: F(z) becomes F(z^factor)."""
    spread = np.zeros((len(taps) - 1) * factor + 1)
    spread[::factor] = taps
    return spread


def _impulse(length: int) -> Filter:
    return _centred(np.ones(1), length)


def _centred(taps: Filter, length: int) -> Filter:
    return np.pad(taps, (length - len(taps)) // 2)
