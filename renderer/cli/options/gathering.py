"""Options that come to a command as one value, instead of as a parameter each."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeAlias

Command: TypeAlias = Callable[..., None]
"""A function that a command of click calls with the values of its options."""


def gathered(
    name: str, of: Callable[..., object], /, **options: Callable[[Command], Command]
) -> Callable[[Command], Command]:
    """A decorator that adds options to a command, which gets what they say as one parameter.

    name: of that parameter. of: makes its value of theirs, which it gets by their names.
    options: those of click by the names of their values, in the order of the help.
    """

    def decorate(command: Command) -> Command:
        @wraps(command)
        def with_one_value(**values: Any) -> None:
            own = {each: values.pop(each) for each in options}
            command(**values, **{name: of(**own)})

        decorated: Command = with_one_value
        for option in reversed(options.values()):
            decorated = option(decorated)
        return decorated

    return decorate
