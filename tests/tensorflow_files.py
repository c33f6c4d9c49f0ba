"""Snapshots of NVIDIA's TensorFlow programs, taken apart and put together again for tests."""

from __future__ import annotations

import io
import pickle
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any


class Network:
    """What a file calls by one of the names of `networks.formats.tensorflow.state.NETWORKS`."""

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.state = state

    def __getstate__(self) -> dict[str, Any]:
        return self.state


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if name == "Network":
            return type("Network", (Network,), {"__module__": module, "__qualname__": "Network"})
        assert module.startswith("numpy"), module
        return super().find_class(module, name)


@contextmanager
def _importable(module: str, kind: type) -> Iterator[None]:
    """For the pickler, which looks every class up where it says that it is."""
    names = [module[:end] for end in _ends(module)]
    modules = {name: ModuleType(name) for name in names}
    vars(modules[module])["Network"] = kind
    sys.modules |= modules
    try:
        yield
    finally:
        for name in names:
            del sys.modules[name]


def _ends(module: str) -> list[int]:
    return [*(i for i, letter in enumerate(module) if letter == "."), len(module)]


def loaded(path: Path) -> tuple[Any, ...]:
    """The networks (G, D, Gs) of a file that can be trusted, as objects with a `state`."""
    return tuple(_Unpickler(io.BytesIO(path.read_bytes())).load())


def written(networks: Any, protocol: int = 4) -> bytes:
    """A file that holds them."""
    some = next((n for n in _flat(networks) if isinstance(n, Network)), None)
    assert some is not None
    kind = type("Network", (Network,), {"__module__": some.__module__, "__qualname__": "Network"})
    for network in _flat(networks):
        if isinstance(network, Network):
            network.__class__ = kind
    with _importable(some.__module__, kind):
        return pickle.dumps(networks, protocol)


def _flat(value: Any) -> Iterator[Any]:
    if isinstance(value, (tuple, list)):
        for item in value:
            yield from _flat(item)
    elif isinstance(value, dict):
        yield from _flat(list(value.values()))
    elif isinstance(value, Network):
        yield value
        yield from _flat(value.state.get("components", {}))


def parts(network: Network) -> list[Network]:
    """A network and those that it consists of."""
    return [item for item in _flat(network) if isinstance(item, Network)]
