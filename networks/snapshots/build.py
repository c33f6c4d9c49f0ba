"""Networks out of what a file holds: checked first, built without weights, filled once."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, Final

import torch
from torch import nn
from torch.overrides import TorchFunctionMode

from networks.augment import AugmentPipe
from networks.families import families
from networks.formats.contents import FormatError, NetworkData

# A file may claim any size: these bound what is built before its tensors are compared.
_LIMITS: Final = {
    "img_resolution": 8192,
    "mapping_layers": 64,
    "img_channels": 4096,
    "channel_base": 1 << 24,
}
_LIMIT: Final = 1 << 16
_WORDS: Final = ("architecture", "activation", "mapping_activation")
_BUILD_ERRORS: Final = (
    TypeError,
    ValueError,
    LookupError,
    AssertionError,
    ArithmeticError,
    RuntimeError,
)
_UNFILLED: Final[dict[Any, Any]] = {torch.randn: torch.empty, torch.rand: torch.empty}
_FACTORIES: Final = (*_UNFILLED, torch.empty, torch.zeros, torch.ones, torch.full)
_SLACK: Final = 1 << 16  # elements that a constructor may make besides its weights


def build(
    data: NetworkData, *, limit: int, progress: Callable[[float], None] = lambda fraction: None
) -> nn.Module:
    """The network of `data` in float32 on the CPU, in eval mode, without gradients.

    limit: bytes its tensors may take. Raises FormatError naming the tensor that does not fit.
    """
    claimed = sum(4 * math.prod(ref.shape) for ref in data.tensors.values() if ref.in_file)
    if claimed > limit:
        raise FormatError("its tensors claim far more data than the file holds")
    network = unfilled(data)
    expected = network.state_dict()
    loaded: dict[str, torch.Tensor] = {}
    for index, (name, ref) in enumerate(data.tensors.items()):
        progress(index / len(expected))
        loaded[name] = ref.load().to(expected[name].dtype)
    network.load_state_dict(loaded, assign=True)
    return network.eval().requires_grad_(False)


def unfilled(data: NetworkData) -> nn.Module:
    """The network of `data` with weights undefined, once its tensors fit. Raises FormatError."""
    elements = sum(math.prod(ref.shape) for ref in data.tensors.values()) + _SLACK
    check_config(data.config)
    make = _constructor(data)
    try:
        with _Unfilled(elements):
            network = make(**data.config)
    except _BUILD_ERRORS as error:
        raise FormatError(f"no network can be built from its settings ({error})") from error
    _compare(data, network.state_dict())
    return network


def _constructor(data: NetworkData) -> Callable[..., nn.Module]:
    """What makes the network of `data` out of its config. Raises FormatError."""
    if data.kind == "augmentation":
        known: Mapping[str, Any] = {AugmentPipe.family: AugmentPipe}
    else:
        known = {name: getattr(family, data.kind) for name, family in families().items()}
    make: Callable[..., nn.Module] | None = known.get(data.family)
    if make is None:
        raise FormatError(f"its networks are of an unknown family ({data.family[:40]!a})")
    return make


def check_config(config: Mapping[str, Any]) -> None:
    """Raises FormatError for keywords of the wrong type or out of any sensible range."""
    for key, value in config.items():
        if key in _WORDS:
            fits = isinstance(value, str) or value is None
        elif isinstance(value, (list, tuple)):
            fits = len(value) <= 64 and all(_in_range(item, _LIMIT) for item in value)
        else:
            fits = value is None or _in_range(value, _LIMITS.get(key, _LIMIT))
        if not fits:
            raise FormatError(f"its setting {key[:40]!a} is out of range")


def _in_range(value: Any, bound: int) -> bool:
    return isinstance(value, (bool, int, float)) and -1 <= value <= bound


def _compare(data: NetworkData, expected: Mapping[str, torch.Tensor]) -> None:
    for name, tensor in expected.items():
        ref = data.tensors.get(name)
        if ref is None:
            raise FormatError(f"the tensor {name} is missing")
        if ref.shape != tuple(tensor.shape):
            raise FormatError(
                f"the tensor {name} has the shape {list(ref.shape)}, not {list(tensor.shape)}"
            )
    for name in data.tensors:
        if name not in expected:
            raise FormatError(f"the tensor {name[:80]!a} belongs to no layer")


class _Unfilled(TorchFunctionMode):
    """Makes initial weights without random numbers, and not more of them than `elements`.

    All are replaced from the file. Memory that nobody writes to takes no space, and starts
    faster than torch's "meta" device, whose first use imports a compiler.
    """

    def __init__(self, elements: int) -> None:
        super().__init__()
        self._left = elements

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        kwargs = dict(kwargs or {})
        if func in _UNFILLED:
            kwargs.pop("generator", None)
        result = _UNFILLED.get(func, func)(*args, **kwargs)
        if func in _FACTORIES:
            self._left -= result.numel()
            if self._left < 0:
                raise FormatError("its settings describe a larger network than it holds")
        return result
