"""What modules are expected to say of themselves, and whether they do.

A setting that is expected to be `ANY` says again what others say, or changes no picture.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

from networks.formats.contents import FormatError
from networks.formats.modules import Module

ANY: Final = object()
# What is no setting of a module: how it was made, and whether it is being trained.
_ASIDE: Final = ("training", "_init_args", "_init_kwargs")


def dense(inputs: int, outputs: int, act: str = "linear", rate: float = 1) -> dict[str, Any]:
    """The settings of a fully connected layer. rate: its learning rate's multiplier."""
    return {
        "in_features": inputs,
        "out_features": outputs,
        "activation": act,
        "weight_gain": rate / math.sqrt(inputs) if inputs else 0,
        "bias_gain": rate,
    }


def check(path: str, module: Module, expected: Mapping[str, Any] | None) -> None:
    """Raises FormatError where a module is unknown, or says of itself what its settings do not."""
    where = f" of {path}" if path else ""
    if expected is None:
        raise FormatError(f"its module {ascii(path)[1:-1][:80]} is unknown")
    for key, value in module.attributes.items():
        if key in _ASIDE:
            continue
        if key not in expected:
            raise FormatError(f"its setting {ascii(key)[1:-1][:80]}{where} is unknown")
        if expected[key] is not ANY and not _equal(value, expected[key]):
            raise FormatError(
                f"its setting {key}{where} is {ascii(value)[:80]}, "
                f"but follows as {ascii(expected[key])[:80]} from the others"
            )


def _equal(value: Any, expected: Any) -> bool:
    if isinstance(value, bool) or isinstance(expected, bool):
        return value is expected
    if isinstance(value, (int, float)) and isinstance(expected, (int, float)):
        return math.isclose(value, expected, rel_tol=1e-6)
    return bool(value == expected)
