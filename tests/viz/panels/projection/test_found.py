"""What was found of one's own pictures is chosen as a latent, and mixed in, by its picture."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
from PIL import Image

from common.projection import ProjectionSettings
from renderer.messages.request import SavedW
from renderer.pictures.projected import FACTS, LATENT, PICTURE, ProjectionFacts
from tests.viz.conftest import gradient
from viz.panels import latent, picture, style_mixing
from viz.session.session import Session

PANELS = (picture.PANEL, latent.PANEL, style_mixing.PANEL)
START = Session().with_render(snapshot="/nets/faces.pkl")


def found(home: Path, name: str, *, complete: bool = True) -> str:
    """Leave what a projection leaves; return the file of its latent."""
    folder = home / "projections" / name
    folder.mkdir(parents=True)
    pixels = gradient(START.render, 48)[..., :3]
    Image.fromarray(pixels).save(folder / PICTURE)
    (folder / LATENT).write_bytes(b"a latent")
    Image.fromarray(pixels).save(home / f"{name}.png")
    facts = ProjectionFacts(
        network="/nets/faces.pkl",
        target=str(home / f"{name}.png"),
        settings=ProjectionSettings(),
        crop=None,
        complete=complete,
        best_step=1,
        psnr=31.0,
        seconds=2.0,
        distances=[3.0, 2.0],
    )
    (folder / FACTS).write_bytes(msgspec.json.encode(facts))
    return str(folder / LATENT)


def test_a_source_of_the_mix_is_chosen_by_its_picture(drive, home: Path) -> None:
    found(home, "half", complete=False)
    me = found(home, "me")

    def test(gui: Any) -> None:
        gui.ctx.set_ref("Style mixing")
        gui.ctx.item_click("###add_w")
        gui.ctx.yield_(4)
        gui.ctx.set_ref("//$FOCUSED")
        assert not gui.ctx.item_exists("**/half.png##1")
        gui.ctx.item_click("**/me.png##2")
        gui.settle()
        (source,) = gui.app.cell.now.render.mix
        assert source.source == SavedW(me)

    drive(test, session=START, panels=PANELS)


def test_the_latent_is_chosen_by_its_picture(drive, home: Path) -> None:
    me = found(home, "me")

    def test(gui: Any) -> None:
        gui.ctx.set_ref("Latent")
        gui.ctx.item_click("**/Saved w")
        gui.ctx.yield_(3)
        gui.ctx.item_click("###found")
        gui.ctx.yield_(4)
        gui.ctx.set_ref("//$FOCUSED")
        gui.ctx.item_click("**/me.png##1")
        gui.settle()
        assert gui.app.cell.now.render.source == SavedW(me)

    drive(test, session=START, panels=PANELS)
