"""What file dialogs are for: what each of them shows, and which files it takes."""

from __future__ import annotations

from dataclasses import dataclass

from common import snapshot_files
from renderer.messages.directions import SUFFIX
from renderer.pictures.journey.files import SUFFIX as JOURNEY
from renderer.pictures.sound.reading import SUFFIXES as SOUNDS
from viz.desk.actions import Purpose
from viz.disk.pictures import SESSIONS
from viz.disk.projections import PICTURES

SNAPSHOTS = snapshot_files.SUFFIXES
TRAINING_STATE = "training-state.safetensors"
"""The file in a run from which its training goes on."""
LATENTS = (".npz", ".npy", ".pt")


@dataclass(frozen=True)
class Kind:
    """How a dialog is shown.

    title: over it.
    verb: on the button that ends it.
    what: the files that it shows, in words.
    suffixes: of those files, in small letters.
    all_files: other files can be shown and chosen too.
    runs: a run directory can be chosen; it stands for its newest snapshot.
    folder: a folder is chosen, not a file.
    suggested: the name to write to at first, empty where nothing is written.
    renderers: the renderer reads what is chosen, on its own machine.
    """

    title: str
    verb: str
    what: str = ""
    suffixes: tuple[str, ...] = ()
    all_files: bool = False
    runs: bool = False
    folder: bool = False
    suggested: str = ""
    renderers: bool = False

    @property
    def save(self) -> bool:
        """Whether a name to write to is chosen."""
        return bool(self.suggested)

    @property
    def patterns(self) -> list[str]:
        """Names and file name patterns in turn, as the system's dialogs take them."""
        own = [self.what, " ".join(f"*{suffix}" for suffix in self.suffixes)]
        return (own if self.suffixes else []) + ["All files", "*"] * self.all_files

    def takes(self, name: str) -> bool:
        """Whether a file of this name is one that the dialog is for."""
        # The state of a training lies beside its snapshots, and nothing can be drawn with it.
        return name.lower().endswith(self.suffixes) and name != TRAINING_STATE


KINDS: dict[Purpose, Kind] = {
    "snapshot": Kind(
        "Open a snapshot", "Open", "Snapshots", SNAPSHOTS, all_files=True, runs=True, renderers=True
    ),
    "session": Kind("Restore a session", "Restore", "Sessions", SESSIONS),
    "save_session": Kind(
        "Save the session", "Save", "Sessions", (".json",), suggested="session.json"
    ),
    "save_w": Kind("Save w", "Save", "Latents", (".npz",), suggested="w.npz"),
    "w": Kind("Open a saved w", "Open", "Saved w", LATENTS, renderers=True),
    "mix": Kind("Mix in a saved w", "Mix in", "Saved w", LATENTS, renderers=True),
    "compare": Kind(
        "Compare with a snapshot or a session",
        "Compare",
        "Snapshots and sessions",
        (*SNAPSHOTS, *SESSIONS),
        all_files=True,
        runs=True,
        renderers=True,
    ),
    "captures": Kind("Folder for captures", "Choose", folder=True),
    "exports": Kind("Folder for exports", "Choose", folder=True),
    "target": Kind(
        "Project a picture", "Project", "Pictures", PICTURES, all_files=True, renderers=True
    ),
    "projection": Kind("Folder for the projection", "Save here", folder=True),
    "directions": Kind(
        "Open directions", "Open", "Directions", (".json", *LATENTS), all_files=True, renderers=True
    ),
    "save_directions": Kind(
        "Save the directions", "Save", "Directions", (SUFFIX,), suggested=f"directions{SUFFIX}"
    ),
    "midi": Kind("Play a MIDI file", "Play", "MIDI files", (".mid", ".midi")),
    "journey": Kind("Open a journey", "Open", "Journeys", (JOURNEY, *SESSIONS)),
    "save_journey": Kind(
        "Save the journey", "Save", "Journeys", (JOURNEY,), suggested=f"loop{JOURNEY}"
    ),
    "sound": Kind("A sound for the journey", "Listen", "Sounds", SOUNDS),
    "copy": Kind("Copy the snapshot", "Copy", "Snapshots", SNAPSHOTS, suggested="snapshot.pkl"),
    "overlay": Kind("Compare with a run", "Compare", runs=True, folder=True, renderers=True),
    "run": Kind("Watch a run", "Watch", runs=True, folder=True, renderers=True),
}
