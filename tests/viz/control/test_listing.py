"""The list of addresses, as the command line prints it."""

from __future__ import annotations

from click.testing import CliRunner

from viz.control.command_addresses import command_addresses
from viz.panels import discover
from viz.session.controls import ROOT
from viz.shell.command_list import commands_of
from viz.shell.launch.osc import command


def test_the_list_has_every_kind_of_control_and_every_command() -> None:
    printed = CliRunner().invoke(command, ["--list"], catch_exceptions=False).output
    addresses = [line.split()[0] for line in printed.splitlines()]
    assert len(set(addresses)) == len(addresses)
    for address in (
        "truncation/psi",
        "mixing/N/row/R",
        "direction/NAME",
        "edit/LAYER/CHANNEL",
        "noise/layer/LAYER",
        "latent/weight/N",
        "bend/N/down",
        "command/next-seed",
    ):
        assert ROOT + address in addresses, address


def test_no_two_commands_have_one_address() -> None:
    commands = commands_of(discover())
    shadowed = {c.title for c in commands} - {c.title for c in command_addresses(commands).values()}
    assert shadowed == set()
