"""What the README says that a machine can check."""

from __future__ import annotations

import re
from pathlib import Path

import visualizer
from viz.command_list import COMMANDS
from viz.commands import shown

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text()


def test_every_shortcut_is_told() -> None:
    section = README.split("## Shortcuts")[1].split("\n## ")[0]
    for command in COMMANDS:
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
