"""The factors of one picture, drawn from (seed, index) alone."""

from __future__ import annotations

import numpy as np

from recipes.busts.factors import (
    Backdrop,
    Drapery,
    Expression,
    Eyes,
    Factors,
    Hair,
    Head,
    Light,
    Materials,
    Pose,
)
from recipes.busts.palette import mixed, worn

# Details of the face by the body model's names, without the side: left and right change together.
# Each weight, in −1…1, is normally distributed around 0 with this standard deviation.
DETAILS: dict[str, float] = {
    "cheek-volume-incr": 0.22,
    "cheek-bones-incr": 0.22,
    "cheek-inner-incr": 0.15,
    "chin-height-incr": 0.18,
    "chin-prominent-incr": 0.20,
    "chin-width-incr": 0.20,
    "chin-bones-incr": 0.15,
    "chin-cleft-incr": 0.20,
    "ear-scale-incr": 0.12,
    "ear-wing-incr": 0.12,
    "eyebrows-angle-up": 0.20,
    "eyebrows-trans-up": 0.18,
    "eyebrows-trans-forward": 0.22,
    "eye-scale-incr": 0.15,
    "eye-height2-incr": 0.12,
    "eye-corner1-up": 0.15,
    "eye-corner2-up": 0.15,
    "eye-push1-out": 0.12,
    "eye-bag-incr": 0.15,
    "eye-trans-out": 0.10,
    "forehead-temple-incr": 0.15,
    "forehead-trans-forward": 0.15,
    "forehead-scale-vert-incr": 0.15,
    "head-fat-incr": 0.15,
    "head-scale-depth-incr": 0.12,
    "head-scale-horiz-incr": 0.12,
    "head-angle-out": 0.12,
    "head-back-scale-depth-incr": 0.12,
    "mouth-scale-horiz-incr": 0.22,
    "mouth-lowerlip-volume-incr": 0.25,
    "mouth-upperlip-volume-incr": 0.25,
    "mouth-cupidsbow-incr": 0.20,
    "mouth-trans-up": 0.12,
    "mouth-angles-up": 0.12,
    "mouth-laugh-lines-out": 0.20,
    "neck-scale-horiz-incr": 0.15,
    "neck-scale-depth-incr": 0.12,
    "neck-double-incr": 0.10,
    "nose-scale-vert-incr": 0.15,
    "nose-scale-horiz-incr": 0.18,
    "nose-scale-depth-incr": 0.18,
    "nose-hump-incr": 0.22,
    "nose-curve-convex": 0.18,
    "nose-point-up": 0.20,
    "nose-point-width-incr": 0.18,
    "nose-width2-incr": 0.18,
    "nose-greek-incr": 0.18,
    "nose-flaring-incr": 0.15,
    "nose-trans-up": 0.10,
}
# Eyes are what is looked at first: they are wider open than those of the average body.
_OPEN_EYES = {"eye-scale-incr": 0.42, "eye-height2-incr": 0.45}


def draw(seed: int, index: int) -> Factors:
    """Factors of picture `index` of `seed`, whatever else is drawn. Both are 0 or more."""
    rng = np.random.default_rng(np.random.SeedSequence([seed, index]))
    return Factors(
        head=_head(rng),
        expression=_expression(rng),
        hair=_hair(rng),
        eyes=_eyes(rng),
        drapery=_drapery(rng),
        pose=_pose(rng),
        light=_light(rng),
        materials=_materials(rng),
        backdrop=_backdrop(rng),
    )


def _head(rng: np.random.Generator) -> Head:
    african, asian, caucasian = rng.dirichlet([0.9, 0.9, 0.9])
    return Head(
        gender=float(rng.beta(0.6, 0.6)),
        age=float(rng.uniform(0.45, 0.95)),
        weight=float(rng.beta(3, 3.5)),
        muscle=float(rng.beta(3, 2.5)),
        african=float(african),
        asian=float(asian),
        caucasian=float(caucasian),
        details={
            name: _OPEN_EYES.get(name, 0.0) + _bounded(rng, spread)
            for name, spread in DETAILS.items()
        },
    )


def _expression(rng: np.random.Generator) -> Expression:
    # Squares and cubes keep most faces calm while every strength stays possible.
    return Expression(
        smile=float(rng.uniform() ** 2.0 * 0.9),
        jaw_open=float(rng.uniform() ** 5 * 0.35),
        frown=float(rng.uniform() ** 3 * 0.6),
        brows_up=float(rng.uniform() ** 3 * 0.8),
        eyes_closed=float(rng.uniform() ** 6 * 0.4),
        pucker=float(rng.uniform() ** 5 * 0.5),
    )


def _hair(rng: np.random.Generator) -> Hair:
    return Hair(
        volume=float(rng.beta(2.8, 1.1)),
        wave_depth=float(rng.uniform(0.25, 1)),
        wave_width=float(rng.uniform(0, 1)),
        hairline=_bounded(rng, 0.35),
        curl=float(np.clip(rng.uniform(-0.3, 1.3), 0, 1)),
    )


def _eyes(rng: np.random.Generator) -> Eyes:
    return Eyes(
        inlay=float(np.clip(rng.uniform(0.2, 2), 0, 1)),
        iris=float(rng.uniform()),
        gaze_right=float(rng.normal(0, 0.10)),
        gaze_up=float(rng.normal(0, 0.05)),
    )


def _drapery(rng: np.random.Generator) -> Drapery:
    return Drapery(
        neckline=float(rng.beta(2.0, 1.1)),
        folds=float(rng.uniform(0.4, 1)),
        side=float(rng.uniform(-1, 1)),
    )


def _pose(rng: np.random.Generator) -> Pose:
    return Pose(
        yaw=float(rng.uniform(-0.75, 0.75)),
        pitch=float(np.clip(rng.normal(0, 0.10), -0.25, 0.25)),
        roll=float(np.clip(rng.normal(0, 0.05), -0.12, 0.12)),
    )


def _light(rng: np.random.Generator) -> Light:
    return Light(
        azimuth=float(rng.uniform(-1.15, 1.15)),
        elevation=float(rng.uniform(0.25, 0.95)),
        warmth=float(rng.uniform(-0.4, 1)),
        fill=float(rng.uniform(0.25, 0.6)),
        rim=float(rng.uniform(0.3, 1.0)),
    )


def _materials(rng: np.random.Generator) -> Materials:
    x, y, z = rng.uniform(size=3)
    return Materials(
        body=mixed(rng),
        cloth=worn(rng),
        hair_share=float(np.clip(rng.uniform(-0.7, 1.5), 0, 1)),
        lips=float(rng.uniform() ** 1.5 * 0.8),
        offset=(float(x), float(y), float(z)),
    )


def _backdrop(rng: np.random.Generator) -> Backdrop:
    hue = rng.uniform()
    return Backdrop(
        hue=float(hue),
        saturation=float(rng.uniform(0.05, 0.34)),
        brightness=float(rng.uniform(0.18, 0.54)),
        second_hue=float((hue + rng.normal(0, 0.13)) % 1),
        shadow=float(rng.uniform(0.3, 0.9)),
    )


def _bounded(rng: np.random.Generator, spread: float) -> float:
    return float(np.clip(rng.normal(0, spread), -2.2 * spread, 2.2 * spread))
