"""What a file that is no snapshot looks like, in a few words."""

from __future__ import annotations

from typing import Final

_SIGNATURES: Final = (
    (b"\x89PNG\r\n", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"PK\x03\x04", "a zip archive"),
    (b"PK\x05\x06", "an empty zip archive"),
    (b"\x1f\x8b", "a gzip archive: unpack it first"),
    (b"BZh", "a bzip2 archive: unpack it first"),
    (b"\xfd7zXZ", "an xz archive: unpack it first"),
    (b"7z\xbc\xaf", "a 7z archive: unpack it first"),
    (b"Rar!", "a RAR archive: unpack it first"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive: unpack it first"),
    (b"\x89HDF", "an HDF5 file"),
    (b"\x93NUMPY", "a NumPy array"),
    (b"%PDF", "a PDF document"),
    (b"GGUF", "a GGUF model"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"version https://git-lfs", "a Git LFS pointer: the download is not complete (git lfs pull)"),
    (b"RIFF", "a RIFF file (WebP, WAV or AVI)"),
)


def looks_like(head: bytes) -> str:
    """A guess from the first bytes of a file."""
    for signature, words in _SIGNATURES:
        if head.startswith(signature):
            return words
    if head[4:8] == b"ftyp":
        return "a video"
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1000].lower()
    if text.startswith((b"<!doctype html", b"<html")) or b"<html" in text[:300]:
        return "a web page: the download went wrong"
    if text.startswith(b"<?xml"):
        return "an XML document"
    if text.startswith((b"{", b"[")):
        return "a JSON document"
    if head[:1] in b"(}]c" and b"\n" in head[:256] and b"." in head:
        return "a pickle of protocol 0 or 1, which is not supported"
    if not head.strip(b"\0"):
        return "a file of zeros: it was not written completely"
    if all(byte >= 32 or byte in b"\t\r\n" for byte in head[:1000]):
        return "a text"
    return "unknown binary data"
