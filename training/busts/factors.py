"""Everything that decides one picture, drawn from (seed, index) alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

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


@dataclass(frozen=True, slots=True)
class Head:
    """Who it is.

    gender: male 0 to female 1.
    age: young 0 to old 1.
    weight: light 0 to heavy 1.
    muscle: soft 0 to muscular 1.
    african, asian, caucasian: shares of ancestry, which sum to 1.
    details: weights by the names of DETAILS, −1…1.
    """

    gender: float
    age: float
    weight: float
    muscle: float
    african: float
    asian: float
    caucasian: float
    details: dict[str, float]


@dataclass(frozen=True, slots=True)
class Expression:
    """How much of each movement of the face there is, 0…1."""

    smile: float
    jaw_open: float
    frown: float
    brows_up: float
    eyes_closed: float
    pucker: float


@dataclass(frozen=True, slots=True)
class Hair:
    """Carved hair.

    volume: how thick it is, from 0 for a shaved head to 1.
    wave_depth, wave_width: how deep and how wide its locks are, 0…1.
    hairline: how much higher than usual it begins, mostly in −1…1.
    """

    volume: float
    wave_depth: float
    wave_width: float
    hairline: float


@dataclass(frozen=True, slots=True)
class Pose:
    """The turn of the head in radians.

    yaw: to the right of the picture.
    pitch: down.
    roll: clockwise.
    """

    yaw: float
    pitch: float
    roll: float


@dataclass(frozen=True, slots=True)
class Light:
    """The lights.

    azimuth, elevation: where the key light is, in radians: from the camera to the right, then up.
    warmth: how warm it is, −1…1.
    fill, rim: how strong the fill light and the rim lights are beside it, 0…1.
    """

    azimuth: float
    elevation: float
    warmth: float
    fill: float
    rim: float


@dataclass(frozen=True, slots=True)
class Material:
    """What the bust is made of. All are in 0…1.

    red, green, blue: its colour, linear.
    metalness: from stone to metal.
    roughness: from polished to dull.
    translucency: how far light goes into it.
    patina: how much of a darker tone is left in hollows.
    """

    red: float
    green: float
    blue: float
    metalness: float
    roughness: float
    translucency: float
    patina: float


@dataclass(frozen=True, slots=True)
class Backdrop:
    """A wall with a gradient. All are in 0…1.

    hue, saturation: its colour.
    brightness: how bright it is where it is lightest.
    """

    hue: float
    saturation: float
    brightness: float


@dataclass(frozen=True, slots=True)
class Factors:
    """All that a picture depends on."""

    head: Head
    expression: Expression
    hair: Hair
    pose: Pose
    light: Light
    material: Material
    backdrop: Backdrop


# One row for each material: linear red, green and blue, then metalness, roughness, translucency and
# patina.
_PALETTE = np.array(
    [
        [0.80, 0.75, 0.68, 0.00, 0.34, 0.60, 0.15],  # marble
        [0.74, 0.56, 0.34, 0.00, 0.30, 0.70, 0.35],  # ivory
        [0.44, 0.20, 0.075, 0.95, 0.34, 0.00, 0.60],  # bronze
        [0.98, 0.58, 0.13, 1.00, 0.28, 0.00, 0.40],  # gold
        [0.76, 0.77, 0.80, 1.00, 0.30, 0.00, 0.50],  # silver
        [0.56, 0.15, 0.055, 0.00, 0.62, 0.15, 0.30],  # terracotta
        [0.08, 0.36, 0.16, 0.00, 0.18, 0.80, 0.25],  # jade
        [0.28, 0.55, 0.45, 0.00, 0.16, 0.50, 0.40],  # celadon
        [0.030, 0.032, 0.042, 0.20, 0.20, 0.00, 0.00],  # obsidian
        [0.025, 0.08, 0.46, 0.05, 0.15, 0.20, 0.30],  # cobalt glaze
        [0.62, 0.10, 0.13, 0.00, 0.20, 0.40, 0.30],  # coral glaze
        [0.24, 0.12, 0.44, 0.00, 0.22, 0.40, 0.30],  # violet glaze
        [0.10, 0.33, 0.30, 0.30, 0.48, 0.05, 0.55],  # verdigris
    ]
)


def draw(seed: int, index: int) -> Factors:
    """Factors of picture `index` of `seed`, whatever else is drawn. Both are 0 or more."""
    rng = np.random.default_rng(np.random.SeedSequence([seed, index]))
    return Factors(
        head=_head(rng),
        expression=_expression(rng),
        hair=_hair(rng),
        pose=_pose(rng),
        light=_light(rng),
        material=_material(rng),
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
        details={name: _bounded(rng, spread) for name, spread in DETAILS.items()},
    )


def _expression(rng: np.random.Generator) -> Expression:
    # Squares and cubes keep most faces calm while every strength stays possible.
    return Expression(
        smile=float(rng.uniform() ** 2.0 * 0.9),
        jaw_open=float(rng.uniform() ** 5 * 0.35),
        frown=float(rng.uniform() ** 3 * 0.7),
        brows_up=float(rng.uniform() ** 3 * 0.8),
        eyes_closed=float(rng.uniform() ** 4 * 0.5),
        pucker=float(rng.uniform() ** 5 * 0.5),
    )


def _hair(rng: np.random.Generator) -> Hair:
    return Hair(
        volume=float(rng.beta(1.6, 1.3)),
        wave_depth=float(rng.uniform(0.25, 1)),
        wave_width=float(rng.uniform(0, 1)),
        hairline=_bounded(rng, 0.35),
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


def _material(rng: np.random.Generator) -> Material:
    # Most weight on one stone, metal or glaze, the rest on others: a continuum with clear centres.
    shares = rng.dirichlet(np.full(len(_PALETTE), 0.07))
    mixed = shares @ _PALETTE
    mixed[:3] *= np.exp(rng.normal(0, 0.08, 3) + rng.normal(0, 0.10))
    mixed[4] *= np.exp(rng.normal(0, 0.12))
    mixed = np.clip(mixed, 0.02, 1) * (mixed > 0)
    return Material(*(float(value) for value in mixed))


def _backdrop(rng: np.random.Generator) -> Backdrop:
    return Backdrop(
        hue=float(rng.uniform()),
        saturation=float(rng.uniform(0.05, 0.30)),
        brightness=float(rng.uniform(0.16, 0.52)),
    )


def _bounded(rng: np.random.Generator, spread: float) -> float:
    return float(np.clip(rng.normal(0, spread), -2.2 * spread, 2.2 * spread))
