"""Pictures and files that the bot sends, kept in a folder, since a terminal shows none.

Names are hostile: only a last part without control characters is used, and nothing is written over.
"""

from __future__ import annotations

import base64
import itertools
import os
import re
import unicodedata
from pathlib import Path

SAMPLES = {
    "picture": base64.b64decode(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgqG/4DwADggGAqcXA1wAAAABJRU5ErkJggg=="
    ),
    "file": b"A file from the console.\n",
}
"""What is posted from a terminal, where there is nothing to choose a picture or file with."""
_LONGEST = 80
_ODD = re.compile(r'[\\/:*?"<>|]')


def safe_name(name: str) -> str:
    """Make a file name of what was meant as one."""
    last = re.split(r"[\\/]", unicodedata.normalize("NFC", name))[-1]
    kept = "".join(sign for sign in last if unicodedata.category(sign)[0] not in "CZ" or sign == " ")
    path = Path(_ODD.sub("_", kept).strip(". ") or "file")
    return path.stem[:_LONGEST] + path.suffix[:_LONGEST]


def keep(folder: Path, name: str, data: bytes) -> Path:
    """Write a new file that only this account of the machine may read. Raises `OSError`."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    wanted = Path(safe_name(name))
    for number in itertools.count(1):
        path = folder / (wanted.name if number == 1 else f"{wanted.stem}-{number}{wanted.suffix}")
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            continue
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        return path
    raise AssertionError("there is always a next number")
