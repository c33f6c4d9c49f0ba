"""How w of a network spreads: its mean and covariance over random z, gathered in pieces.

Everything is summed in float64, so that 100,000 samples lose nothing. The same seed gives the same
numbers on one device.
"""

from __future__ import annotations

import hashlib
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from networks.base import Generator

SAMPLES: Final = 100_000
"""How many z are mapped unless said otherwise: as many as GANSpace takes, or more."""
_PIECE: Final = 1000

Array = npt.NDArray[np.float64]


class Spread(NamedTuple):
    """The moments of w.

    mean: [w_dim].
    covariance: [w_dim, w_dim], symmetric.
    samples: how many w they are of.
    """

    mean: Array
    covariance: Array
    samples: int

    def deviation(self, vectors: Array) -> Array:
        """The standard deviation of w along each vector: [..., w_dim] -> [...].

        It is that of w·v for v of length 1; the length of what is given does not matter. 0 for a
        vector of nothing but 0.
        """
        length = np.linalg.norm(vectors, axis=-1)
        variance = np.einsum("...i,ij,...j->...", vectors, self.covariance, vectors)
        root = np.sqrt(np.maximum(variance, 0.0))
        return np.asarray(np.divide(root, length, out=np.zeros_like(root), where=length > 0))


class Draws:
    """Random latents of a network.

    generator: in eval mode; it is used where it is.
    seed: of z and of the classes.
    label: the class that all have; None draws one for each, where there are classes.
    """

    def __init__(self, generator: Generator, seed: int, label: int | None) -> None:
        self._generator, self._label = generator, label
        self._draws, self._labels = np.random.RandomState(seed), np.random.RandomState([seed, 1])

    def w(self, count: int) -> Tensor:
        """w of the next z, on the network's device: [count, w_dim]."""
        generator = self._generator
        device = next(generator.parameters()).device
        z = self._draws.randn(count, generator.z_dim).astype(np.float32)
        c = None
        if generator.c_dim:
            drawn = self._labels.randint(generator.c_dim, size=count)
            chosen = drawn if self._label is None else np.full(count, self._label)
            c = torch.from_numpy(np.eye(generator.c_dim, dtype=np.float32)[chosen]).to(device)
        with torch.inference_mode():
            return generator.map(torch.from_numpy(z).to(device), c)


class Moments:
    """Mean and covariance of what is gathered in pieces, in float64. size: of a sample."""

    def __init__(self, size: int) -> None:
        self.count = 0
        self.mean = np.zeros(size)
        self._scatter = np.zeros((size, size))

    def add(self, samples: Array) -> None:
        """Take in samples [N, size], which are merged exactly (Chan, Golub & LeVeque 1979)."""
        mean = samples.mean(0)
        away, apart = samples - mean, mean - self.mean
        total = self.count + len(samples)
        self._scatter += away.T @ away
        self._scatter += np.outer(apart, apart) * (self.count * len(samples) / total)
        self.mean = self.mean + apart * (len(samples) / total)
        self.count = total

    def covariance(self) -> Array:
        """[size, size]; of two samples at least."""
        return self._scatter / (self.count - 1)


class Sampling:
    """Maps random z a piece at a time; whoever holds one may stop between two pieces.

    count: of the samples, at least 2.
    generator, seed, label: as in `Draws`.
    """

    def __init__(self, generator: Generator, count: int, seed: int, label: int | None) -> None:
        if count < 2:
            raise ValueError(f"a spread takes two samples or more, not {count}")
        self._count = count
        self._draws = Draws(generator, seed, label)
        self._moments = Moments(generator.w_dim)

    @property
    def fraction(self) -> float:
        """How much is done, 0…1."""
        return self._moments.count / self._count

    @property
    def finished(self) -> bool:
        """Whether all samples have been taken."""
        return self._moments.count >= self._count

    def step(self) -> None:
        """Take the next piece."""
        w = self._draws.w(min(_PIECE, self._count - self._moments.count))
        self._moments.add(np.asarray(w.cpu().double().numpy()))

    def spread(self) -> Spread:
        """The moments of what has been taken; two samples at least."""
        moments = self._moments
        return Spread(moments.mean.copy(), moments.covariance(), moments.count)


def mapping_digest(generator: Generator, count: int, seed: int, label: int | None) -> str:
    """Names a spread by all that it depends on: what maps z, and how it is sampled.

    Copies of a network in other files, and networks that differ in their synthesis only, share it.
    """
    facts = generator.family, generator.z_dim, generator.c_dim, generator.w_dim, count, seed, label
    digest = hashlib.blake2b(repr(facts).encode(), digest_size=16)
    mapping = getattr(generator, "mapping", None)
    state = {} if generator.w_is_z else (mapping or generator).state_dict()
    for name, tensor in state.items():
        if not name.endswith("w_avg"):
            digest.update(name.encode())
            digest.update(tensor.detach().float().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()
