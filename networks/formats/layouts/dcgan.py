"""DCGAN as people keep it: layers in a row, by number (`main.0.weight`) or by name.

Two kinds are known. PyTorch's example has 4x4 transposed convolutions from one pixel on; a small
tutorial begins with a dense layer of 7·7·256 and has 5x5 ones. What a table of tensors does not say
(strides, activations) is taken to be as they have it, and said; a whole module says it itself.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from math import isqrt
from typing import Any, Final

from networks.formats.account import Account
from networks.formats.contents import FormatError, NetworkData, TensorRef
from networks.formats.layouts import Found, Layout
from networks.formats.modules import Module

_NAME: Final = r"((?:\w+\.)?\w+)\.(weight|bias|running_mean|running_var|num_batches_tracked)"
_EXAMPLE: Final = "main.0.weight"
_MAX_LAYERS: Final = 40
_TUTORIAL_SLOPE: Final = 0.3
_TUTORIAL_EPSILON: Final = 1e-3
_SILENT: Final = ("Sequential", "Dropout", "Dropout2d", "Unflatten", "Flatten", "Identity")
"""Modules without tensors that leave a picture as it is once training is over."""


@dataclass
class Row:
    """One layer with tensors. norm: the batch normalisation after it."""

    name: str
    weight: TensorRef
    bias: TensorRef | None
    norm: dict[str, TensorRef] = field(default_factory=dict)

    @property
    def dense(self) -> bool:
        """Whether it is a dense layer, [out, in], and no convolution."""
        return len(self.weight.shape) == 2


def recognises(names: Collection[str]) -> bool:
    """Layers in a row, some of which are batch normalisations.

    A table that begins like PyTorch's example is one even with a few other names in it, so that
    `read` can say which they are.
    """
    if not names or len(names) > 6 * _MAX_LAYERS:
        return False
    others = _others(names)
    begins = _EXAMPLE in names and _EXAMPLE not in others and 2 * len(others) < len(names)
    normalised = any(name.endswith(".running_mean") for name in names)
    return normalised and (not others or begins)


def _others(names: Collection[str]) -> list[str]:
    """The names that are not of the row in which most are."""
    found = {name: re.fullmatch(_NAME, name) for name in names}
    rows = Counter(match[1].rpartition(".")[0] for match in found.values() if match)
    row = max(rows, key=lambda each: rows[each], default="")
    return [name for name, m in found.items() if not m or m[1].rpartition(".")[0] != row]


def read(found: Found) -> NetworkData:
    """A network by our names. Raises FormatError for layers that are none of DCGAN's."""
    for name in _others(found.tensors):
        raise FormatError(
            f"the tensor {name[:80]!a} is no part of a DCGAN network", "It would be drawn wrongly."
        )
    rows = list(_rows(found.tensors))
    class_name = found.module.class_name if found.module else ""
    if found.name == "D":
        return _discriminator(rows, found, class_name)
    config, refs, notes = _generator(rows, found.module)
    found.tensors.pass_over(r".*\.num_batches_tracked")
    found.tensors.settle("a DCGAN generator")
    return NetworkData("generator", "dcgan", config, refs, class_name, notes)


def _rows(tensors: Account[TensorRef]) -> Iterator[Row]:
    """The layers in their order, which is that of the file."""
    paths = dict.fromkeys(name.rpartition(".")[0] for name in tensors)
    row: Row | None = None
    for path in paths:
        weight = tensors.take(f"{path}.weight")
        has_bias = f"{path}.bias" in tensors
        bias = tensors.take(f"{path}.bias") if has_bias else None
        if len(weight.shape) in (2, 4) and 0 not in weight.shape:
            if row is not None:
                yield row
            row = Row(path, weight, bias)
        elif row is not None and not row.norm and len(weight.shape) == 1 and bias is not None:
            row.norm = {
                "weight": weight,
                "bias": bias,
                "running_mean": tensors.take(f"{path}.running_mean"),
                "running_var": tensors.take(f"{path}.running_var"),
            }
        else:
            raise FormatError(f"the layer {path} is none of a DCGAN network")
    if row is None:
        raise FormatError("it has no layers")
    yield row


def _generator(
    rows: list[Row], module: Module | None
) -> tuple[dict[str, Any], dict[str, TensorRef], tuple[str, ...]]:
    config: dict[str, Any] = {"c_dim": 0}
    refs: dict[str, TensorRef] = {}
    said = _said(module)
    if rows[0].dense:
        config |= _dense(rows, refs)
        rows = rows[1:]
    else:
        config["z_dim"] = rows[0].weight.shape[0]
    if rows[-1].norm:
        raise FormatError(f"after {rows[-1].name} the layer that makes colours is missing")
    begins_dense = "dense_channels" in config
    tutorial = begins_dense and all(row.weight.shape[-1] == 5 for row in rows)
    inputs = config.get("dense_channels", config["z_dim"])
    plans = []
    for index, row in enumerate(rows):
        shape = row.weight.shape
        if row.dense or shape[2] != shape[3] or shape[0] != inputs:
            raise FormatError(f"the layer {row.name} does not continue the one before it")
        first = index == 0 and not begins_dense
        plans.append(said.plan(row.name) or _usual_plan(row.name, shape[2], first, index))
        inputs = shape[1]
        ours = f"synthesis.{index + begins_dense}"
        refs[f"{ours}.weight"] = row.weight
        if row.bias is not None:
            refs[f"{ours}.bias"] = row.bias
        refs |= {f"{ours}.norm.{part}": ref for part, ref in row.norm.items()}
    config |= {
        "channels": [row.weight.shape[1] for row in rows],
        "kernels": [row.weight.shape[2] for row in rows],
        "strides": [plan[0] for plan in plans],
        "paddings": [plan[1] for plan in plans],
        "extras": [plan[2] for plan in plans],
        "biases": [int(row.bias is not None) for row in rows],
        "norms": [int(bool(row.norm)) for row in rows],
    }
    notes: list[str] = []
    slope = said.slope
    if slope is None:
        slope = _TUTORIAL_SLOPE if tutorial else 0.0
        kind = f"leaky ReLU of {slope}" if slope else "ReLU"
        notes.append(f"strides and activations ({kind}) are taken to be the published ones")
    epsilon = said.epsilon
    if epsilon is None:
        epsilon = _TUTORIAL_EPSILON if tutorial else 1e-5
    return config | {"slope": slope, "epsilon": epsilon}, refs, tuple(notes)


def _usual_plan(name: str, kernel: int, first: bool, index: int) -> tuple[int, int, int]:
    """Stride, padding and what is added at the lower right of a transposed convolution."""
    if first:
        return 1, 0, 0
    if kernel == 4:
        return 2, 1, 0
    if kernel == 5:
        return (1, 2, 0) if index == 0 else (2, 2, 1)
    raise FormatError(
        f"the kernel of {name} is {kernel}x{kernel}, and its stride is not known",
        "Save the whole network (torch.save of the module), which says its strides.",
    )


def _dense(rows: list[Row], refs: dict[str, TensorRef]) -> dict[str, Any]:
    """The first layer, whose features become as many channels as the next one takes."""
    row = rows[0]
    features, z_dim = row.weight.shape
    if len(rows) < 2 or rows[1].dense:
        raise FormatError(f"no convolution follows the layer {row.name}")
    channels = rows[1].weight.shape[0]
    resolution = isqrt(features // channels)
    if channels * resolution**2 != features or not resolution:
        raise FormatError(f"the {features} features of {row.name} are no {channels} square maps")
    refs["synthesis.0.weight"] = row.weight
    if row.bias is not None:
        refs["synthesis.0.bias"] = row.bias
    for part, ref in row.norm.items():
        each = ref.shape == (channels,) and resolution > 1
        # Normalised as maps: all features of a map share what the file holds once.
        refs[f"synthesis.0.norm.{part}"] = _repeated(ref, resolution**2) if each else ref
    return {
        "z_dim": z_dim,
        "dense_channels": channels,
        "dense_resolution": resolution,
        "dense_bias": row.bias is not None,
        "dense_norm": bool(row.norm),
    }


def _repeated(ref: TensorRef, times: int) -> TensorRef:
    size = ref.shape[0] * times
    return TensorRef((size,), ref.dtype, lambda: ref.load().repeat_interleave(times))


@dataclass(frozen=True)
class _Said:
    """What a whole module says of its layers; nothing of it where there is no module.

    slope: of its rectifiers; None where it has none as modules. epsilon: of its normalisations.
    """

    module: Module | None
    slope: float | None = None
    epsilon: float | None = None

    def plan(self, name: str) -> tuple[int, int, int] | None:
        """Stride, padding and output padding of a layer."""
        if self.module is None:
            return None
        layer = self.module.child(name)
        found = layer.attributes if layer else {}
        said: list[Any] = [found.get(key) for key in ("stride", "padding", "output_padding")]
        plan = [item if isinstance(item, list) else [item, item] for item in said]
        if layer is None or layer.class_name != "ConvTranspose2d":
            raise FormatError(f"the layer {name} is no transposed convolution")
        if any(len(item) != 2 or item[0] != item[1] or type(item[0]) is not int for item in plan):
            raise FormatError(f"the stride or padding of {name} is not the same both ways")
        if found.get("groups") != 1 or found.get("dilation") not in (1, [1, 1]):
            raise FormatError(f"the layer {name} is grouped or dilated")
        stride, padding, extra = (item[0] for item in plan)
        return stride, padding, extra


def _said(module: Module | None) -> _Said:
    if module is None:
        return _Said(None)
    slopes: list[float] = []
    epsilons: list[float] = []
    for path, part in module.walk():
        name, found = part.class_name, part.attributes
        if name == "ReLU":
            slopes.append(0.0)
        elif name == "LeakyReLU":
            slopes.append(found.get("negative_slope", 0.01))
        elif name in ("BatchNorm2d", "BatchNorm1d"):
            epsilons.append(found.get("eps", 1e-5))
        elif part.tensors or part.children or name in ("Tanh", *_SILENT):
            continue
        else:
            raise FormatError(f"the layer {path} ({name}) is none of a DCGAN network")
    for what, values in (("rectifiers", slopes), ("normalisations", epsilons)):
        if len(set(values)) > 1 or any(type(value) not in (int, float) for value in values):
            raise FormatError(f"its {what} are not all alike")
    return _Said(module, slopes[0] if slopes else None, epsilons[0] if epsilons else None)


def _discriminator(rows: list[Row], found: Found, class_name: str) -> NetworkData:
    if found.module is not None:
        raise FormatError("its D is a whole module", "Save its state_dict() with torch.save.")
    *halvings, last = rows
    refs = {"out": last.weight}
    for index, row in enumerate(halvings):
        refs[f"halvings.{index}.weight"] = row.weight
        refs |= {f"halvings.{index}.norm.{part}": ref for part, ref in row.norm.items()}
    kernels = [row.weight.shape[2:] for row in rows]
    if last.norm or any(row.bias is not None for row in rows) or set(kernels) != {(4, 4)}:
        raise FormatError("its D has other layers than the published 4x4 convolutions")
    found.tensors.pass_over(r".*\.num_batches_tracked")
    found.tensors.settle("a DCGAN discriminator")
    config = {
        "c_dim": 0,
        "img_resolution": 4 << len(halvings),
        "img_channels": rows[0].weight.shape[1],
        "channels": [row.weight.shape[0] for row in halvings],
        "norms": [int(bool(row.norm)) for row in halvings],
    }
    return NetworkData("discriminator", "dcgan", config, refs, class_name)


LAYOUT: Final = Layout("DCGAN checkpoint", 90, recognises, read)
