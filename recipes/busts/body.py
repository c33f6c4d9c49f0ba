"""The parametric body: from factors to the triangles of a head and its shoulders."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np

from common.errors import UserError
from recipes.busts.factors import Expression, Factors, Head

_INSTALL = (
    "Install what they are made with: pip install roma trimesh embreex pyyaml && "
    "pip install --no-deps anny==0.6.2"
)

_PHENOTYPE = ("gender", "age", "weight", "muscle", "african", "asian", "caucasian")
# The facial actions of each movement, at its full strength. Where there is a left and a right one,
# both are meant.
_ACTIONS: dict[str, dict[str, float]] = {
    "smile": {"mouthSmile": 1.0, "cheekSquint": 0.5, "mouthDimple": 0.2},
    "jaw_open": {"jawOpen": 1.0},
    "frown": {"browDown": 1.0, "mouthFrown": 0.6, "eyeSquint": 0.3},
    "brows_up": {"browInnerUp": 1.0, "browOuterUp": 1.0, "eyeWide": 0.3},
    "eyes_closed": {"eyeBlink": 1.0},
    "pucker": {"mouthPucker": 1.0},
}
_LOWEST, _WIDEST = -3.6, 2.9  # where the vertices that are kept end, in units of `rest`


@dataclass(frozen=True, slots=True)
class Shape:
    """A head and its shoulders in metres: x to its left, z up, looking along −y.

    vertices: [V, 3].
    faces: [F, 3], the numbers of the vertices of each triangle.
    rest: [V, 3], where each vertex is on the average body, in units of its eye-to-crown height
        about the point between its eyes.
    eyes: [V], 1 on the left and 2 on the right eyeball, else 0.
    ears: [V], 1 on the ears and 0 off them.
    lips: [V], 1 on the lips and 0 off them.
    pivot: [3], where the head turns on the neck.
    """

    vertices: np.ndarray
    faces: np.ndarray
    rest: np.ndarray
    eyes: np.ndarray
    ears: np.ndarray
    lips: np.ndarray
    pivot: np.ndarray


class Body:
    """The loaded model of a body.

    The first time on a machine takes about two minutes and leaves 1.2 GB in ANNY_CACHE_DIR, or in
    ~/.cache/anny. Raises UserError where a package is missing.
    """

    def __init__(self) -> None:
        self._model = _load()
        self._neck = self._model.bone_labels.index("head")
        average, _ = self._posed({}, {}, {})
        faces = self._model.get_triangular_faces().numpy()
        eyes = self._eyeballs()
        middle = average[eyes > 0].mean(0)
        rest = (average - middle) / (average[:, 2].max() - middle[2])
        # Hands and legs would only be squeezed into the edge of the bust.
        kept = (rest[:, 2] > _LOWEST) & (np.abs(rest[:, 0]) < _WIDEST)
        self._kept = np.flatnonzero(kept)
        self._faces = (np.cumsum(kept) - 1)[faces[kept[faces].all(1)]]
        self._rest, self._eyes = rest[kept], eyes[kept]
        ears = self._moved("l-ear-scale-incr", "r-ear-scale-incr")
        lips = self._moved("mouth-lowerlip-volume-incr", "mouth-upperlip-volume-incr")
        self._ears = np.clip(ears[kept] / 0.12, 0, 1)
        self._lips = np.clip((lips[kept] - 0.15) / 0.45, 0, 1)

    def shape(self, factors: Factors) -> Shape:
        """The head of `factors`, looking straight ahead, without hair."""
        head = factors.head
        phenotype = {name: getattr(head, name) for name in _PHENOTYPE}
        vertices, pivot = self._posed(
            {**phenotype, "height": 0.5, "proportions": 0.8},
            self._local_changes(head),
            self._facial_actions(factors.expression),
        )
        return Shape(
            vertices[self._kept], self._faces, self._rest, self._eyes, self._ears, self._lips, pivot
        )

    def _posed(
        self, phenotype: dict[str, float], local: dict[str, float], actions: dict[str, float]
    ) -> tuple[np.ndarray, np.ndarray]:
        import torch

        with torch.no_grad():
            result = self._model(
                pose_parameters=torch.eye(4).repeat(1, self._model.bone_count, 1, 1),
                phenotype_kwargs=phenotype,
                local_changes_kwargs=local,
                facial_actions=actions,
            )
        vertices = result["vertices"][0].numpy().astype(np.float64)
        return vertices, result["bone_poses"][0, self._neck, :3, 3].numpy().astype(np.float64)

    def _local_changes(self, head: Head) -> dict[str, float]:
        known = set(self._model.local_change_labels)
        return {
            label: value
            for name, value in head.details.items()
            for label in (name, f"l-{name}", f"r-{name}")
            if label in known
        }

    def _facial_actions(self, expression: Expression) -> dict[str, float]:
        known = set(self._model.facial_action_labels)
        total: dict[str, float] = {}
        for movement, actions in _ACTIONS.items():
            strength = getattr(expression, movement)
            for action, weight in actions.items():
                for label in (action, f"{action}Left", f"{action}Right"):
                    if label in known:
                        total[label] = min(1.0, total.get(label, 0.0) + strength * weight)
        return total

    def _eyeballs(self) -> np.ndarray:
        bones = self._model.vertex_bone_indices.numpy()
        weights = self._model.vertex_bone_weights.numpy()
        eyes = np.zeros(len(bones), np.int8)
        for number, label in enumerate(("eye.L", "eye.R"), 1):
            bone = self._model.bone_labels.index(label)
            eyes[(weights * (bones == bone)).sum(1) > 0.5] = number
        return eyes

    def _moved(self, *changes: str) -> np.ndarray:
        # What moves when the ears grow is an ear: how far each vertex moves [V], 1 for the one that
        # moves the farthest.
        labels, shapes = self._model.blendshape_labels, self._model.blendshapes
        moved = np.zeros(shapes.shape[1])
        for change in changes:
            shape = shapes[labels.index(f"local_change:{change}")].numpy()
            length = np.linalg.norm(shape, axis=1)
            moved = np.maximum(moved, length / length.max())
        return moved


def missing(error: ImportError) -> UserError:
    """What to tell the user of a package that cannot be imported."""
    package = (error.name or str(error)).split(".")[0]
    return UserError(f"Busts need the package {package}, which cannot be imported.", _INSTALL)


def _load() -> Any:
    try:
        with warnings.catch_warnings():
            # It would rather skin with warp, which is of no use for one pose.
            warnings.filterwarnings("ignore", "Fallback to lbs", UserWarning)
            anny = import_module("anny")
            model = anny.Anny(local_changes="default", facial_actions="all", phenotypes="all")
            return model.float()
    except ImportError as error:
        raise missing(error) from error
