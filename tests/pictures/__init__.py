"""Pictures of Matrix and of the pages as people see them: a real client, and a browser, look at the stories.

All are kept in `docs/pictures`, with a page that shows them.
"""

from pathlib import Path

_FOLDER = Path(__file__).resolve().parent.parent.parent / "docs" / "pictures"


def picture(name: str) -> Path:
    """Give where a picture belongs."""
    return _FOLDER / f"{name}.png"
