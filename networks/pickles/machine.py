"""A pickle machine that can only build data.

Python's unpickler imports and calls what a file names. This one has no way to import or to call
anything: a global becomes a `Global` (its name), a call becomes a `Record` (name, arguments,
state), and the reader of a format decides later what a record means. The only calls carried out
are the containers in `CONTAINERS`. Time and memory are bounded by the file: every read is
checked against its end, large byte strings stay in it (`SMALL`), memo indices are dictionary keys,
container keys are plain scalars (hashing nested tuples can take exponential time), and `Budget`
limits the number of instructions. Instructions: PEP 307, PEP 3154 and Python's `pickletools`.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any, Final

from networks.pickles.data import (
    CONTAINERS,
    PERSISTENT,
    Budget,
    Global,
    Names,
    Record,
    UnsafePickleError,
    scalar_key,
)
from networks.pickles.file_bytes import SMALL, Data


def unpickle(
    data: Data,
    names: Names,
    *,
    start: int = 0,
    budget: Budget | None = None,
) -> tuple[Any, int]:
    """The object of the stream at `start`, and where the stream ends. Raises UnsafePickleError."""
    machine = _Machine(data, start, names, budget or Budget())
    try:
        return machine.run(), machine.pos
    except (IndexError, KeyError) as error:
        raise UnsafePickleError("its instructions do not fit together") from error
    except UnicodeError as error:
        raise UnsafePickleError("it holds text that is not text") from error


_CONSTANTS: Final[dict[int, Any]] = {ord("N"): None, 0x88: True, 0x89: False}
_NEW: Final[dict[int, Callable[[], Any]]] = {
    ord("]"): list,
    ord("}"): dict,
    ord(")"): tuple,
    0x8F: set,
}
# instruction: (bytes of the length field, what the payload is)
_SIZED: Final[dict[int, tuple[int, str]]] = {
    0x8C: (1, "text"), ord("X"): (4, "text"), 0x8D: (8, "text"),
    ord("U"): (1, "latin"), ord("T"): (4, "latin"),
    ord("C"): (1, "bytes"), ord("B"): (4, "bytes"), 0x8E: (8, "bytes"), 0x96: (8, "bytes"),
    0x8A: (1, "int"), 0x8B: (4, "int"),
}  # fmt: skip
_FIXED: Final[dict[int, struct.Struct]] = {
    ord("K"): struct.Struct("<B"),
    ord("M"): struct.Struct("<H"),
    ord("J"): struct.Struct("<i"),
    ord("G"): struct.Struct(">d"),
}
_GET: Final = {ord("h"): 1, ord("j"): 4}
_PUT: Final = {ord("q"): 1, ord("r"): 4}
_TUPLES: Final = {0x85: 1, 0x86: 2, 0x87: 3}


class _Machine:
    def __init__(self, data: Data, pos: int, names: Names, budget: Budget) -> None:
        self.data, self.pos, self.names, self.budget = data, pos, names, budget
        self.stack: list[Any] = []
        self.below: list[list[Any]] = []  # stacks set aside by MARK
        self.memo: dict[int, Any] = {}

    def take(self, count: int) -> Data | bytes:
        end = self.pos + count
        if end > len(self.data):
            raise UnsafePickleError("it ends in the middle of a value: the file is incomplete")
        piece = self.data[self.pos : end]
        self.pos = end
        return piece

    def number(self, count: int) -> int:
        if count == 1 and self.pos < len(self.data):  # most numbers; no slice needed
            self.pos += 1
            return self.data[self.pos - 1]
        return int.from_bytes(bytes(self.take(count)), "little")

    def line(self) -> str:
        # Only GLOBAL ends its two arguments with newlines; names are short.
        window = bytes(self.data[self.pos : self.pos + 256])
        length = window.find(b"\n")
        if length < 0:
            raise UnsafePickleError("it ends in the middle of a name: the file is incomplete")
        self.pos += length + 1
        return window[:length].decode("utf-8")

    def to_mark(self) -> list[Any]:
        items = self.stack
        if not self.below:
            raise UnsafePickleError("its instructions do not fit together")
        self.stack = self.below.pop()
        return items

    def run(self) -> Any:
        stop = ord(".")
        while True:
            self.budget.instructions -= 1
            if self.budget.instructions < 0:
                raise UnsafePickleError("it has far more instructions than any network needs")
            code = self.number(1)
            if code == stop:
                return self.stack.pop()
            if code in _CONSTANTS:
                self.stack.append(_CONSTANTS[code])
            elif code in _NEW:
                self.stack.append(_NEW[code]())
            elif code in _SIZED:
                self.stack.append(self.sized(*_SIZED[code]))
            elif code in _FIXED:
                layout = _FIXED[code]
                self.stack.append(layout.unpack(bytes(self.take(layout.size)))[0])
            elif code in _GET:
                self.stack.append(self.memo[self.number(_GET[code])])
            elif code in _PUT:
                self.memo[self.number(_PUT[code])] = self.stack[-1]
            elif code in _TUPLES:
                count = _TUPLES[code]
                if len(self.stack) < count:
                    raise IndexError(count)
                self.stack[-count:] = [tuple(self.stack[-count:])]
            elif code in _INSTRUCTIONS:
                _INSTRUCTIONS[code](self)
            else:
                raise UnsafePickleError(
                    f"it uses pickle instruction 0x{code:02x}, which is refused"
                )

    def sized(self, width: int, kind: str) -> Any:
        size = self.number(width)
        if kind == "bytes":
            piece = self.take(size)
            return bytes(piece) if size < SMALL else piece
        if size > (32 if kind == "int" else self.budget.text):
            raise UnsafePickleError(f"it holds {'a number' if kind == 'int' else 'text'} too long")
        raw = bytes(self.take(size))
        if kind == "int":
            return int.from_bytes(raw, "little", signed=True)
        return raw.decode("utf-8", "surrogatepass") if kind == "text" else raw.decode("latin-1")

    def call(self, function: Any, args: Any, kwargs: Any = None) -> Any:
        if type(function) is not Global or type(args) is not tuple:
            raise UnsafePickleError("it calls something that is not a name")
        if kwargs is not None and type(kwargs) is not dict:
            raise UnsafePickleError("it calls something with arguments that are none")
        self.names.called[function.name] = self.names.called.get(function.name, 0) + 1
        if function.name in CONTAINERS and not kwargs:
            return CONTAINERS[function.name](self.budget, args)
        return Record(function.name, args, kwargs or {})

    def build(self) -> None:
        state = self.stack.pop()
        target = self.stack[-1]
        if type(target) is Record:
            target.state = state
        elif type(target) is not dict:  # attributes of an OrderedDict are not data
            raise UnsafePickleError("it sets attributes of something that has none")

    def add_items(self, items: list[Any]) -> None:
        target = self.stack[-1]
        if len(items) % 2:
            raise IndexError(len(items))
        if type(target) is dict:
            for key, value in zip(items[::2], items[1::2], strict=True):
                target[scalar_key(key)] = value
        elif not (type(target) is Record and self.names.lenient):
            raise UnsafePickleError("it adds items to something that is not a dictionary")

    def extend(self, items: list[Any]) -> None:
        target = self.stack[-1]
        if type(target) is list:
            target.extend(items)
        elif not (type(target) is Record and self.names.lenient):
            raise UnsafePickleError("it appends to something that is not a list")

    def add_members(self) -> None:
        items = self.to_mark()
        if type(self.stack[-1]) is not set:
            raise UnsafePickleError("it adds members to something that is not a set")
        self.stack[-1].update(scalar_key(item) for item in items)

    def protocol(self) -> None:
        version = self.number(1)
        if not 2 <= version <= 5:
            raise UnsafePickleError(f"it is written in pickle protocol {version}, which is unknown")

    def mark(self) -> None:
        self.below.append(self.stack)
        self.stack = []

    def pop(self) -> None:
        if self.stack:
            self.stack.pop()
        else:
            self.to_mark()


def _drop(machine: _Machine, count: int) -> list[Any]:
    if len(machine.stack) < count:
        raise IndexError(count)
    items = machine.stack[-count:]
    del machine.stack[-count:]
    return items


def _pushes(make: Callable[[_Machine], Any]) -> Callable[[_Machine], None]:
    def instruction(machine: _Machine) -> None:
        value = make(machine)  # may exchange the stack
        machine.stack.append(value)

    return instruction


def _persistent(machine: _Machine) -> Record:
    identity = machine.stack.pop()
    if type(identity) is not tuple:
        raise UnsafePickleError("it refers to outside data by something that is not a tuple")
    return Record(PERSISTENT, identity)


def _frame(machine: _Machine) -> None:
    machine.take(8)


def _pop_mark(machine: _Machine) -> None:
    machine.to_mark()


def _memoize(machine: _Machine) -> None:
    machine.memo[len(machine.memo)] = machine.stack[-1]


def _to_dict(machine: _Machine) -> None:
    items = machine.to_mark()
    machine.stack.append({})
    machine.add_items(items)


_INSTRUCTIONS: Final[dict[int, Callable[[_Machine], None]]] = {
    0x80: _Machine.protocol,
    0x95: _frame,  # a hint for buffering
    ord("("): _Machine.mark,
    ord("0"): _Machine.pop,
    ord("1"): _pop_mark,
    ord("2"): _pushes(lambda m: m.stack[-1]),
    0x94: _memoize,
    ord("t"): _pushes(lambda m: tuple(m.to_mark())),
    ord("l"): _pushes(_Machine.to_mark),
    ord("d"): _to_dict,
    0x91: _pushes(lambda m: {scalar_key(item) for item in m.to_mark()}),
    ord("a"): lambda m: m.extend(_drop(m, 1)),
    ord("e"): lambda m: m.extend(m.to_mark()),
    ord("s"): lambda m: m.add_items(_drop(m, 2)),
    ord("u"): lambda m: m.add_items(m.to_mark()),
    0x90: _Machine.add_members,
    ord("c"): _pushes(lambda m: m.names.find(m.line(), m.line())),
    0x93: _pushes(lambda m: m.names.find(*_drop(m, 2))),
    ord("R"): _pushes(lambda m: m.call(*_drop(m, 2))),
    0x81: _pushes(lambda m: m.call(*_drop(m, 2))),
    0x92: _pushes(lambda m: m.call(*_drop(m, 3))),
    ord("b"): _Machine.build,
    ord("Q"): _pushes(_persistent),
}
