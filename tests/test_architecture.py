"""The rules of ARCHITECTURE.md that a machine can check."""

from __future__ import annotations

import re
import subprocess
import sys

from tests.paths import ROOT


def run_python(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )


def test_the_window_with_every_panel_never_imports_torch() -> None:
    code = """
import sys
from viz.panels import discover
import viz.shell.app, viz.shell.explore, renderer.client.client, common.runs.locate
assert len(discover()) >= 9, discover()
heavy = {"torch", "networks", "ops", "renderer.pipeline", "renderer.server"} & set(sys.modules)
assert not heavy, heavy
"""
    done = run_python(code)
    assert done.returncode == 0, done.stderr


def test_help_does_not_wait_for_torch_or_the_window() -> None:
    code = """
import sys
from click.testing import CliRunner
import visualizer
assert CliRunner().invoke(visualizer.cli, ["--help"]).exit_code == 0
heavy = {"torch", "imgui_bundle"} & set(sys.modules)
assert not heavy, heavy
"""
    done = run_python(code)
    assert done.returncode == 0, done.stderr


def test_import_rules_hold() -> None:
    done = subprocess.run(["lint-imports"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_no_file_unpickles_or_swallows_exceptions() -> None:
    pickled = re.compile(r"\bpickle\.loads?\(|weights_only=False|allow_pickle=True")
    swallowed = re.compile(r"except\s*:|except (Base)?Exception[^\n]*:\s*\n\s*(pass|continue)\b")
    for folder in ("viz", "renderer", "networks", "ops"):
        for path in (ROOT / folder).rglob("*.py"):
            text = path.read_text()
            assert not pickled.search(text), f"{path}: plain pickle"
            assert not swallowed.search(text), f"{path}: swallowed exception"
