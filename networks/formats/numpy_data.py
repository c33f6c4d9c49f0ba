"""Numbers and short arrays of NumPy in pickles, as Python's own.

NumPy pickles an array as the call `_reconstruct(ndarray, (0,), b"b")`, whose result is given the
state (version, shape, dtype, Fortran order, bytes). dill, with which StyleGAN-XL writes, puts the
whole of it into one call instead: `_create_array(_reconstruct, its arguments, that state)`. Neither
is made here: the numbers are in the bytes.
"""

from __future__ import annotations

import math
import struct
from typing import Any, Final, TypeAlias

from networks.pickles.data import Global, Record

DILL_ARRAY: Final = "dill._dill._create_array"
NUMPY_NAMES: Final = frozenset(
    {"numpy.dtype", "numpy.ndarray", DILL_ARRAY}
    | {
        f"{package}.multiarray.{name}"
        for package in ("numpy.core", "numpy._core")
        for name in ("scalar", "_reconstruct")
    }
)
_KINDS: Final = {"f8": "d", "f4": "f", "f2": "e", "i8": "q", "i4": "i", "u1": "B", "b1": "?"}
_LONGEST: Final = 256

Number: TypeAlias = float | int | bool


def numbers(value: Record) -> Number | list[Number] | None:
    """A number, or the numbers of an array of one dimension; None for anything else.

    So are arrays of more than 256 numbers, of other types, and numbers that are not finite.
    """
    match value:
        case Record(name=name, args=(Record() as dtype, bytes() as raw)) if _ends(name, "scalar"):
            found = _unpacked(dtype, raw, 1)
            return None if found is None else found[0]
        case Record(name=name, args=args, state=tuple(state)) if _ends(
            name, "_reconstruct"
        ) and _is_empty_array(args):
            return _array(state)
        case Record(name=name, args=(Global(name=made_by), tuple(args), tuple(state), *attributes)):
            # A subclass of arrays may have attributes, and then is more than its numbers.
            known = name == DILL_ARRAY and _ends(made_by, "_reconstruct")
            if known and _is_empty_array(args) and attributes in ([], [None], [{}]):
                return _array(state)
    return None


def _ends(name: str, last: str) -> bool:
    return name in NUMPY_NAMES and name.endswith(f".multiarray.{last}")


def _is_empty_array(args: tuple[Any, ...]) -> bool:
    match args:
        case (Global(name="numpy.ndarray"), (0,), bytes()):
            return True
    return False


def _array(state: tuple[Any, ...]) -> list[Number] | None:
    match state:
        case (int(), (int(count),), Record() as dtype, bool(), bytes() as raw):
            return _unpacked(dtype, raw, count)
    return None


def _unpacked(dtype: Record, raw: bytes, count: int) -> list[Number] | None:
    code = dtype.args[0] if dtype.name == "numpy.dtype" and dtype.args else None
    order = dtype.state[1] if isinstance(dtype.state, tuple) and len(dtype.state) > 1 else "<"
    kind = _KINDS.get(code) if isinstance(code, str) else None
    if kind is None or order not in ("<", "|") or not 0 <= count <= _LONGEST:
        return None
    if len(raw) != struct.calcsize(kind) * count:
        return None
    found = list(struct.unpack(f"<{count}{kind}", raw))
    return found if all(map(math.isfinite, found)) else None
