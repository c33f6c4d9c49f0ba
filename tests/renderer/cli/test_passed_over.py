"""Where the newest snapshot of a run is damaged an older one is used, and it is said."""

from __future__ import annotations

import pytest

from tests.paths import DATA
from tests.renderer.cli.command_line import run

PLAIN = (DATA / "sg2-uncond-32.pkl").read_bytes()


TOLD = "Using network-snapshot-000032.pkl; not whole, and passed over: network-snapshot-000040"


@pytest.mark.parametrize(
    "command",
    [
        "generate --network {} --seeds 0 --outdir out --device cpu",
        "inspect {}",
        "inspect {} --json",
        "convert {} a.safetensors",
        # Both end before they begin, for there is no data; what they would use is said before.
        "metrics --network {} --data none",
        "train --data none --outdir out --resume {}",
    ],
)
def test_what_is_used_and_what_is_passed_over(monkeypatch, capsys, tmp_path, command):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "network-snapshot-000032.pkl").write_bytes(PLAIN)
    (tmp_path / "run" / "network-snapshot-000040.pkl").write_bytes(PLAIN[: len(PLAIN) // 2])

    def call(network):
        return run(monkeypatch, capsys, *(part.format(network) for part in command.split()))

    # Also as file managers and shells write it.
    for folder in ("run", "run/", "'./run'"):
        outcome = call(folder)
        assert TOLD in outcome.err
        assert outcome.code == 0 or " none" in command, outcome.err
        (tmp_path / "a.safetensors").unlink(missing_ok=True)
    assert "passed over" not in call("run/32").err, "asked for by its number"
