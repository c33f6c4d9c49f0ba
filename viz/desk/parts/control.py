"""Control from outside as panels see it: what listens, what has come, and what is being learnt."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from viz.session.parameters.control import Control


class ControlFacts(Protocol):
    """How control from outside is."""

    @property
    def osc(self) -> str:
        """Where OSC messages are received, empty where they are not."""

    @property
    def problems(self) -> tuple[str, ...]:
        """What of that which is switched on does not work, and why."""

    @property
    def midi(self) -> tuple[str, ...]:
        """The names of the MIDI inputs that are heard."""

    @property
    def counts(self) -> tuple[int, int]:
        """How many messages were taken, and how many could not be read or used."""

    @property
    def unknown(self) -> str:
        """The last OSC address that means nothing here, empty before the first."""

    @property
    def last(self) -> tuple[str, float] | None:
        """The source that sent last and what it sent, None before the first."""

    @property
    def playing(self) -> str:
        """The name of the MIDI file that is played, empty for none."""

    @property
    def learning(self) -> str:
        """The address of the control that waits for a knob, empty for none."""

    @property
    def commands(self) -> Mapping[str, str]:
        """The titles of all commands by their addresses below `/ganscope/`."""

    def value(self, source: str) -> float | None:
        """Return the newest value of a source, None where it has sent none yet."""

    def control(self, address: str) -> Control | None:
        """Return the control of an address below `/ganscope/`, None where there is none now."""

    def controls(self) -> tuple[Control, ...]:
        """Return every control there is now."""


class ControlActions(Protocol):
    """What can be done with control from outside."""

    def learn(self, address: str) -> None:
        """Assign the next knob that is moved to a control; empty to wait for none.

        Where nothing listens, what can listen is switched on.
        """

    def play(self, path: str) -> None:
        """Play a MIDI file as if somebody moved the knobs; empty to stop."""


def title_of(facts: ControlFacts, address: str) -> str:
    """Return what people read for an address, the address itself where nothing has it now."""
    control = facts.control(address)
    return control.title if control is not None else facts.commands.get(address, address)
