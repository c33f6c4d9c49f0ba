"""Low-pass filters by Kaiser's window method (Karras et al. 2021, Appendix C.1)."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

Taps = npt.NDArray[np.float64]


def lowpass(taps: int, cutoff: float, half_width: float, rate: float, radial: bool) -> Tensor:
    """A low-pass filter that leaves a constant as it is.

    taps: a side. cutoff, half_width: of the pass band and of half the transition band, and rate:
    samples, all per unit of length. radial: the same in all directions, which no product of a row
    and a column is. Returns float32 [taps], or [taps, taps] where it is radial.
    """
    # A copy: buffers are written to when a network is filled, what is remembered must not be.
    return torch.from_numpy(_design(taps, cutoff, half_width, rate, radial).astype(np.float32))


@lru_cache(maxsize=256)
def _design(taps: int, cutoff: float, half_width: float, rate: float, radial: bool) -> Taps:
    # The share of the Nyquist frequency that the whole transition band takes.
    transition = 4 * half_width / rate
    window = np.kaiser(taps, _kaiser_beta(2.285 * math.pi * (taps - 1) * transition + 7.95))
    place = (np.arange(taps) - (taps - 1) / 2) / rate
    if radial:
        distance = np.hypot(*np.meshgrid(place, place))
        ideal = _jinc(distance, cutoff) * np.outer(window, window)
    else:
        ideal = np.sinc(2 * cutoff * place) * window
    return np.asarray(ideal / ideal.sum())


def _kaiser_beta(attenuation: float) -> float:
    """The window's parameter for an attenuation of the stop band in dB (Kaiser 1974)."""
    if attenuation > 50:
        return 0.1102 * (attenuation - 8.7)
    if attenuation > 21:
        return 0.5842 * math.pow(attenuation - 21, 0.4) + 0.07886 * (attenuation - 21)
    return 0.0


def _jinc(distance: Taps, cutoff: float) -> Taps:
    """The impulse response of a disc of frequencies: J₁(2π f r) / r, up to a factor."""
    phase = torch.from_numpy(2 * math.pi * cutoff * distance)
    response = torch.special.bessel_j1(phase) / phase
    # Its limit at the centre, which an odd number of taps reaches.
    return np.asarray(torch.where(phase == 0, 0.5, response).numpy())
