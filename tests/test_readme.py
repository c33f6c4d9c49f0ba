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
        prose = re.sub(r"```.*?```", "", document.read_text(), flags=re.S)
        for link in re.findall(r"\]\((?!https?:)([^)#]+)", prose):
            assert (ROOT / link).exists(), f"{document.name}: {link}"


def test_files_that_documents_name_are_there() -> None:
    """A bare `name.py` is looked for anywhere; examples in code blocks may be invented."""
    rooms = ("common", "ops", "networks", "renderer", "viz", "training", "recipes", "tests")
    names = {path.name for room in rooms for path in (ROOT / room).rglob("*.py")}
    for document in (ROOT / "README.md", ROOT / "ARCHITECTURE.md", ROOT / "CONTRIBUTING.md"):
        prose = re.sub(r"```.*?```", "", document.read_text(), flags=re.S)
        for named in re.findall(r"`([\w/]+\.py)`", prose):
            there = (ROOT / named).exists() or named in names
            assert there, f"{document.name}: {named}"
