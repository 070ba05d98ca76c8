"""The harvest as tables, in the files and columns of Polis, so that whatever reads its exports reads ours.

An idea that became part of another one is moderated out there, since nobody weighs it any more; a file of our own tells
of which one it is part. What was done has files of our own, too. No file of these has a row for a voter, and a cell
stays empty where fewer than five people stand behind it. A cell that a spreadsheet would take for a formula gets an
apostrophe in front, and so does one that has such an apostrophe already: `read_cell` gives back what was written.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, time

import msgspec

from bot.domain.harvest import Harvest, HarvestGathering, HarvestIdea, HarvestPart, Weighed

Cell = str | int | None

COMMENTS = (
    "timestamp", "datetime", "comment-id", "author-id", "agrees", "disagrees", "moderated", "is-meta", "is-seed",
    "group-informed-consensus", "comment-body",
)  # fmt: skip
COMMENT_GROUPS = ("comment-id", "comment", "total-votes", "total-agrees", "total-disagrees", "total-passes")
MERGED = ("comment-id", "part-of-comment-id", "all-authors-agreed")
OURS: Mapping[str, tuple[str, ...]] = {
    "helper-groups.csv": ("helper-group", "what", "whom", "needs", "first-step", "convener", "members", "comment-id"),
    "needs.csv": ("need",),
    "steps.csv": ("step", "helper-group", "done", "at"),
    "stories.csv": ("story", "told-on", "by", "helper-group", "pictured"),
    "gatherings.csv": ("gathering", "topic", "what", "held-on", "open-space", "people", "notes", "comment-id"),
}
"""The tables of what was done, and their columns."""
SHOWN, HIDDEN = 1, -1
"""What Polis calls moderated in, and moderated out."""

LONG_AGO = (1980, 1, 1, 0, 0, 0)
"""The time that a ZIP knows as none."""

_FORMULA = "=+-@\t\r\n＝＋－＠"  # noqa: RUF001 (spreadsheets take the wide signs, too)


class Comment(msgspec.Struct, frozen=True):
    """A row of ``comments.csv``: an idea. `author` and `weighed` are None where that is nobody's business."""

    id: int
    at: datetime
    text: str
    author: int | None
    weighed: Weighed | None
    hidden: bool = False


def tables(harvest: Harvest) -> Mapping[str, bytes]:
    """Write the files, by their names; `merged.csv`, and those of what was done, only where they have a row."""
    ideas = sorted(harvest.ideas, key=lambda idea: idea.number)
    parts = [(part, whole) for whole in ideas for part in whole.parts]
    comments = [_comment(one, hidden=False) for one in ideas] + [_comment(part, hidden=True) for part, _whole in parts]
    merged = {"merged.csv": written(MERGED, ((part.number, whole.number, int(part.agreed)) for part, whole in parts))}
    groups = len(harvest.opinions.groups) if harvest.opinions else 0
    return {
        "summary.csv": summary(harvest.question, harvest.why, harvest.voters, harvest.authors, len(comments), groups),
        "comments.csv": comment_rows(sorted(comments, key=lambda comment: comment.id)),
        "comment-groups.csv": group_rows(
            [(one.number, one.text, (one.weighed, *one.by_group)) for one in ideas], groups
        ),
        **(merged if parts else {}),
        **{name: written(OURS[name], rows) for name, rows in _deeds(harvest).items() if rows},
    }


def _deeds(harvest: Harvest) -> Mapping[str, list[tuple[Cell, ...]]]:
    """Give the rows of what was done; helper groups and gatherings are numbered by their place."""
    return {
        "helper-groups.csv": [
            (place, one.what, one.whom, one.needs, one.first_step, one.convener, one.members, one.idea)
            for place, one in enumerate(harvest.groups, 1)
        ],
        "needs.csv": [(need,) for need in harvest.needs],
        "steps.csv": [
            (one.what, one.group, int(one.done), one.at.astimezone(UTC).isoformat() if one.at else None)
            for one in harvest.steps
        ],
        "stories.csv": [
            (one.text, one.told_on.isoformat(), one.by, one.group, int(bool(one.picture))) for one in harvest.stories
        ],
        "gatherings.csv": [row for place, one in enumerate(harvest.gatherings, 1) for row in _gathering(place, one)],
    }


def _gathering(place: int, one: HarvestGathering) -> list[tuple[Cell, ...]]:
    """Give the rows of a gathering: its own, and one for each topic of an Open Space."""
    day, is_open = one.held_on.isoformat(), int(one.open_space)
    return [
        (place, None, one.what, day, is_open, one.people, "\n\n".join(one.notes), None),
        *(
            (place, each.number, each.title, day, is_open, each.people, "\n\n".join(each.notes), each.idea)
            for each in one.topics
        ),
    ]


def _comment(idea: HarvestIdea | HarvestPart, *, hidden: bool) -> Comment:
    at = datetime.combine(idea.given_on, time(), UTC)
    return Comment(idea.number, at, idea.text, None, idea.weighed, hidden)


def group_rows(ideas: Iterable[tuple[int, str, tuple[Weighed | None, ...]]], groups: int) -> bytes:
    """Write ``comment-groups.csv``: of each idea the sums of all, and of each group in their order."""
    counted = ("votes", "agrees", "disagrees", "passes")
    names = [f"group-{chr(ord('a') + group)}-{what}" for group in range(groups) for what in counted]
    return written(
        (*COMMENT_GROUPS, *names),
        ((number, text, *(cell for one in sums for cell in _counts(one))) for number, text, sums in ideas),
    )


def summary(topic: str, description: str, voters: int | None, authors: int | None, comments: int, groups: int) -> bytes:
    """Write ``summary.csv``: a name and a value a row."""
    return written(
        ("topic", topic),
        (
            ("url", ""), ("voters", voters), ("voters-in-conv", voters), ("commenters", authors),
            ("comments", comments), ("groups", groups), ("conversation-description", description),
        ),
    )  # fmt: skip


def comment_rows(comments: Iterable[Comment]) -> bytes:
    """Write ``comments.csv``."""
    return written(
        COMMENTS,
        (
            (
                *moment(one.at), one.id, one.author, one.weighed.agree if one.weighed else None,
                one.weighed.disagree if one.weighed else None, HIDDEN if one.hidden else SHOWN, 0, 0, None, one.text,
            )
            for one in comments
        ),
    )  # fmt: skip


def moment(at: datetime) -> tuple[int, str]:
    """Give a time as Polis writes it now: seconds since 1970, and words."""
    return int(at.timestamp()), at.astimezone(UTC).strftime(
        "%a %b %d %Y %H:%M:%S GMT+0000 (Coordinated Universal Time)"
    )


def written(head: tuple[Cell, ...], rows: Iterable[tuple[Cell, ...]]) -> bytes:
    """Write a table as UTF-8."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([_cell(cell) for cell in head])
    writer.writerows([_cell(cell) for cell in row] for row in rows)
    return text.getvalue().encode()


def read_cell(cell: str) -> str:
    """Give back the words of a cell."""
    return cell[1:] if cell.startswith("'") and _is_formula(cell) else cell


def zipped(files: Mapping[str, bytes]) -> bytes:
    """Pack files: the same bytes for the same files."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name, LONG_AGO), data, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def _cell(cell: Cell) -> Cell:
    return f"'{cell}" if isinstance(cell, str) and _is_formula(cell) else cell


def _is_formula(cell: str) -> bool:
    """Whether a spreadsheet might compute it, or it is such a cell behind apostrophes of ours."""
    first = cell.lstrip("' ")[:1]
    return bool(first) and first in _FORMULA


def _counts(weighed: Weighed | None) -> tuple[Cell, ...]:
    return (weighed.voters, weighed.agree, weighed.disagree, weighed.passed) if weighed else (None,) * 4
