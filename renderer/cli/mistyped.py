"""A first word that is no command: what was meant, also by those who come from other tools."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from common.errors import UserError
from common.suggest import closest

# Scripts of StyleGAN2, StyleGAN2-ADA, StyleGAN3 and rosinality's port, and what does their work.
_ELSEWHERE = {
    "style_mixing": "style-mix",
    "calc_metrics": "metrics",
    "run_metrics": "metrics",
    "fid": "metrics",
    "ppl": "metrics",
    "dataset_tool": "dataset",
    "prepare_data": "dataset",
    "gen_images": "generate",
    "run_generator": "generate",
    "gen_video": "video",
    "run_training": "train",
    "projector": "project",
    "run_projector": "project",
    "legacy": "convert",
    "convert_weight": "convert",
    "help": "--help",
    "version": "--version",
}


def check_first_word(word: str, commands: Collection[str]) -> None:
    """Raises UserError where `word` is meant as a command and is none.

    What is there under that name, and what is written as a path, is for the window to open.
    """
    name = word.removesuffix(".py")
    if Path(name).name != name or Path(word).exists():
        return
    meant = _ELSEWHERE.get(name) or closest(name, commands)
    if meant is not None:
        raise UserError(f"No command {word}: did you mean {meant}?", "`--help` lists them all.")
