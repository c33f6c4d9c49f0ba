"""A run whose newest snapshot is damaged is drawn from an older one, and it is said."""

from __future__ import annotations

from tests.paths import DATA
from tests.renderer.cli.command_line import run

PLAIN = (DATA / "sg2-uncond-32.pkl").read_bytes()


def test_what_is_used_and_what_is_passed_over(monkeypatch, capsys, tmp_path):
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "network-snapshot-000032.pkl").write_bytes(PLAIN)
    (folder / "network-snapshot-000040.pkl").write_bytes(PLAIN[: len(PLAIN) // 2])

    def generate(network, out):
        where = ("--network", network, "--outdir", tmp_path / out, "--device", "cpu")
        return run(monkeypatch, capsys, "generate", "--seeds", 0, *where)

    told = "Using network-snapshot-000032.pkl; not whole, and passed over: network-snapshot-000040"
    outcome = generate(folder, "a")
    assert outcome.code == 0, outcome.err
    assert told in outcome.err
    assert "passed over" not in generate(folder / "32", "b").err, "asked for by its number"
