"""A layout that was kept learns of panels that are new."""

from __future__ import annotations

from tests.paths import ROOT
from viz.disk.layout import admit, with_panels

OLDER = (ROOT / "tests" / "data" / "layout-before-strips.ini").read_text()
DOCKS = {"Latent": "left", "Noise": "left", "Picture": "center"}


def test_a_new_panel_is_docked_with_those_of_its_side() -> None:
    text = with_panels(OLDER, DOCKS | {"Transform": "left"})
    before, _, after = text.partition("[Window][Transform]\nCollapsed=0\nDockId=0x00000004,4\n\n")
    assert before + after == OLDER, "and all else is as it was"
    assert after.startswith("[Docking][Data]"), "ImGui reads no windows after the nodes"


def test_a_layout_that_knows_all_panels_is_not_written(tmp_path) -> None:
    layout = tmp_path / "layout.ini"
    layout.write_text(OLDER)
    layout.chmod(0o400)
    written = layout.stat()
    admit(layout, DOCKS)
    assert layout.stat().st_ino == written.st_ino
    assert with_panels(OLDER, DOCKS) == OLDER


def test_a_panel_without_neighbours_leaves_the_layout_to_the_runner() -> None:
    assert with_panels(OLDER, DOCKS | {"Transform": "left", "Odd": "below"}) == OLDER
    assert with_panels("", DOCKS) == ""
    assert with_panels("[Window][Latent]\nPos=0,0\n", DOCKS) == "[Window][Latent]\nPos=0,0\n"


def test_a_file_that_is_no_text_or_not_there_stays_so(tmp_path) -> None:
    layout = tmp_path / "layout.ini"
    admit(layout, DOCKS)
    assert not layout.exists()
    layout.write_bytes(b"\xff\xfe[Window]")
    admit(layout, DOCKS)
    assert layout.read_bytes() == b"\xff\xfe[Window]"
