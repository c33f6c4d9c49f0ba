"""R3GAN as its own program pickles it, or as a table of its tensors, which tell everything.

Stages that were trained in bfloat16 are computed in float32.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

from networks.families.r3gan.layers import MOST_BLOCKS, MOST_STAGES
from networks.formats.account import Account
from networks.formats.contents import FormatError, NetworkData, TensorRef
from networks.formats.layouts import Found, Layout
from networks.formats.modules import Module
from networks.formats.settings.expected import ANY, check

_FIRST: Final = "MainLayers.0.Layers.0.Basis"
_LAST: Final = "ExtractionLayer.Layer.weight"
_CLASSES: Final = frozenset(
    [
        *("Generator", "Discriminator", "GeneratorStage", "DiscriminatorStage", "ModuleList"),
        *("GenerativeBasis", "DiscriminativeBasis", "UpsampleLayer", "DownsampleLayer"),
        *("ResidualBlock", "Convolution", "Conv2d", "Linear"),
        *(
            f"{name}{path}"
            for name in ("BiasedActivation", "InterpolativeUpsampler", "InterpolativeDownsampler")
            for path in ("", "CUDA", "Reference")
        ),
    ]
)
"""What its networks are made of. There are other resamplers, which our networks do not have."""


def recognises(names: Collection[str]) -> bool:
    """A generator that begins with a learnt picture, or a discriminator."""
    return any(f"{prefix}{name}" in names for prefix in ("", "Model.") for name in (_FIRST, _LAST))


def read(found: Found) -> NetworkData:
    """A network by our names. Raises FormatError for what is none of R3GAN's."""
    prefix = "" if {_FIRST, _LAST} & found.tensors.keys() else "Model."
    is_generator = f"{prefix}{_FIRST}" in found.tensors
    reader = _Reader(found.tensors, prefix)
    config = reader.generator() if is_generator else reader.discriminator()
    kind: Any = "generator" if is_generator else "discriminator"
    found.tensors.settle(f"an R3GAN {kind}")
    class_name = ""
    if found.module is not None:
        class_name = found.module.class_name
        expected = {"z_dim": config.get("z_dim"), "c_dim": config["c_dim"]}
        resolution = 4 << (len(config["widths"]) - 1)
        _check(found.module, {**expected, "img_resolution": resolution}, found.tensors)
    # Every tensor is compared with those of our network when it is built.
    return NetworkData(kind, "r3gan", config, reader.refs, class_name)


class _Reader:
    """Takes the tensors of a network, and finds out its config.

    refs: what was taken, by our names. shapes: of the inner convolutions of all blocks.
    """

    def __init__(self, tensors: Account[TensorRef], prefix: str) -> None:
        self._tensors, self._prefix = tensors, prefix
        self.refs: dict[str, TensorRef] = {}
        self._kernels: set[int] = set()
        self._taps: set[int] = set()

    def generator(self) -> dict[str, Any]:
        count, inputs = self._count(), 0
        widths: list[int] = []
        hidden, groups, blocks = [], [], []
        for index in range(count):
            theirs, ours = f"MainLayers.{index}.Layers", f"synthesis.b{4 << index}"
            if index == 0:
                self._take(f"{theirs}.0.Basis", f"{ours}.basis", 3)
                weight = self._take(f"{theirs}.0.LinearLayer.weight", f"{ours}.linear.weight", 2)
                width, inputs = weight
            else:
                width = self._resample(f"{theirs}.0", f"{ours}.up", widths[-1])
            found = self._blocks(theirs, ours, first=1)
            widths.append(width)
            hidden.append(found[0])
            groups.append(found[1])
            blocks.append(found[2])
        colours = self._take(
            "AggregationLayer.Layer.weight", f"synthesis.b{4 << count - 1}.colours.weight", 4
        )
        features, c_dim = self._embed("synthesis.b4.embed.weight")
        return {
            "z_dim": inputs - features,
            "img_channels": colours[0],
            **self._common(widths, hidden, groups, blocks, features, c_dim),
        }

    def discriminator(self) -> dict[str, Any]:
        count = self._count()
        colours = self._take("ExtractionLayer.Layer.weight", "colours.weight", 4)
        widths, hidden, groups, blocks = [colours[0]], [], [], []
        for index in range(count):
            theirs, ours = f"MainLayers.{index}.Layers", f"levels.b{4 << count - 1 - index}"
            found = self._blocks(theirs, ours, first=0)
            hidden.append(found[0])
            groups.append(found[1])
            blocks.append(found[2])
            last = f"{theirs}.{found[2]}"
            if index < count - 1:
                widths.append(self._resample(last, f"{ours}.down", widths[-1]))
            else:
                self._take(f"{last}.Basis.weight", "basis", 4)
                self._take(f"{last}.LinearLayer.weight", "linear.weight", 2)
        features, c_dim = self._embed("embed.weight")
        return {
            "img_channels": colours[1],
            **self._common(widths, hidden, groups, blocks, features, c_dim),
        }

    def _common(
        self,
        widths: list[int],
        hidden: list[int],
        groups: list[int],
        blocks: list[int],
        features: int,
        c_dim: int,
    ) -> dict[str, Any]:
        for what, sizes in (("convolutions", self._kernels), ("filters", self._taps)):
            if len(sizes) > 1:
                raise FormatError(f"its {what} are of several sizes")
        return {
            "c_dim": c_dim,
            "widths": widths,
            "hidden": hidden,
            "groups": groups,
            "blocks": blocks,
            "kernel": next(iter(self._kernels), 3),
            "embed_features": features,
            "filter_size": next(iter(self._taps), 4),
        }

    def _count(self) -> int:
        """How many stages there are."""
        start = f"{self._prefix}MainLayers."
        numbers = {
            name.removeprefix(start).partition(".")[0]
            for name in self._tensors
            if name.startswith(start)
        }
        if numbers != {str(index) for index in range(len(numbers))} or len(numbers) > MOST_STAGES:
            raise FormatError("its stages are not 0, 1, 2 …")
        return len(numbers)

    def _take(self, theirs: str, ours: str, dimensions: int) -> tuple[int, ...]:
        """Take a tensor; returns its shape."""
        ref = self._tensors.take(self._prefix + theirs)
        if len(ref.shape) != dimensions or 0 in ref.shape:
            raise FormatError(f"the tensor {theirs} has the shape {list(ref.shape)}")
        self.refs[ours] = ref
        return ref.shape

    def _has(self, theirs: str) -> bool:
        return self._prefix + theirs in self._tensors

    def _resample(self, theirs: str, ours: str, width: int) -> int:
        """A change of resolution; returns the channels after it."""
        shape = self._take(f"{theirs}.Resampler.Kernel", f"{ours}.resample_filter", 2)
        self._taps.add(shape[0])
        if not self._has(f"{theirs}.LinearLayer.Layer.weight"):
            return width
        return self._take(f"{theirs}.LinearLayer.Layer.weight", f"{ours}.linear.weight", 4)[0]

    def _blocks(self, theirs: str, ours: str, first: int) -> tuple[int, int, int]:
        """The residual blocks of a stage: hidden channels, groups, and how many there are."""
        count, hidden, groups = 0, 1, 1
        while self._has(f"{theirs}.{first + count}.LinearLayer1.Layer.weight"):
            block, own = f"{theirs}.{first + count}", f"{ours}.res{count}"
            for number in (1, 2, 3):
                name = f"{block}.LinearLayer{number}.Layer.weight"
                shape = self._take(name, f"{own}.conv{number - 1}.weight", 4)
                if number == 2:
                    hidden, groups = shape[0], max(1, shape[0] // shape[1])
                    self._kernels.add(shape[2])
            for number in (1, 2):
                self._take(f"{block}.NonLinearity{number}.Bias", f"{own}.conv{number - 1}.bias", 1)
            count += 1
            if count > MOST_BLOCKS:
                raise FormatError("it has more blocks than any network")
        return hidden, groups, count

    def _embed(self, ours: str) -> tuple[int, int]:
        """How many numbers are learnt of each class, and how many classes there are."""
        if not self._has("EmbeddingLayer.weight"):
            return 0, 0
        features, c_dim = self._take("EmbeddingLayer.weight", ours, 2)
        return features, c_dim


def _check(module: Module, network: dict[str, Any], tensors: Account[TensorRef]) -> None:
    """Hold every module to what tensors say. Raises FormatError naming what does not fit."""
    for path, part in module.walk():
        name = part.class_name
        if name not in _CLASSES:
            raise FormatError(f"its part {path} (class {name}) is no part of an R3GAN network")
        expected: dict[str, Any] = {}
        weight = tensors.get(f"{path}.weight")
        if name in ("Generator", "Discriminator"):
            expected = network
        elif name.endswith("Stage"):
            expected = {"DataType": ANY}
        elif name == "Linear" and weight is not None:
            expected = {"in_features": weight.shape[1], "out_features": weight.shape[0]}
        elif name == "Conv2d" and weight is not None:
            expected = _convolution(path, weight.shape)
        elif name.endswith("Reference"):
            expected = {"FilterRadius": ANY}
        check(path, part, expected)


def _convolution(path: str, shape: tuple[int, ...]) -> dict[str, Any]:
    """What a convolution says of itself: it is plain, but for groups in two kinds of layers."""
    outputs, each, kernel, _ = shape
    last = path.endswith(".Basis")
    groups = outputs // each if last or path.endswith(".LinearLayer2.Layer") else 1
    padding = 0 if last else kernel // 2
    return {
        "in_channels": each * groups,
        "out_channels": outputs,
        "kernel_size": [kernel, kernel],
        "stride": [1, 1],
        "padding": [padding, padding],
        "dilation": [1, 1],
        "groups": groups,
        "transposed": False,
        "output_padding": [0, 0],
        "padding_mode": "zeros",
    }


LAYOUT: Final = Layout("R3GAN checkpoint", 30, recognises, read)
