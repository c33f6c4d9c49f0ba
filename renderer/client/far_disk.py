"""The disk of a renderer on another machine, asked through its line."""

from __future__ import annotations

import errno
from typing import Any

from common.errors import UserError
from common.runs.disk import Facts, Found, Part, Paths, Room
from renderer.client.asking import Asking


class FarDisk:
    """A `Disk`. Every call waits for its answer: call it on a thread.

    Raises what the disk there raises, and OSError where there is no connection to it.
    """

    def __init__(self, asking: Asking) -> None:
        """asking: sends calls, and waits for their answers."""
        self._asking = asking

    @property
    def place(self) -> str:
        """See Disk."""
        return self._asking.place

    def _call(self, call: str, *arguments: object) -> Any:
        return self._asking.call(call, *arguments)

    def home(self) -> str:
        """See Disk."""
        home: str = self._call("home")
        return home

    def scan(self, folder: str) -> tuple[Facts, ...]:
        """See Disk."""
        found: tuple[Facts, ...] = self._call("scan", folder)
        return found

    def snapshots_in(self, folders: Paths) -> tuple[Paths, ...]:
        """See Disk."""
        found: tuple[Paths, ...] = self._call("snapshots_in", folders)
        return found

    def look(self, paths: Paths) -> tuple[Facts | None, ...]:
        """See Disk."""
        found: tuple[Facts | None, ...] = self._call("look", paths)
        return _of_length(found, len(paths))

    def read(self, path: str, start: int, length: int) -> Part:
        """See Disk."""
        part: Part = self._call("read", path, start, length)
        return part

    def complete(self, paths: Paths) -> tuple[bool, ...]:
        """See Disk."""
        found: tuple[bool, ...] = self._call("complete", paths)
        if paths and not found:
            raise OSError(errno.EIO, "the disk of the renderer gives no answer", paths[0])
        return found

    def room(self, folder: str) -> Room:
        """See Disk."""
        room: Room = self._call("room", folder)
        return room

    def find(self, text: str) -> Found:
        """See Disk; an error says where it was looked for."""
        try:
            found: Found = self._call("find", text)
        except UserError as error:
            message = f"{error.message.removesuffix('.')} on {self.place}."
            raise UserError(message, error.remedy) from error
        return found

    def class_names(self, data: str) -> tuple[str, ...]:
        """See Disk."""
        names: tuple[str, ...] = self._call("class_names", data)
        return names

    def image(self, path: str, side: int) -> bytes:
        """See Disk."""
        data: bytes = self._call("image", path, side)
        return data


def _of_length(found: tuple[Facts | None, ...], length: int) -> tuple[Facts | None, ...]:
    if len(found) != length:
        raise OSError(errno.EIO, "the disk of the renderer answers something else")
    return found
