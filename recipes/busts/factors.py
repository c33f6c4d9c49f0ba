"""Everything that decides one picture."""

from __future__ import annotations

from dataclasses import dataclass


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
    curl: from strands that run down from the whorl, 0, to snail curls, 1.
    """

    volume: float
    wave_depth: float
    wave_width: float
    hairline: float
    curl: float


@dataclass(frozen=True, slots=True)
class Eyes:
    """Inlaid eyes, as ancient bronzes have them.

    inlay: from the material of the bust, 0, to enamel and glass, 1.
    iris: its colour, from brown over green and blue to grey, 0…1.
    gaze_right, gaze_up: where they look beside where the face does, in radians.
    """

    inlay: float
    iris: float
    gaze_right: float
    gaze_up: float


@dataclass(frozen=True, slots=True)
class Drapery:
    """A cloth about the shoulders.

    neckline: from below the picture, 0, to the neck, 1.
    folds: how deep they are, 0…1.
    side: the shoulder where they are gathered, from the left of the picture, −1, to the right, 1.
    """

    neckline: float
    folds: float
    side: float


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
    """What something is made of. All are in 0…1.

    red, green, blue: its colour, linear.
    second_red, second_green, second_blue: the colour of what runs through it or grows on it.
    metalness: from stone to metal.
    roughness: from polished to dull.
    translucency: how far light goes into it.
    patina: how much of the second colour, or a darker tone, is left in hollows.
    veins: how much of the second colour runs through it in veins.
    bands: how much of it lies in bands, like the grain of wood.
    clouds: how much of it lies in clouds.
    """

    red: float
    green: float
    blue: float
    second_red: float
    second_green: float
    second_blue: float
    metalness: float
    roughness: float
    translucency: float
    patina: float
    veins: float
    bands: float
    clouds: float


@dataclass(frozen=True, slots=True)
class Materials:
    """Where which material is.

    body: the material of the face and the neck.
    cloth: that of the drapery.
    hair_share: how much of the cloth's material the hair and the brows are of, 0…1.
    lips: how much darker and redder the lips are than the face, 0…1.
    offset: where in the block the bust was cut: it moves veins, bands and clouds; three numbers,
        0…1.
    """

    body: Material
    cloth: Material
    hair_share: float
    lips: float
    offset: tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Backdrop:
    """A wall with a gradient of two colours. All are in 0…1.

    hue, saturation: its colour where it is lightest.
    brightness: how bright it is there.
    second_hue: the colour that it changes to.
    shadow: how dark the shadow is that the bust casts on it.
    """

    hue: float
    saturation: float
    brightness: float
    second_hue: float
    shadow: float


@dataclass(frozen=True, slots=True)
class Factors:
    """All that a picture depends on."""

    head: Head
    expression: Expression
    hair: Hair
    eyes: Eyes
    drapery: Drapery
    pose: Pose
    light: Light
    materials: Materials
    backdrop: Backdrop
