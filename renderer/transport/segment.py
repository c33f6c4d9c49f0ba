"""Named shared memory of two processes, which goes when the last of them does.

`multiprocessing.shared_memory` does not do. Up to Python 3.12 it reports every segment to a tracker
process, which removes the other side's memory and warns about it at exit. Later it can be told not
to (`track=False`), but a SharedMemory that is let go while a picture still looks at it cannot be
closed and loses its file descriptor, and its memory cannot be reserved beforehand. The module
below it has none of these problems but is private: this is the only file that knows of it.
"""

from __future__ import annotations

import mmap
import os
import sys

if sys.platform != "win32":
    import _posixshmem  # type: ignore[import-not-found]


def create_segment(name: str, size: int) -> mmap.mmap:
    """New shared memory of `size` bytes. Raises OSError, also where memory for it is short."""
    if sys.platform == "win32":
        return mmap.mmap(-1, size, tagname=name)
    fd = _posixshmem.shm_open(f"/{name}", os.O_CREAT | os.O_EXCL | os.O_RDWR, mode=0o600)
    try:
        os.ftruncate(fd, size)
        if hasattr(os, "posix_fallocate"):
            # Containers often have 64 MiB of /dev/shm; without this, writing past it is SIGBUS.
            os.posix_fallocate(fd, 0, size)
        return _map(fd, size, mmap.PROT_READ | mmap.PROT_WRITE)
    except OSError:
        remove_segment(name)
        raise
    finally:
        os.close(fd)


def open_segment(name: str, size: int) -> mmap.mmap:
    """A segment of the other process, read-only. Raises OSError or ValueError (too small)."""
    if sys.platform == "win32":
        return mmap.mmap(-1, size, tagname=name, access=mmap.ACCESS_READ)
    fd = _posixshmem.shm_open(f"/{name}", os.O_RDONLY, mode=0)
    try:
        return _map(fd, size, mmap.PROT_READ)
    finally:
        os.close(fd)


def remove_segment(name: str) -> bool:
    """Take the name away; those who have mapped the memory keep it. False: there was none."""
    if sys.platform == "win32":
        return False  # goes with its last handle
    try:
        _posixshmem.shm_unlink(f"/{name}")
    except FileNotFoundError:
        return False
    return True


def _map(fd: int, size: int, prot: int) -> mmap.mmap:
    # Pages are put in place at once, so that the first look at a picture is no thousand faults.
    flags = mmap.MAP_SHARED | getattr(mmap, "MAP_POPULATE", 0)
    return mmap.mmap(fd, size, flags=flags, prot=prot)
