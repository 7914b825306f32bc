"""One file for a parcel: itself where it holds one, else a zip, written piece by piece and the same on each day."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from typing import Final

from bot.channels import File, Parcel

#: The oldest day that a zip can name: the same catalogue makes the same bytes, whenever it is asked for.
_DAY: Final = (1980, 1, 1, 0, 0, 0)


def packed(parcel: Parcel, name: str) -> File:
    """Give the parcel as one file; `name` is the channel's, for a zip."""
    if len(parcel.files) == 1:
        return parcel.files[0]
    return File(f"{name}.zip", "application/zip", lambda: _zipped(parcel))


def _zipped(parcel: Parcel) -> Iterator[bytes]:
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in parcel.files:
            with archive.open(zipfile.ZipInfo(file.path, _DAY), "w", force_zip64=True) as entry:
                for piece in file.write():
                    entry.write(piece)
                    yield sink.taken()
    yield sink.taken()


class _Sink(io.RawIOBase):
    """Holds what the archive wrote until it is taken."""

    def __init__(self) -> None:
        super().__init__()
        self._held: list[bytes] = []

    def writable(self) -> bool:
        """Yes."""
        return True

    def write(self, data: object) -> int:
        """Keep the bytes."""
        piece = bytes(memoryview(data))  # type: ignore[arg-type]  # zipfile gives bytes and memoryviews
        self._held.append(piece)
        return len(piece)

    def taken(self) -> bytes:
        """Give what was written since the last time."""
        held, self._held = self._held, []
        return b"".join(held)
