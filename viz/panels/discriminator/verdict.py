"""What the discriminator says, in words, numbers and colours."""

from __future__ import annotations

import math

from imgui_bundle import ImVec4

from renderer.messages.frame import Verdict
from viz.ui import theme


def signed(value: float, digits: int = 2) -> str:
    """Write a number with its sign, such as +1.32 or −0.41.

    digits: after the point.
    """
    text = f"{abs(value):.{digits}f}"
    return ("−" if value < 0 and float(text) else "+") + text


def word(logit: float) -> str:
    """Say in a word what D takes a picture for."""
    return "real" if logit > 0 else "fake"


def probability(logit: float) -> float:
    """Return the probability of being real that a logit stands for: the logistic function."""
    return 0.5 * (1 + math.tanh(logit / 2))


def percent(share: float) -> str:
    """Write a share, 0…1, in whole percent."""
    return f"{100 * share:.0f} %"


def color(logit: float, alpha: float = 1.0) -> ImVec4:
    """Return the colour of what D says of a picture, one for real and one for fake."""
    palette = theme.current()
    return theme.color(palette.accent if logit > 0 else palette.warning, alpha)


def shade(logit: float) -> float:
    """Return how sure D is, as an opacity: 0 at a logit of 0, nearly 1 at ±5."""
    return abs(2 * probability(logit) - 1)


def clean_line(verdict: Verdict) -> str:
    """Say what D says of the picture as it is: its logit, a word and a probability."""
    return f"{signed(verdict.clean)}  {word(verdict.clean)}, {percent(probability(verdict.clean))}"


def draws_line(verdict: Verdict) -> str:
    """Say the mean ± standard deviation over the draws, and how many are taken for real."""
    share = sum(logit > 0 for logit in verdict.draws) / len(verdict.draws)
    return f"{signed(mean(verdict))} ± {spread(verdict):.2f}  {percent(share)} taken for real"


def mean(verdict: Verdict) -> float:
    """Return the mean over the draws, which is not finite where one of them is not."""
    return sum(verdict.draws) / len(verdict.draws)


def spread(verdict: Verdict) -> float:
    """Return the standard deviation over the draws, 0 where there is only one."""
    away = [(logit - mean(verdict)) ** 2 for logit in verdict.draws]
    return math.sqrt(sum(away) / max(len(away) - 1, 1))
