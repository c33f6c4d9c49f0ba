"""Words for a renderer on another machine that is not ready: how it is reached, and for how long.

Every place of the window that speaks of it says it like this.
"""

from __future__ import annotations

import time
from typing import Final, Literal, TypeAlias

from common.units import rough_duration
from viz.desk.actions import Actions
from viz.desk.facts import Engine

Offer: TypeAlias = Literal["Cancel", "Try now", "Try again"]
"""What can be done about it, as its button calls it."""
TIPS: Final[dict[Offer, str]] = {
    "Cancel": "Wait no longer. The session stays as it is, and you can try again at any time.",
    "Try now": "Do not wait until it is tried again by itself.",
    "Try again": "Start the command that reaches it once more.",
}
QUIET: Final = 4.0
"""Seconds of silence after which it is said what may take so long."""


def offers(engine: Engine) -> tuple[Offer, ...]:
    """Return what can be done about a renderer far away that is not ready."""
    if engine.state == "failed":
        return ("Try again",)
    again = engine.line is not None and engine.line.again_at is not None
    return ("Try now", "Cancel") if again else ("Cancel",)


def do(offer: Offer, actions: Actions) -> None:
    """Do what a button says."""
    if offer == "Cancel":
        actions.give_up_renderer()
    else:
        actions.restart_renderer()


def brief(engine: Engine, place: str = "") -> str:
    """Return where the renderer is and how it is doing, in a few words; empty for one nearby.

    place: what stands for where it is; by default its name in full.
    """
    line, now = engine.line, time.monotonic()
    if line is None:
        return ""
    place = place or line.place
    if engine.state == "failed":
        return f"{place}: not connected"
    if line.again_at is not None:
        return f"{place}: connection lost, trying again {_when(line.again_at - now)}"
    doing = "starting the renderer" if line.answered else "connecting"
    return f"{place}: {doing}, {_whole(now - line.began)}"


def reason(engine: Engine) -> str:
    """Return what is wrong, in a line; empty where nothing is, or nothing is known."""
    line = engine.line
    if line is None:
        return ""
    return line.lost or (engine.text if engine.state == "failed" else "")


def story(engine: Engine) -> str:
    """Return all that is known of it, in lines; empty for a renderer nearby."""
    line = engine.line
    if line is None:
        return ""
    if engine.state == "failed":
        return sentence(line.lost or engine.text or "You did not want to wait any longer")
    now, told = time.monotonic(), []
    if line.again_at is not None:
        again = f"It is tried again {_when(line.again_at - now)}."
        return f"{sentence(line.lost)}\n{again}"
    if line.lost:
        told.append(f"The connection was lost: {sentence(line.lost)}")
    waited = now - line.began
    told.append(f"For {_whole(waited)} so far.")
    if line.said:
        told.append("The last that the command says:")
        told += [f"  {said}" for said in line.said]
    elif waited > QUIET:
        told.append("It says nothing yet. A queue, or a machine that has to wake up, takes long.")
    return "\n".join(told)


def _when(seconds: float) -> str:
    return f"in {_whole(seconds)}" if seconds >= 0.5 else "now"


def _whole(seconds: float) -> str:
    return rough_duration(max(0, round(seconds)))


def sentence(text: str) -> str:
    """Return what is wrong as a sentence, whose end it may lack."""
    return text if text.endswith((".", "?", "!")) else f"{text}."
