"""What real pictures gave, kept on disk: it changes only when the data or the network does."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from common.cache_folder import cache_folder
from common.errors import why
from common.files import replace_file

_KEY: Final = "ganscope-metrics"


def default_folder() -> Path:
    """The user's cache folder, or one in GANSCOPE_HOME."""
    return cache_folder("metrics")


class Cache:
    """Tensors by a key of JSON data.

    A file that cannot be read is as good as none, one that cannot be written stops nothing.

    folder: where they are; None keeps nothing.
    warn: takes a line for the user.
    """

    def __init__(
        self, folder: Path | None, warn: Callable[[str], None] = lambda text: None
    ) -> None:
        self.folder, self.warn = folder, warn

    def get(self, key: Mapping[str, Any]) -> Tensor | None:
        """What was put under this key; None where there is nothing that can be used."""
        path = self._path(key)
        if path is None or not path.exists():
            return None
        try:
            with safe_open(path, framework="pt") as file:
                if json.loads((file.metadata() or {}).get(_KEY, "null")) != dict(key):
                    raise ValueError("it holds something else")
                value: Tensor = file.get_tensor("value").clone()
                return value
        except (OSError, SafetensorError, ValueError) as error:
            self.warn(f"Warning: {path} cannot be used: {why(error)}. It is computed again.")
            return None

    def put(self, key: Mapping[str, Any], value: Tensor) -> None:
        """Keep `value` under this key."""
        path = self._path(key)
        if path is None:
            return
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            data = save({"value": value.contiguous().clone()}, {_KEY: json.dumps(dict(key))})
            replace_file(path, data)
        except (OSError, SafetensorError) as error:
            self.warn(f"Warning: cannot write {path}: {why(error)}. Next time it is made anew.")

    def _path(self, key: Mapping[str, Any]) -> Path | None:
        if self.folder is None:
            return None
        text = json.dumps(dict(key), sort_keys=True).encode()
        return self.folder / f"{hashlib.blake2b(text, digest_size=16).hexdigest()}.safetensors"
