"""What the README says that a machine can check."""

from __future__ import annotations

import re

import visualizer
from tests.paths import ROOT
from viz.desk.commands import shown
from viz.panels import discover
from viz.shell.command_list import commands_of

README = (ROOT / "README.md").read_text()


def test_every_shortcut_is_told() -> None:
    section = README.split("## Shortcuts")[1].split("\n## ")[0]
    for command in commands_of(discover()):
        keys = shown(command)
        if keys:
            assert f"{command.title} {' '.join(f'`{k}`' for k in keys)}" in section


def test_every_command_is_told() -> None:
    section = README.split("## Commands")[1].split("\n## ")[0]
    assert set(re.findall(r"^\| `([a-z-]+)`", section, re.M)) == set(visualizer.COMMANDS)


def test_links_lead_somewhere() -> None:
    for document in ROOT.glob("*.md"):
        for link in re.findall(r"\]\((?!https?:)([^)#]+)", document.read_text()):
            assert (ROOT / link).exists(), f"{document.name}: {link}"
