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
import viz.shell.app, viz.shell.launch.explore, renderer.client.client, common.runs.locate
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


def test_panels_keep_nothing_in_their_modules() -> None:
    """What a panel keeps between frames belongs to one window, so modules hold only constants."""
    code = """
import enum, importlib, pkgutil
from collections import deque
import viz.panels

def can_change(name, value):
    if isinstance(value, (list, set, deque)):
        return True
    if isinstance(value, tuple):
        return any(can_change(name, item) for item in value)
    if isinstance(value, dict):  # capitals say that it is a table nobody writes to
        return not name.isupper() or any(can_change(name, item) for item in value.values())
    ours = type(value).__module__.split(".")[0] in ("viz", "common", "renderer")
    kinds = (getattr(value, name, None) for name in ("__dataclass_params__", "__struct_config__"))
    frozen = any(getattr(kind, "frozen", False) for kind in kinds)
    return ours and not frozen and not isinstance(value, enum.Enum)

changing = [
    f"{found.name}.{name}"
    for found in pkgutil.walk_packages(viz.panels.__path__, "viz.panels.")
    for name, value in vars(importlib.import_module(found.name)).items()
    if not name.startswith("__") and can_change(name, value)
]
assert not changing, changing
"""
    done = run_python(code)
    assert done.returncode == 0, done.stderr


def test_panels_write_to_no_class_and_no_global() -> None:
    written = re.compile(r"^\s+(_?[A-Z]\w*\.\w+ (?:[-+*/|]?=) |global )", re.MULTILINE)
    for path in (ROOT / "viz" / "panels").rglob("*.py"):
        found = written.search(path.read_text())
        assert not found, f"{path}: {found and found[1]}"


def test_the_renderer_starts_before_the_window_is_imported() -> None:
    """It has torch to import, which takes longer than all that the window draws with."""
    code = """
import sys
import viz.shell.launch.explore, viz.shell.launch.start
early = {"imgui_bundle", "OpenGL.GL", "glfw", "PIL.Image"} & set(sys.modules)
assert not early, early
"""
    done = run_python(code)
    assert done.returncode == 0, done.stderr
