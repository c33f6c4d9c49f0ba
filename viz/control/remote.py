"""Control from outside: what has arrived becomes changes of the session, once a frame."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from msgspec import structs

from renderer.messages.directions import Component
from renderer.messages.model import ModelInfo
from viz.control.command_addresses import command_addresses
from viz.control.inbox import Arrival, Inbox
from viz.control.mover import OURS, Mover
from viz.control.osc_in import SOURCE
from viz.control.ports import Ports
from viz.control.tune import Tune
from viz.desk.commands import Command, Desk
from viz.desk.notify import Notify
from viz.desk.settings import SettingsCell
from viz.desk.tasks import Tasks
from viz.session.assignment import Assignment, with_source
from viz.session.cell import SessionCell
from viz.session.controls import by_address, find
from viz.session.parameters.control import Control, Scope
from viz.session.ranges import within_ranges
from viz.session.session import Session

if TYPE_CHECKING:
    from viz.control.osc_out import OscSender

RUN = 1.0
"""Seconds without a message after which the next one begins another step of undo."""
KEPT = 512
"""How many sources are remembered with their newest value."""


class RemoteControl:
    """What arrives over OSC and MIDI, and what it does: `ControlFacts` and `ControlActions`.

    cell: the session.
    settings: where it listens.
    tasks: reads MIDI files.
    notify: tells the user of what cannot be opened.
    model: returns facts on the network of the session, None until they are known.
    components: returns the directions of the set that is shown.
    wake: has a frame drawn soon; any thread may call it.
    deaf: nothing is received or sent, as where nobody sees the window.
    clock: seconds.
    """

    def __init__(
        self,
        cell: SessionCell,
        settings: SettingsCell,
        tasks: Tasks,
        notify: Notify,
        *,
        model: Callable[[], ModelInfo | None],
        components: Callable[[], tuple[Component, ...]],
        wake: Callable[[], None],
        deaf: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._cell, self._settings = cell, settings
        self._model, self._components = model, components
        self._commands: Mapping[str, Command] = {}
        self._deaf = deaf
        self._clock = clock
        self.inbox = Inbox(wake, clock)
        self._ports = Ports(self.inbox, settings, wake, notify)
        self._mover = Mover()
        self._values: dict[str, float] = {}
        self._last: tuple[str, float] | None = None
        self._learning = self._unknown = ""
        self._arrived: dict[str, Arrival] = {}
        self._last_at = -RUN
        self._new_run = False
        self._tune = Tune(self.inbox, tasks)
        self._scope: Scope | None = None
        self._known: Mapping[str, Control] = {}
        self._told: tuple[OscSender, Scope] | None = None

    # -- a frame ------------------------------------------------------------------------------

    def begin(self, seconds: float, desk: Desk) -> None:
        """Take what has arrived, learn from it and run commands; before anything is drawn.

        seconds: since the frame before.
        desk: whose commands there are.
        """
        if not self._commands:
            self._commands = command_addresses(desk.commands)
        if not self._deaf:
            self._ports.refresh()
        self._tune.advance(seconds)
        self._arrived, first, last = self.inbox.take()
        if not self._arrived:
            return
        self._new_run = first - self._last_at >= RUN and not self._mover.moving
        self._last_at = last
        for source, arrival in self._arrived.items():
            self._remember(source, arrival.value)
        if self._learning:
            self._learn()
        self._refuse_unknown()
        for command, presses in self._pressed():
            for _ in range(presses):
                if command.enabled(desk):
                    command.run(desk)

    def move(self, session: Session, seconds: float) -> Session:
        """Return the session as what has arrived leaves it, at the end of a frame.

        seconds: since the frame before.
        """
        arrived, self._arrived = self._arrived, {}
        if not arrived and not self._mover.moving:
            return session
        scope, known = self._controls_of(session)

        def lookup(address: str) -> Control | None:
            return find(scope, known, address)

        self._mover.take(session, arrived, lookup)
        moved = self._mover.advance(session, seconds, lookup)
        return session if moved is session else within_ranges(moved)

    def take_new_run(self) -> bool:
        """Whether what has arrived in this frame is another step of undo than what came before."""
        new, self._new_run = self._new_run, False
        return new

    @property
    def running(self) -> bool:
        """Whether knobs are being moved, all of which is one step of undo."""
        return self._mover.moving or self._clock() - self._last_at < RUN

    @property
    def animating(self) -> bool:
        """Whether controls move without anything arriving."""
        return self._mover.moving or bool(self._tune.name)

    def tell(self, session: Session) -> None:
        """Send the values that have changed, where that is wanted; at the end of a frame."""
        sender = self._ports.sender
        if sender is None:
            self._told = None
            return
        scope, known = self._controls_of(session)
        if self._told is not None and self._told[0] is sender and self._told[1] is scope:
            return
        self._told = sender, scope
        values = {address: control.read(session) for address, control in known.items()}
        sender.tell({address: value for address, value in values.items() if value is not None})

    def halt(self) -> None:
        """Leave the controls where they are: undo would be overrun otherwise."""
        self._mover.stop()

    def close(self) -> None:
        """Hear and send nothing any more."""
        self._ports.close()

    def _controls_of(self, session: Session) -> tuple[Scope, Mapping[str, Control]]:
        """Return what there is to be controlled, and all controls by their addresses.

        They are hundreds, so they are kept for as long as it is the same session, network and set.
        """
        model, components, scope = self._model(), self._components(), self._scope
        same = scope is not None and scope.session is session and scope.model is model
        if scope is None or not same or scope.components is not components:
            self._scope = scope = Scope(session, model, components)
            self._known = by_address(scope)
        return scope, self._known

    def _remember(self, source: str, value: float) -> None:
        self._last = (source, value)
        self._values.pop(source, None)
        self._values[source] = value
        if len(self._values) > KEPT:
            del self._values[next(iter(self._values))]

    def _refuse_unknown(self) -> None:
        """Count as dropped what no control, no command and no mapping of the session takes."""
        mapped = {each.source for each in self._cell.now.assignments}
        for source, arrival in self._arrived.items():
            if source in mapped or not source.startswith(SOURCE):
                continue
            to = source.removeprefix(OURS) if source.startswith(OURS) else ""
            if to and (to in self._commands or self.control(to) is not None):
                continue
            self._unknown = source.removeprefix(SOURCE)
            self.inbox.refuse(arrival.messages)

    def _pressed(self) -> list[tuple[Command, int]]:
        """Return the commands that were called by what has arrived, and how often."""
        calls = [
            (source.removeprefix(OURS), arrival)
            for source, arrival in self._arrived.items()
            if source.startswith(OURS)
        ]
        calls += [
            (each.target, self._arrived[each.source])
            for each in self._cell.now.assignments
            if each.enabled and each.source in self._arrived
        ]
        known = self._commands
        return [(known[to], arrival.presses) for to, arrival in calls if to in known]

    # -- learning -----------------------------------------------------------------------------

    def learn(self, address: str) -> None:
        """Assign the next knob that is moved to a control; empty to wait for none."""
        self._learning = address
        now = self._settings.now.control
        if address and not now.osc and not now.midi:
            self._settings.change(control=structs.replace(now, osc=True, midi=True))

    def _learn(self) -> None:
        """Take the first thing that was moved, unless it names a control of ours already."""
        for source, arrival in self._arrived.items():
            released = " note " in source and not arrival.presses
            if source.startswith(OURS) or released:
                continue
            target, self._learning = self._learning, ""
            control = self.control(target)
            low, high = (0.0, 1.0) if control is None else (control.low, control.high)
            button = source.startswith("midi ") and " note " in source
            first = Assignment(source, target, float(low), float(high), toggle=button)
            session = self._cell.now
            assignments = with_source(session.assignments, source, first)
            self._cell.set(structs.replace(session, assignments=assignments))
            del self._arrived[source]  # the picture does not jump to where the knob happens to be
            return

    def play(self, path: str) -> None:
        """Play a MIDI file as if somebody moved the knobs; empty to stop."""
        self._tune.play(path)

    # -- facts --------------------------------------------------------------------------------

    @property
    def osc(self) -> str:
        """Where OSC messages are received, empty where they are not."""
        return self._ports.osc

    @property
    def midi(self) -> tuple[str, ...]:
        """The names of the MIDI inputs that are heard."""
        return self._ports.midi

    @property
    def problems(self) -> tuple[str, ...]:
        """What of that which is switched on does not work, and why."""
        return self._ports.problems

    @property
    def counts(self) -> tuple[int, int]:
        """How many messages were taken, and how many could not be read or used."""
        return self.inbox.counts

    @property
    def unknown(self) -> str:
        """The last OSC address that means nothing here, empty before the first."""
        return self._unknown

    @property
    def last(self) -> tuple[str, float] | None:
        """The source that sent last and what it sent, None before the first."""
        return self._last

    @property
    def playing(self) -> str:
        """The name of the MIDI file that is played, empty for none."""
        return self._tune.name

    @property
    def learning(self) -> str:
        """The address of the control that waits for a knob, empty for none."""
        return self._learning

    @property
    def commands(self) -> Mapping[str, str]:
        """The titles of all commands by their addresses below `/ganscope/`."""
        return {address: command.title for address, command in self._commands.items()}

    def value(self, source: str) -> float | None:
        """Return the newest value of a source, None where it has sent none yet."""
        return self._values.get(source)

    def control(self, address: str) -> Control | None:
        """Return the control of an address below `/ganscope/`, None where there is none now."""
        return find(*self._controls_of(self._cell.now), address)

    def controls(self) -> tuple[Control, ...]:
        """Return every control there is now."""
        return tuple(self._controls_of(self._cell.now)[1].values())
