"""Pictures of Matrix as people see it: a real client in a browser looks at the story of two networks.

Those that the guides show are kept in `docs/pictures`; the others are for looking at, in `build/pictures`.
"""

from pathlib import Path

_ROOT = Path(__file__).resolve().parent.parent.parent
SHOWN = {"matrix-gathering", "harvest-phone"}


def picture(name: str) -> Path:
    """Give where a picture belongs."""
    folder = _ROOT / ("docs" if name in SHOWN else "build") / "pictures"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{name}.png"
