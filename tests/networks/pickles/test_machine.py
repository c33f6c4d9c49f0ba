"""The pickle machine: it reads data as pickle does, and can do nothing else."""

from __future__ import annotations

import pickle
import struct
import tracemalloc
from collections import OrderedDict
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from networks.pickles.data import CONTAINERS, Budget, Global, Names, Record, UnsafePickleError
from networks.pickles.machine import unpickle
from tests.snapshot_files import call, text


def load(data: bytes, allowed: tuple[str, ...] = ()) -> Any:
    names = Names({*CONTAINERS, "torch.Size", "numpy.dtype", *allowed})
    return unpickle(memoryview(bytearray(data)), names)[0]


keys = st.text(max_size=5) | st.integers(-(2**40), 2**40) | st.booleans() | st.none()
plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**200), 2**200)
    | st.floats(allow_nan=False)
    | st.text()
    | st.binary(max_size=300),
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.tuples(inner, inner)
        | st.dictionaries(keys, inner, max_size=5)
        | st.sets(keys, max_size=5)
        | st.dictionaries(keys, inner, max_size=3).map(OrderedDict)
    ),
    max_leaves=20,
)


@settings(max_examples=300, deadline=None)
@given(value=plain, protocol=st.sampled_from([2, 3, 4, 5]))
def test_data_is_read_as_pickle_reads_it(value: Any, protocol: int) -> None:
    shared = [value, value]
    assert load(pickle.dumps(shared, protocol)) == shared


def test_long_bytes_are_views_and_shared_objects_stay_shared() -> None:
    inner: list[int] = [1]
    first, second, blob = load(pickle.dumps((inner, inner, b"x" * 10_000), 4))
    assert first is second
    assert isinstance(blob, memoryview)
    assert bytes(blob) == b"x" * 10_000


def test_calls_become_records() -> None:
    size = load(b"\x80\x02" + call("torch", "Size", b"K\x01K\x02\x86") + b".")
    assert (size.name, size.args) == ("torch.Size", ((1, 2),))
    assert load(b"\x80\x02cnumpy\ndtype\n.") == Global("numpy.dtype")
    built = load(b"\x80\x02" + call("numpy", "dtype", text("f8")) + b"K\x03b.")
    assert isinstance(built, Record)
    assert built.state == 3


SYSTEM = text("touch canary")
HOSTILE = {
    "GLOBAL": call("os", "system", SYSTEM),
    "posix": call("posix", "system", SYSTEM),
    "STACK_GLOBAL": text("builtins") + text("eval") + b"\x93" + text("1/0") + b"\x85R",
    "dotted name": text("torch") + text("Size.__base__") + b"\x93)R",
    "NEWOBJ": b"csubprocess\nPopen\n" + text("true") + b"\x85\x81",
    "NEWOBJ_EX": b"csubprocess\nPopen\n)}\x92",
    "INST": b"(X\x01\x00\x00\x00aios\nsystem\n",
    "OBJ": b"(cos\nsystem\nX\x01\x00\x00\x00ao",
    "EXT1": b"\x82\x01",
    "PERSID": b"P1\n",
    "getattr": call("builtins", "getattr", b"N", text("__class__")),
    "reconstructor": call("copyreg", "_reconstructor", b"ctorch\nSize\n", b"N", b"N"),
    "zip codec": call("_codecs", "encode", text("x" * 9), text("zip")),
    "codec without text": call("_codecs", "encode", b"C\x01x", text("latin1")),
    "call of a result": call("torch", "Size", b")") + b")R",
    "call of data": b"X\x01\x00\x00\x00a)R",
    "BUILD on a list": b"]}b",
    "BUILD on a global": b"ctorch\nSize\n}b",
    "append to a record": call("torch", "Size", b")") + b"K\x01a",
    "items of a record": call("torch", "Size", b")") + b"K\x01K\x02s",
    "tuple as a key": b"}K\x01\x85K\x02s",
    "list as a member": b"\x8f(]\x90",
    "float as a key": b"}G" + struct.pack(">d", 2.0**61) + b"Ns",
    "huge key": b"}\x8a\x10" + b"\x01" * 16 + b"Ns",
    "OrderedDict of a number": call("collections", "OrderedDict", b"J\xff\xff\xff\x7f"),
    "OrderedDict of tuples as keys": call("collections", "OrderedDict", b"](K\x01\x85Nlae"),
    "bytes of a number": call("__builtin__", "bytes", b"J\xff\xff\xff\x7f"),
    "set of a set": call("builtins", "set", b"\x8f"),
    "control characters": b"cos\x1b[2J\nsystem\n",
    "unknown instruction": b"\xff",
    "text protocol": b"S'x'\n",
    "mark missing": b"t",
    "stack empty": b"R",
    "memo empty": b"h\x07",
    "stop with nothing": b"",
    "half a pair": b"}(K\x01u",
    "protocol 1": b"\x80\x01N",
    "protocol 9": b"\x80\x09N",
    "bad text": b"X\x01\x00\x00\x00\xff",
}


@pytest.mark.parametrize("payload", HOSTILE.values(), ids=HOSTILE.keys())
def test_what_is_no_data_is_refused(payload: bytes) -> None:
    with pytest.raises(UnsafePickleError):
        load(b"\x80\x02" + payload + b".")


def nested_tuples(depth: int) -> bytes:
    return b")" + b"2\x86" * depth


BOMBS = {
    "bytes of 2^63": b"\x8e" + struct.pack("<Q", 2**63 - 1) + b"x",
    "bytes of 4 GB": b"B\xff\xff\xff\xffx",
    "text of 4 GB": b"X\xff\xff\xff\xffx",
    "frame of 2^63": b"\x95" + struct.pack("<Q", 2**63 - 1),
    "number of 2 GB": b"\x8b\xff\xff\xff\x7f" + b"\x01" * 100,
    "number of 50 kB": b"\x8b\x50\xc3\x00\x00" + b"\x7f" * 50_000,
    "negative length": b"\x8b\xff\xff\xff\xff",
    "hashing 2^100 tuples": b"}" + nested_tuples(100) + b"Ns",
    "text without end": b"c" + b"x" * 100_000,
    "text coded again and again": text("x" * 1_000_000)
    + b"q\x00"
    + b"c_codecs\nencode\nq\x01"
    + (b"h\x01h\x00" + text("latin1") + b"\x86R0") * 1000,
}


@pytest.mark.parametrize("payload", BOMBS.values(), ids=BOMBS.keys())
def test_bombs_are_refused_before_they_take_memory(payload: bytes) -> None:
    tracemalloc.start()
    try:
        with pytest.raises(UnsafePickleError):
            load(b"\x80\x04" + payload + b".")
        assert tracemalloc.get_traced_memory()[1] < 20_000_000 + 20 * len(payload)
    finally:
        tracemalloc.stop()


def test_a_memo_index_costs_nothing_and_deep_nesting_is_harmless() -> None:
    assert load(b"\x80\x02Nr\xff\xff\xff\xff.") is None
    value = load(b"\x80\x04" + nested_tuples(100_000) + b".")
    assert isinstance(value, tuple)


def test_instructions_are_counted() -> None:
    assert Budget().instructions <= 1_000_000
    with pytest.raises(UnsafePickleError, match="instructions"):
        unpickle(memoryview(b"\x80\x02" + b"N0" * 50 + b"N."), Names(()), budget=Budget(100))


def test_streams_share_one_budget() -> None:
    budget = Budget(instructions=20)
    data = memoryview(b"\x80\x02" + b"N0" * 7 + b"N.")
    names = Names(())
    unpickle(data, names, budget=budget)
    with pytest.raises(UnsafePickleError):
        unpickle(data, names, budget=budget)


def test_listing_goes_on_at_refused_names_and_counts_calls() -> None:
    names = Names({"torch.Size"}, lenient=True)
    payload = call("os", "system", SYSTEM) + b"0" + call("torch", "Size", b")")
    unpickle(memoryview(b"\x80\x02" + payload + b"."), names)
    assert names.seen == {"os.system": 1, "torch.Size": 1}
    assert names.called == {"os.system": 1, "torch.Size": 1}
