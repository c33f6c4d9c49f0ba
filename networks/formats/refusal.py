"""What pickled files may name, and what they are refused for.

Nothing that a file names is ever imported. A name that is no data is refused all the same where it
is part of what is read: whoever opens a file here may go on and open it elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from networks.formats.modules import MODULE_NAMES, class_names, is_module, is_plain_module
from networks.formats.torch_data import TORCH_NAMES
from networks.formats.wrapping import Wrapped
from networks.pickles.data import PERSISTENT, Global, Names, Record, UnsafePickleError

DATA_NAMES: Final = (
    TORCH_NAMES
    | MODULE_NAMES
    | {
        "argparse.Namespace",
        "torch.float32",
        "torch.float16",
        "torch.bfloat16",
        "torch.nn.Identity",
        "torch.nn.modules.linear.Identity",
    }
)
"""What is data, in the files of every program whose networks can be read."""


def refuse_code(wrapped: Wrapped, names: Names) -> None:
    """Raise UnsafePickleError where a file names what is no data.

    Nothing is ever imported, so a network that is passed over may name what it likes: a D beside a
    G that can be drawn. What is read may not (`networks.formats.pickled` sees to it), nor may
    anything beside networks, or what the file throws away again.
    """
    told = code_in(wrapped.networks) | _classes(wrapped.networks)
    outside = code_in([wrapped.beside, wrapped.networks.get("augment_pipe")])
    for refused in names.refused:
        if refused in outside or refused not in told:
            raise UnsafePickleError(
                f"it wants to import {refused}, which is refused", refused=refused
            )


def code_in(value: Any) -> set[str]:
    """The names of what is neither data nor the class of a module, anywhere in a value."""
    found: set[str] = set()
    for item in everything_in(value):
        match item:
            case Global(name=name):
                found.add(name)
            case Record(name=name) if name != PERSISTENT and not is_module(item):
                found.add(name)
    return found - DATA_NAMES


def _classes(value: Any) -> set[str]:
    """The names of the classes of modules anywhere in a value: text, like all names here."""
    return {name for item in everything_in(value) if is_module(item) for name in class_names(item)}


def everything_in(value: Any) -> Iterator[Any]:
    """A value and everything in it, each once; not what the class of a module is made of."""
    done: set[int] = set()
    todo = [value]
    while todo:
        item = todo.pop()
        if isinstance(item, Global):
            yield item
        if id(item) in done or not isinstance(item, (dict, list, tuple, Record)):
            continue
        done.add(id(item))
        yield item
        if isinstance(item, Record):
            todo += [item.state] if is_plain_module(item) else [item.args, item.kwargs, item.state]
        else:
            todo += item.values() if isinstance(item, dict) else item
