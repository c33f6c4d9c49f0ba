"""Inlaid eyes: enamel, an iris of glass, a pupil, the shadow of the lid, and a light in them."""

from __future__ import annotations

import numpy as np

from recipes.busts.factors import Eyes, Light
from recipes.busts.mesh import smoothstep, unit
from recipes.busts.studio import direction

# Angles from where the eye looks, as on an eyeball, but larger: they are seen from afar.
_IRIS, _PUPIL = np.cos(0.56), np.cos(0.25)
_ENAMEL = np.array([0.86, 0.82, 0.76])
# Linear RGB of the iris at even steps of its factor.
_IRISES = np.array(
    [
        [0.060, 0.022, 0.008],
        [0.200, 0.075, 0.015],
        [0.240, 0.170, 0.035],
        [0.085, 0.190, 0.080],
        [0.060, 0.170, 0.240],
        [0.060, 0.130, 0.360],
        [0.210, 0.250, 0.300],
    ]
)
# A window that eyes reflect: nearer to the camera than the key light, so that no lid hides it.
_ASIDE, _LOWEST, _HIGHEST = 0.62, 0.30, 0.62
_GLINT, _GLINT_EDGE = np.cos(0.30), np.cos(0.54)


def colours(
    from_centre: np.ndarray, turn: np.ndarray, own: np.ndarray, eyes: Eyes
) -> tuple[np.ndarray, np.ndarray]:
    """Albedo [N, 3] of points of one eyeball, and how much of each is an inlay of glass [N].

    from_centre: [N, 3], unit vectors from the eyeball's centre.
    turn: [3, 3], of the head.
    own: [N, 3], what the albedo of the bust would be there.
    """
    ahead = np.array([np.sin(eyes.gaze_right), -1.0, np.sin(eyes.gaze_up)])
    cosine = from_centre @ (turn @ unit(ahead))
    in_iris = smoothstep((cosine - _IRIS) / 0.03 + 0.5)[:, None]
    in_pupil = smoothstep((cosine - _PUPIL) / 0.012 + 0.5)[:, None]
    step = eyes.iris * (len(_IRISES) - 1)
    colour = np.array([np.interp(step, range(len(_IRISES)), part) for part in _IRISES.T])
    # Paler towards the pupil, and ringed with black.
    inward = np.clip((cosine - _IRIS) / (_PUPIL - _IRIS), 0, 1)[:, None]
    iris = colour * (0.25 + 1.5 * inward)
    white = eyes.inlay * _ENAMEL + (1 - eyes.inlay) * own
    albedo = white * (1 - in_iris) + iris * in_iris * (1 - in_pupil) + 0.004 * in_pupil
    # The upper lid and its lashes shade what is below them.
    up = from_centre @ (turn @ np.array([0.0, 0.0, 1.0]))
    shaded = 1 - 0.55 * smoothstep((up - 0.05) / 0.36)
    glass = np.maximum(in_iris[:, 0], eyes.inlay)
    return albedo * shaded[:, None], glass


def glint(mirrored: np.ndarray, light: Light) -> np.ndarray:
    """How bright a window eyes reflect in directions [N, 3], 0…1 [N]."""
    elevation = float(np.clip(light.elevation * 0.8, _LOWEST, _HIGHEST))
    window = direction(light.azimuth * _ASIDE, elevation)
    seen: np.ndarray = smoothstep((mirrored @ window - _GLINT_EDGE) / (_GLINT - _GLINT_EDGE))
    return seen
