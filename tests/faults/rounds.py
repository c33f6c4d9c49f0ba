"""Plays rounds of scenes, each in a process of its own, and counts what came of them."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.faults import record
from tests.faults.tally import Tally
from tests.paths import ROOT

EXTRA = 10
"""How many times the patience for a picture a round may take longer than it was given."""
HOOK = Path(__file__).parent / "hook"


def play(scene: str, seed: int, seconds: float, tally: Tally) -> None:
    """Play one round and count it.

    seed: from which everything comes that is left to chance.
    seconds: for how long the scene repeats itself.
    """
    folder = Path(tempfile.mkdtemp(prefix=f"faults-{scene}-"))
    before = _shared_memory()
    try:
        ended = _run(scene, seed, seconds, folder)
        facts = record.read(folder / "record.jsonl")
        if not ended and not any("end" in fact for fact in facts):
            ended = "no end was noted"
        started = folder / "audit.txt"
        if started.exists():
            lines = started.read_text().splitlines()
            facts += [{"fault": "executed", "text": line} for line in lines[:5]]
        left = _shared_memory() - before
        if left:
            facts.append({"fault": "raised", "text": f"shared memory is left: {sorted(left)[:3]}"})
        tally.add(scene, seed, facts, ended)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(scene: str, seed: int, seconds: float, folder: Path) -> str:
    """How the process ended, in words; empty where it ended well."""
    environment = os.environ | {
        "FAULTS_AUDIT": str(folder / "audit.txt"),
        "PYTHONPATH": os.pathsep.join((str(ROOT), str(HOOK))),
        "GANSCOPE_HOME": str(folder / "home"),
        "LIBGL_ALWAYS_SOFTWARE": "1",
    }
    command = [sys.executable, "-m", "tests.faults.round", scene, str(seed), str(folder)]
    with (folder / "output.txt").open("wb") as output:
        process = subprocess.Popen(
            [*command, str(seconds)], cwd=ROOT, env=environment, stdout=output, stderr=output
        )
        try:
            code = process.wait(seconds + EXTRA * float(os.environ.get("FAULTS_PATIENCE", "60")))
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGABRT)  # faulthandler says where it stands
            process.wait()
            sys.stderr.write((folder / "output.txt").read_text(errors="replace")[-6000:])
            return "no end"
    if code == 0:
        return ""
    last = (folder / "output.txt").read_text(errors="replace").strip()
    sys.stderr.write(f"{scene}, seed {seed}: exit code {code}\n{last[-4000:]}\n")
    return f"exit code {code}: {last[-200:]!r}"


def _shared_memory() -> set[str]:
    place = Path("/dev/shm")
    return {path.name for path in place.glob("gs-*")} if place.is_dir() else set()
