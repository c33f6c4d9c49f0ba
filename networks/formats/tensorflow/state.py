"""The state of a `Network` of NVIDIA's TensorFlow programs: settings and variables, as data.

A network is pickled as `{version, name, static_kwargs, build_module_src, build_func_name,
variables, components}`. Their loader runs `build_module_src`, the program that builds the network;
here it is never looked at: its name, `build_func_name`, is what says which network it is.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor

from networks.formats.account import Account
from networks.formats.contents import FormatError, TensorRef
from networks.formats.modules import simple
from networks.formats.numpy_data import NUMPY_NAMES
from networks.pickles.data import CONTAINERS, Record

NETWORKS: Final = ("dnnlib.tflib.network.Network", "tfutil.Network", "tfutils.Network")
"""What the classes of networks are called: from StyleGAN on, in Progressive GAN, and in between."""
_FROM_BUFFER: Final = ("numpy.core.numeric._frombuffer", "numpy._core.numeric._frombuffer")
"""How NumPy writes arrays from pickle protocol 5 on."""
DATA_NAMES: Final = frozenset({*NETWORKS, *NUMPY_NAMES, *CONTAINERS, *_FROM_BUFFER})
_DTYPES: Final = {"f2": torch.float16, "f4": torch.float32, "f8": torch.float64}
_MAX_DIMENSIONS: Final = 8


@dataclass(frozen=True)
class NetworkState:
    """One network of a file.

    name: what the file calls it, such as `Gs`.
    builder: the name of the function that built it, such as `G_style`.
    settings: what that function was told, as plain data.
    variables: its tensors by their names.
    components: the networks that it consists of, by name.
    """

    name: str
    builder: str
    settings: Account[Any]
    variables: Account[TensorRef]
    components: dict[str, NetworkState]


def is_network(value: Any) -> bool:
    """Whether a record describes a network."""
    return isinstance(value, Record) and value.name in NETWORKS


def read_state(value: Any, depth: int = 0) -> NetworkState:
    """The state of a network out of its record. Raises FormatError where it is no such state."""
    if not is_network(value) or not isinstance(value.state, dict) or depth > 2:
        raise FormatError("a network in it has no state")
    state, components = value.state, value.state.get("components") or {}
    settings, builder = state.get("static_kwargs"), state.get("build_func_name")
    if not isinstance(settings, dict) or not isinstance(builder, str):
        raise FormatError("a network in it does not say what it is")
    if not isinstance(components, dict) or not all(isinstance(key, str) for key in components):
        raise FormatError("the parts of a network are no table of names")
    return NetworkState(
        name=str(state.get("name"))[:100],
        builder=builder[:100],
        settings=Account("setting", {str(key): simple(item) for key, item in settings.items()}),
        variables=Account("tensor", dict(_variables(state.get("variables")))),
        components={key: read_state(part, depth + 1) for key, part in components.items()},
    )


def _variables(value: Any) -> Iterable[tuple[str, TensorRef]]:
    if not isinstance(value, (list, tuple)):
        raise FormatError("the variables of a network are no list")
    for item in value:
        match item:
            case (str(name), array):
                yield name, array_ref(name, array)
            case _:
                raise FormatError("a variable of a network has no name")


def array_ref(name: str, value: Any) -> TensorRef:
    """A NumPy array or number that is still in the file. Raises FormatError where it is neither."""
    match value:
        case bool() | int() | float():
            return TensorRef(
                (), torch.float64, lambda: torch.tensor(float(value), dtype=torch.float64)
            )
        case Record(name=kind, args=(Record() as dtype, bytes() as raw)) if kind.endswith(
            ".scalar"
        ):
            return _array(name, (), dtype, False, raw)
        case Record(name=kind, state=(int(), shape, Record() as dtype, bool(fortran), raw)) if (
            kind.endswith("._reconstruct") and isinstance(raw, (bytes, memoryview))
        ):
            return _array(name, shape, dtype, fortran, raw)
        case Record(
            name=kind, args=(bytes() | memoryview() as raw, Record() as dtype, shape, order)
        ):
            if kind in _FROM_BUFFER and order in ("C", "F"):
                return _array(name, shape, dtype, order == "F", raw)
    raise FormatError(f"the tensor {name[:80]!a} is described by something else")


def _array(
    name: str, shape: Any, dtype: Record, fortran: bool, raw: bytes | memoryview
) -> TensorRef:
    code = dtype.args[0] if dtype.name == "numpy.dtype" and dtype.args else None
    order = dtype.state[1] if isinstance(dtype.state, tuple) and len(dtype.state) > 1 else "<"
    if code not in _DTYPES or order not in ("<", ">", "|", "="):
        raise FormatError(f"the tensor {name[:80]!a} holds no floats")
    if (
        not isinstance(shape, tuple)
        or len(shape) > _MAX_DIMENSIONS
        or any(type(size) is not int or size < 0 for size in shape)
        or math.prod(shape) * int(code[1]) != len(raw)
    ):
        raise FormatError(f"the tensor {name[:80]!a} has a shape that is not that of its data")

    def load() -> Tensor:
        numbers = np.frombuffer(raw, ("<" if order == "=" else order) + code)
        array = numbers.reshape(shape, order="F" if fortran else "C")
        return torch.from_numpy(np.array(array, code))

    return TensorRef(shape, _DTYPES[code], load)


def turned(ref: TensorRef, order: Sequence[int], *, flip: bool = False, by: float = 1) -> TensorRef:
    """A tensor with its dimensions in another order, as `Tensor.permute` takes it.

    flip: the last two are turned round. by: everything is multiplied by it.
    Raises FormatError where it has other dimensions.
    """
    if len(ref.shape) != len(order):
        raise FormatError(f"a tensor has the shape {list(ref.shape)}, not {len(order)} dimensions")

    def load() -> Tensor:
        value = ref.load().permute(*order)
        value = value.flip(-1, -2) if flip else value
        return (value if by == 1 else value * by).contiguous()

    return TensorRef(tuple(ref.shape[axis] for axis in order), ref.dtype, load)


def kernel(ref: TensorRef, *, flip: bool = False, by: float = 1) -> TensorRef:
    """The kernel of a convolution [k, k, in, out] as [out, in, k, k]."""
    return turned(ref, (3, 2, 0, 1), flip=flip, by=by)


def matrix(ref: TensorRef, *, by: float = 1) -> TensorRef:
    """The weight of a dense layer [in, out] as [out, in]."""
    return turned(ref, (1, 0), by=by)
