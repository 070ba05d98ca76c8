"""Pictures that people send with a story: made upright, smaller, and free of all that a camera noted in them.

What is kept is drawn anew from the points of the picture alone, so that no place, no time and no device goes along.
"""

from __future__ import annotations

import io

LONGEST = 1280
"""Points of the longer side of what is kept."""
MOST_POINTS = 80_000_000
QUALITY = 82
KINDS = ("JPEG", "PNG", "WEBP", "GIF")


class NoPicture(Exception):
    """These bytes are no picture that can be kept."""


def cleaned(data: bytes) -> bytes:
    """Give the picture as it is kept (JPEG). Raises `NoPicture`. It takes a moment: off the event loop."""
    from PIL import Image, ImageFile, ImageOps, UnidentifiedImageError  # noqa: PLC0415 (a quarter of a second)

    # Who prints a page in the same process lets half pictures pass.
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    try:
        with Image.open(io.BytesIO(data), formats=KINDS) as found:
            if found.width * found.height > MOST_POINTS or min(found.size) < 1:
                raise NoPicture("size")
            found.draft("RGB", (2 * LONGEST, 2 * LONGEST))
            upright = ImageOps.exif_transpose(found).convert("RGBA")
            plain = Image.new("RGB", upright.size, "white")
            plain.paste(upright, mask=upright.getchannel("A"))
            plain.thumbnail((LONGEST, LONGEST))
            written = io.BytesIO()
            plain.save(written, "JPEG", quality=QUALITY, optimize=True)
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise NoPicture(type(error).__name__) from error
    return written.getvalue()
