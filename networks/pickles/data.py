"""What a pickle is read into, and what bounds the reading: names, records, budgets.

See `networks.pickles.machine` for the machine. Nothing here, or there, imports or calls what a
file names.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any, Final

MAX_INSTRUCTIONS: Final = 1_000_000
MAX_COPIED: Final = 1 << 26
MAX_TEXT: Final = 1 << 24
PERSISTENT: Final = "<persistent>"  # name of the record of a reference to outside data
_MAX_KEY: Final = 1 << 60  # above, unequal integers share hashes


class UnsafePickleError(Exception):
    """A stream that is broken, or that asks for what data does not need. `reason` is one line."""

    def __init__(self, reason: str, *, refused: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.refused = refused


@dataclass(frozen=True, slots=True)
class Global:
    """Something that a plain unpickler would have imported.

    name: its full name, `module.name`.
    """

    name: str


@dataclass(slots=True, eq=False)
class Record:
    """A call that was not made.

    name: the full name of what would have been called.
    args, kwargs: its arguments.
    state: what the result would have been given as its state; None where nothing was.
    """

    name: str
    args: tuple[Any, ...]
    kwargs: dict[str, Any] = field(default_factory=dict)
    state: Any = None


@dataclass(slots=True)
class Budget:
    """What reading may still cost, shared by all streams of one file.

    instructions: how many may still be carried out.
    copied: bytes or elements that instructions may still duplicate.
    text: the longest text allowed, in bytes.
    """

    instructions: int = MAX_INSTRUCTIONS
    copied: int = MAX_COPIED
    text: int = MAX_TEXT

    def copy(self, amount: int) -> None:
        """Charge for `amount` bytes or elements that an instruction duplicates."""
        self.copied -= amount
        if self.copied < 0:
            raise UnsafePickleError("it unfolds to far more data than it holds")


@dataclass(slots=True)
class Names:
    """Which globals are data.

    allowed: their full names.
    lenient: keep going at a name that is refused, which is inert either way: to list a file, and
        to read a network beside one that nobody can read.
    seen: how often each global was named, allowed or not.
    called: how often each global would have been called, allowed or not.
    """

    allowed: Collection[str]
    lenient: bool = False
    seen: dict[str, int] = field(default_factory=dict)
    called: dict[str, int] = field(default_factory=dict)

    @property
    def refused(self) -> list[str]:
        """The names that were met and are no data, in their order."""
        return [name for name in self.seen if name not in self.allowed]

    def find(self, module: Any, name: Any) -> Global:
        if type(module) is not str or type(name) is not str:
            raise UnsafePickleError("it names a global by something that is not text")
        full = f"{module}.{name}"
        if len(full) > 200 or not full.isprintable():
            raise UnsafePickleError("it names a global by something that is not a name")
        self.seen[full] = self.seen.get(full, 0) + 1
        if full not in self.allowed and not self.lenient:
            raise UnsafePickleError(f"it wants to import {full}, which is refused", refused=full)
        return Global(full)


def _pairs(budget: Budget, args: tuple[Any, ...]) -> dict[Any, Any]:
    result: dict[Any, Any] = {}
    if args:
        items = list(args[0].items()) if type(args[0]) is dict else args[0]
        if len(args) > 1 or type(items) not in (list, tuple):
            raise UnsafePickleError("a dictionary is made from something else")
        budget.copy(len(items))
        for pair in items:
            if type(pair) not in (list, tuple) or len(pair) != 2:
                raise UnsafePickleError("a dictionary is made from something else")
            result[scalar_key(pair[0])] = pair[1]
    return result


def _set(budget: Budget, args: tuple[Any, ...]) -> set[Any]:
    items = args[0] if args else []
    if len(args) > 1 or type(items) not in (list, tuple):
        raise UnsafePickleError("a set is made from something else")
    budget.copy(len(items))
    return {scalar_key(item) for item in items}


def _encode(budget: Budget, args: tuple[Any, ...]) -> bytes:
    # How protocol 2 writes bytes. Other codecs decompress or do worse.
    if len(args) != 2 or type(args[0]) is not str or args[1] not in ("latin1", "latin-1"):
        raise UnsafePickleError("bytes are made with a codec other than latin1")
    budget.copy(len(args[0]))
    return args[0].encode("latin-1")


def _empty_bytes(budget: Budget, args: tuple[Any, ...]) -> bytes:
    # How protocol 2 writes b"". With arguments it could be asked for any amount.
    if args:
        raise UnsafePickleError("bytes are made from something else")
    return b""


CONTAINERS: Final[dict[str, Callable[[Budget, tuple[Any, ...]], Any]]] = {
    "collections.OrderedDict": _pairs,
    "dnnlib.EasyDict": _pairs,
    "dnnlib.util.EasyDict": _pairs,
    "builtins.set": _set,
    "__builtin__.set": _set,
    "_codecs.encode": _encode,
    "__builtin__.bytes": _empty_bytes,
}


def scalar_key(key: Any) -> Any:
    """`key`, where it may be a key: hashing others can take exponential time or collide at will."""
    kind = type(key)
    if kind is int and not -_MAX_KEY < key < _MAX_KEY:
        raise UnsafePickleError("it uses a huge integer as a key")
    if kind not in (str, int, bool, bytes, type(None)):
        raise UnsafePickleError("it uses something other than text or a number as a key")
    return key
