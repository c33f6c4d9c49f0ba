"""Numbers and arrays of NumPy are read from their bytes, whoever pickled them; none is called."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from common.errors import UserError
from networks.formats.modules import simple
from networks.formats.numpy_data import DILL_ARRAY, NUMPY_NAMES, numbers
from networks.formats.refusal import DATA_NAMES
from networks.pickles.data import Global, Names, Record
from networks.pickles.machine import unpickle
from networks.snapshots.snapshot import open_snapshot
from tests.paths import DATA

XL = DATA / "foreign" / "stylegan-xl" / "t-uncond-16.pkl"


def read(value: Any, protocol: int = 4) -> Any:
    data = memoryview(pickle.dumps(value, protocol))
    return unpickle(data, Names(DATA_NAMES))[0]


ARRAYS = (
    np.array([36, 36]),
    np.broadcast_to(np.asarray(36), [2]),
    np.array([16.0, 32.0], np.float32),
    np.array([], np.float64),
    np.array([True, False]),
)


def by_dill(record: Record, *more: Any) -> Record:
    """An array as dill writes it."""
    reconstruct = Global(record.name)
    return Record(DILL_ARRAY, (reconstruct, record.args, record.state, *more))


@pytest.mark.parametrize("array", ARRAYS, ids=repr)
@pytest.mark.parametrize("protocol", [2, 4])
def test_arrays_are_lists_of_numbers(array: Any, protocol: int) -> None:
    record = read(array, protocol)
    assert numbers(record) == array.tolist()
    assert simple({"size": record}) == {"size": array.tolist()}
    for more in ((), (None,), ({},)):
        assert numbers(by_dill(record, *more)) == array.tolist()


def test_numbers_are_numbers() -> None:
    for value in (np.float64(0.25), np.float32(2), np.int64(-3), np.bool_(True)):
        assert numbers(read(value)) == value.item()


@pytest.mark.parametrize(
    "array",
    [
        np.ones((2, 2)),
        np.ones(300),
        np.array([np.inf]),
        np.array(["x"]),
        np.array([1.0], ">f8"),
        np.array([1j]),
    ],
    ids=repr,
)
def test_other_arrays_are_none(array: Any) -> None:
    record = read(array)
    assert numbers(record) is None
    assert numbers(by_dill(record)) is None


def test_arrays_that_are_more_than_their_numbers_are_none() -> None:
    record = read(np.array([36, 36]))
    assert numbers(by_dill(record, {"unit": "px"})) is None
    assert numbers(by_dill(record, None, None)) is None
    for made_by in ("numpy.dtype", "posix.system", "collections.OrderedDict", "torch.device"):
        forged = Record(DILL_ARRAY, (Global(made_by), record.args, record.state))
        assert numbers(forged) is None
    version, shape, dtype, fortran, raw = record.state
    for state in (
        (version, shape, dtype, fortran, raw[:-1]),
        (version, (3,), dtype, fortran, raw),
        (version, (-2,), dtype, fortran, raw),
        (version, (1 << 62,), dtype, fortran, raw),
        (version, ("2",), dtype, fortran, raw),
        (version, shape, Record("numpy.dtype", (["i8"],)), fortran, raw),
        (version, shape, dtype, fortran),
    ):
        assert numbers(Record(record.name, record.args, state=state)) is None
    assert (
        numbers(Record(record.name, (Global("os.PathLike"), (0,), b"b"), state=record.state))
        is None
    )


def test_what_else_dill_can_do_is_refused_by_name(tmp_path: Path) -> None:
    assert {name for name in DATA_NAMES if "dill" in name} == {DILL_ARRAY}
    assert DILL_ARRAY in NUMPY_NAMES
    data, path = XL.read_bytes(), tmp_path / "x.pkl"
    for old, new in (
        (b"_create_array", b"_create_typex"),
        (b"_create_array", b"_import_modul"),
        (b"\x0c_reconstruct", b"\x0cimport_modul"),
        (b"\x07ndarray", b"\x07memmap_"),
    ):
        assert old in data
        path.write_bytes(data.replace(old, new))
        with pytest.raises(UserError, match=r"which is refused") as caught:
            open_snapshot(path)
        assert new.lstrip(b"\x0c\x07").decode() in caught.value.message
