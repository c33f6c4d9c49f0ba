"""Pictures that a network never saw, projected and tuned: a row of the contact sheet for each.

    python docs/projection/held_out.py assets/busts64.safetensors held/*.png --out rows

Rows that are there are kept, so several can be made at once; whoever comes last makes the sheet.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import torch
from msgspec import structs
from PIL import Image

from common.projection import ProjectionSettings
from networks.base import NoiseInput
from networks.features import lite
from networks.projection.projection import Projection
from networks.snapshots.snapshot import open_snapshot
from renderer.pictures.projected import psnr
from renderer.pictures.target import read_target
from renderer.pipeline import layer_pictures

TUNE = 500
SEED = 8
W, W_PLUS = ProjectionSettings(space="w"), ProjectionSettings(space="w+", tune=TUNE)


def levels(img: torch.Tensor) -> np.ndarray:
    return layer_pictures.rgba(layer_pictures.picture(img))[..., :3]


def row(network: Path, picture: Path) -> tuple[np.ndarray, dict[str, tuple[float | None, float]]]:
    """Target, w, w+, tuned; then half way to SEED and SEED itself, by the untuned network and by
    the tuned one. With PSNR and distance of the second to fourth."""
    G = open_snapshot(network).G_ema
    pixels = read_target(str(picture), G.resolution, G.img_channels)
    target = layer_pictures.values(torch.from_numpy(pixels.copy())).permute(2, 0, 1)[None]
    distance = lite.load(torch.device("cpu"))
    apart = distance.to(target)
    shown, numbers = [levels(target)], {}

    def note(name: str, img: torch.Tensor) -> None:
        shown.append(levels(img))
        numbers[name] = psnr(shown[-1], shown[0]), apart(img).item()

    for settings in (W, W_PLUS):
        projection = Projection(G, distance, target, structs.replace(settings, tune=0))
        for _ in projection.run():
            pass
        note(settings.space, projection.result())
    projection.settings = W_PLUS
    for _ in projection.run():
        pass
    note("tuned", projection.result())
    z = torch.from_numpy(np.random.RandomState(SEED).randn(1, G.z_dim).astype(np.float32))
    ws, noise = projection.found.ws, NoiseInput(maps=projection.found.maps)
    with torch.no_grad():
        other = G.map(z)[:, None]
        for amount in (0.5, 1.0):
            between = torch.lerp(ws, other, amount)
            shown += [levels(net.render(between, noise)) for net in (G, projection.network)]
    return np.concatenate(shown, axis=1), numbers


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("network", type=Path)
    parser.add_argument("pictures", type=Path, nargs="+")
    parser.add_argument("--out", type=Path, required=True)
    chosen = parser.parse_args()
    chosen.out.mkdir(parents=True, exist_ok=True)
    for picture in chosen.pictures:
        facts = chosen.out / f"{picture.stem}.json"
        if not facts.exists():
            strip, numbers = row(chosen.network, picture)
            Image.fromarray(strip).save(chosen.out / f"{picture.stem}.png")
            facts.write_text(json.dumps(numbers))
            print(picture.stem, numbers, flush=True)
    strips = [np.asarray(Image.open(path)) for path in sorted(chosen.out.glob("*.png"))]
    sheet = Image.fromarray(np.concatenate(strips))
    sheet = sheet.resize((2 * sheet.width, 2 * sheet.height), Image.Resampling.LANCZOS)
    sheet.save(chosen.out / "sheet.jpg", quality=92)


if __name__ == "__main__":
    main()
