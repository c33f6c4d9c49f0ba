"""Patterns in stone and wood: numbers for points in the block that a bust is cut from."""

from __future__ import annotations

import numpy as np

_WAVES = 8  # plane waves in a noise: enough that none is seen


def noise(points: np.ndarray, frequency: float, number: int) -> np.ndarray:
    """Smooth noise [N] at points [N, 3], of mean 0 and standard deviation 1.

    A sum of plane waves of random directions, whose lengths are about 1 / `frequency`.
    number: of the noise; each is another.
    """
    rng = np.random.default_rng(number)
    waves = rng.normal(size=(3, _WAVES))
    waves *= rng.uniform(0.6, 1.4, _WAVES) / np.linalg.norm(waves, axis=0)
    single = np.float32  # enough for a pattern, and twice as fast
    phases = points.astype(single) @ (waves * 2 * np.pi * frequency).astype(single)
    phases += rng.uniform(0, 2 * np.pi, _WAVES).astype(single)
    total: np.ndarray = np.sin(phases) @ np.full(_WAVES, np.sqrt(2 / _WAVES), single)
    return total.astype(np.float64)


def veins(points: np.ndarray) -> np.ndarray:
    """How much of a vein there is, 0…1 [N]: thin surfaces where a warped noise is 0."""
    warped = points + 0.10 * np.stack([noise(points, 1.3, 11 + axis) for axis in range(3)], axis=1)
    width = 0.11 * np.exp(0.5 * noise(points, 0.9, 15))
    main = np.exp(-((noise(warped, 0.42, 16) / width) ** 2))
    fine = np.exp(-((noise(warped, 0.95, 17) / (0.7 * width)) ** 2))
    together: np.ndarray = np.maximum(main, 0.55 * fine)
    return together


def bands(points: np.ndarray) -> np.ndarray:
    """How dark the band is, 0…1 [N]: rings about a leaning axis, as a trunk has them."""
    x, y, z = points.T
    radius = np.hypot(x + 0.22 * z + 0.7, y - 0.1 * z - 0.4)
    radius = radius + 0.045 * noise(points * [1, 1, 0.5], 0.9, 21)
    year = (radius * 6.5) % 1
    late: np.ndarray = np.minimum(year**2.2, (1 - year) / 0.12)  # grows dark, and ends at once
    return late


def clouds(points: np.ndarray) -> np.ndarray:
    """How thick the cloud is, 0…1 [N]."""
    thick = noise(points, 0.6, 31) + 0.6 * noise(points, 1.5, 32) + 0.35 * noise(points, 3.2, 33)
    soft: np.ndarray = 0.5 + 0.5 * np.tanh(1.3 * thick - 0.3)
    return soft
