"""Writing tensors as safetensors: whole and on the disk before the file takes its name."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import save_file
from torch import Tensor

from common.files import cannot_write, replacing


def write_tensors(path: Path, tensors: Mapping[str, Tensor], metadata: Mapping[str, str]) -> None:
    """Replace the file at `path`; a crash leaves the old one or the new one.

    tensors: by name, on the CPU, none of which shares memory with another.
    metadata: what the header says beside them.
    Raises UserError where the file cannot be written.
    """
    try:
        with replacing(path) as temporary:
            temporary.touch()
            mode = temporary.stat().st_mode
            save_file(dict(tensors), temporary, metadata=dict(metadata))
            temporary.chmod(mode)  # the library makes its files private
            with temporary.open("rb") as file:
                os.fsync(file.fileno())
    except OSError as error:
        raise cannot_write(path, error) from error
    except SafetensorError as error:
        raise cannot_write(path, _system_error(error)) from error


def _system_error(error: SafetensorError) -> OSError:
    """The error of the system that the library only quotes: `… (os error 28)`."""
    found = re.search(r"\(os error (\d+)\)", str(error))
    if found is None:
        return OSError(str(error))
    number = int(found[1])
    return OSError(number, os.strerror(number))
