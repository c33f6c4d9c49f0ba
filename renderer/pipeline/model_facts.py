"""Facts about an opened snapshot, for display and for the controls that depend on them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Protocol, TypeVar

from networks.base import Generator
from renderer.messages.model import LayerInfo, ModelInfo, RowInfo

Number = TypeVar("Number", int, float)


class Opened(Protocol):
    """What opening a snapshot file gives (networks.snapshots.snapshot.Snapshot)."""

    @property
    def G_ema(self) -> Generator: ...  # noqa: N802 - the field's name for it
    @property
    def format(self) -> str: ...
    @property
    def available(self) -> tuple[str, ...]: ...
    @property
    def kimg(self) -> float | None: ...
    @property
    def augment_p(self) -> float | None: ...
    @property
    def metadata(self) -> Mapping[str, object]: ...
    @property
    def file_bytes(self) -> int: ...


def describe(path: str, opened: Opened, generator: Generator, *, modified: int = 0) -> ModelInfo:
    """The facts about an opened snapshot.

    modified: when its file was written, in nanoseconds since 1970; 0 where that is not known.
    """
    layers = [
        LayerInfo(
            name=layer.name,
            resolution=layer.resolution,
            channels=layer.channels,
            dtype=str(layer.dtype).removeprefix("torch."),
            noise=layer.noise,
            rate=layer.sampling.after if layer.sampling else 0,
            cutoff=layer.sampling.cutoff if layer.sampling else 0.0,
            oblong=layer.oblong,
            styles=layer.styles,
        )
        for layer in generator.layers
    ]
    return ModelInfo(
        path=path,
        name=Path(path).name,
        format=opened.format,
        family=generator.family,
        resolution=generator.resolution,
        img_channels=generator.img_channels,
        z_dim=generator.z_dim,
        w_dim=generator.w_dim,
        c_dim=generator.c_dim,
        num_ws=generator.num_ws,
        parameters=sum(p.numel() for p in generator.parameters()),
        layers=tuple(layers),
        rows=tuple(_row(generator, index) for index in range(generator.num_ws)),
        kimg=opened.kimg,
        augment_p=opened.augment_p,
        networks=opened.available,
        file_bytes=opened.file_bytes,
        metadata=tuple(_metadata(opened.metadata)),
        truncates=generator.w_avg is not None,
        transforms=generator.transforms,
        w_is_z=generator.w_is_z,
        has_styles=any(True for stage in generator.stages for _ in stage.style_weights()),
        own_psi=_own(opened.metadata.get("truncation_psi"), float),
        oblong=_oblong(generator),
        own_cutoff=_own(opened.metadata.get("truncation_cutoff"), int),
        lod=float(generator.config.get("lod", 0.0)),
        modified=modified,
    )


def _oblong(generator: Generator) -> tuple[int, int] | None:
    height, width = generator.img_shape
    return (height, width) if height != width else None


def _own(value: object, kind: type[Number]) -> Number | None:
    """A number of a file's metadata as `kind`; None where nothing can be drawn with it."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not -100 <= value <= 100:
        return None
    return kind(value)


def _row(generator: Generator, index: int) -> RowInfo:
    """What row `index` of w drives; its resolution is the largest one that it reaches."""
    layers = [layer for layer in generator.layers if layer.row == index]
    stages = [stage for stage in generator.stages if index in stage.rows]
    reached = layers or [layer for stage in stages for layer in stage.layers]
    shape = max((layer.shape for layer in reached), default=generator.img_shape)
    names = tuple(layer.name for layer in layers)
    return RowInfo(index, max(shape), names, shape if shape[0] != shape[1] else None)


def _metadata(metadata: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Everything for display, in order; training options, of which there are many, come last."""
    rest = dict(metadata)
    options = rest.pop("training_options", None)
    if isinstance(options, Mapping) and "training_set_kwargs" in options:
        rest.pop("training_set_kwargs", None)  # the same facts twice
    yield from _lines(rest)
    yield from _lines(options)


def _lines(value: object, name: str = "") -> Iterator[tuple[str, str]]:
    """Nested values as (dotted name, text); what is None or empty is left out."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _lines(inner, f"{name}.{key}" if name else str(key))
    elif isinstance(value, list | tuple):
        yield from _lines("; ".join(str(item) for item in value), name)
    elif value not in (None, ""):
        yield name, str(value)
