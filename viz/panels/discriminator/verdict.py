"""What the discriminator says, in words, numbers and colours."""

from __future__ import annotations

import math

from imgui_bundle import ImVec4

from renderer.messages.frame import Verdict
from viz.ui import theme


def signed(value: float, digits: int = 2) -> str:
    """A number with its sign, of one width: +1.32, −0.41."""
    text = f"{abs(value):.{digits}f}"
    return ("−" if value < 0 and float(text) else "+") + text


def word(logit: float) -> str:
    return "real" if logit > 0 else "fake"


def probability(logit: float) -> float:
    """What D's output means as a probability of being real: the logistic function."""
    return 0.5 * (1 + math.tanh(logit / 2))


def percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def color(logit: float, alpha: float = 1.0) -> ImVec4:
    """The colour of what is said of one picture: one for real and one for fake."""
    palette = theme.current()
    return theme.color(palette.accent if logit > 0 else palette.warning, alpha)


def shade(logit: float) -> float:
    """How sure D is, as an opacity: 0 at a logit of 0, nearly 1 at ±5."""
    return abs(2 * probability(logit) - 1)


def clean_line(verdict: Verdict) -> str:
    return f"{signed(verdict.clean)}  {word(verdict.clean)}, {percent(probability(verdict.clean))}"


def draws_line(verdict: Verdict) -> str:
    """Mean ± standard deviation over the draws, and how many are taken for real."""
    share = sum(logit > 0 for logit in verdict.draws) / len(verdict.draws)
    return f"{signed(mean(verdict))} ± {spread(verdict):.2f}  {percent(share)} taken for real"


def mean(verdict: Verdict) -> float:
    """The mean over the draws, not finite where one of them is not."""
    return sum(verdict.draws) / len(verdict.draws)


def spread(verdict: Verdict) -> float:
    """The standard deviation over the draws, 0 where there is only one."""
    away = [(logit - mean(verdict)) ** 2 for logit in verdict.draws]
    return math.sqrt(sum(away) / max(len(away) - 1, 1))
