"""All that is kept of one person, as a file for them: a ZIP with JSON and pictures, the same bytes for the same data.

What others wrote is not in it, but for the question of a conversation and what waits to be told to them.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec

from bot.chat.content import Attachment, Content, Text
from bot.chat.keys import network_of
from bot.domain.calm import Calm, Note
from bot.domain.conversation import Conversation
from bot.domain.ideas import Proposal
from bot.domain.needs import Help, Match
from bot.domain.people import Account, Participant, Person
from bot.i18n import known, render
from bot.store.privacy import Mine
from bot.store.records import Listening

NAME = "byalag-my-data.zip"
INSIDE = "my-data.json"
LONG_AGO = (1980, 1, 1, 0, 0, 0)
"""The time that a ZIP knows as none."""

_VALUES = {1: "agree", -1: "disagree", 0: "pass"}


def my_data(
    person: Person, accounts: Sequence[Account], found: Sequence[Mine], proposed: Sequence[Proposal],
    calm: Sequence[Calm | Note] = (), helps: Sequence[tuple[Help, Sequence[Match]]] = (),
    talks: Sequence[Listening] = (), pictures: Mapping[UUID, bytes] | None = None,
) -> Content:  # fmt: skip
    """Give the message with the file; `pictures` are those of their stories, by the story."""
    data = {
        "person": {
            "since": person.created_at,
            "language": person.locale,
            "consent": {"version": person.consent_version, "at": person.consent_at},
        },
        "carried_between_rooms": {str(group): answer for group, answer in person.secret.carried.items()},
        "accounts": [
            {
                "network": network_of(account.channel),
                "account": account.secret.key.id,
                "name": account.secret.name,
            }
            for account in accounts
        ],
        "conversations": [_conversation(one) for one in found],
        "to_be_told": [
            {
                "words": [render(block.words, known(person.locale)) for block in one.secret.blocks],
                "at": one.at,
                "reminder": one.kind == "reminder",
            }
            for one in calm
            if isinstance(one, Note)
        ],
        "calm": next((_calm(one) for one in calm if isinstance(one, Calm)), None),
        "needs_and_offers": [_help(one, matches) for one, matches in helps],
        "listened_to": [
            {"last_heard": one.heard_at, "until": one.over_at, "questions_asked": (one.asked >> 1).bit_count()}
            for one in talks
        ],
        "proposed_as_ideas": [{"text": one.secret.text, "at": one.created_at} for one in proposed],
    }
    packed = _zipped(msgspec.json.format(msgspec.json.encode(data)), pictures or {})
    alt = Text("A file with all that is yours, as JSON.")
    return Content(
        Content.of(
            Text("Here is all that I keep of you, in a file. Other programs can read it too."),
            Text("Keep it to yourself: it tells how you voted."),
        ).blocks,
        attachment=Attachment("file", NAME, "application/zip", packed, alt),
    )


def _calm(calm: Calm) -> dict[str, Any]:
    return {"digest": calm.digest, "quiet_hours": calm.secret, "told_at": calm.told_at}


def _conversation(mine: Mine) -> dict[str, Any]:
    me = mine.participant
    return {
        "place": mine.conversation.place_name,
        "question": mine.conversation.question,
        "joined_at": me.joined_at,
        "left": me.left,
        "name": me.secret.name,
        "role": me.role or "participant",
        "hats": me.hats,
        "hats_shown": me.hats_shown,
        "paused_until": me.muted_until,
        "host_of": _begun(mine.conversation) if mine.conversation.host_id == me.id else None,
        "ideas": [
            {
                "number": one.number,
                "text": one.text,
                "at": one.created_at,
                "state": one.state,
                "under_my_name": one.named,
                "tags": one.tags,
            }
            for one in mine.ideas
        ],
        "supports": _about(mine, mine.supports),
        "hands": _about(mine, mine.hands),
        "votes": [{"idea": mine.known[one.idea_id].number, "vote": _VALUES[one.value], "at": one.created_at}
                  for one in mine.votes],
        "helper_groups": [
            {"what": _own(group.what, group.convener_id, me), "convener": group.convener_id == me.id,
             "joined_at": next((one.joined_at for one in mine.members if one.group_id == group.id), None)}
            for group in mine.groups.values()
        ],
        "gatherings": [
            {
                "what": _own(one.what, one.convener_id, me),
                "at": one.at,
                "where": _own(one.where, one.convener_id, me),
                "convened": one.convener_id == me.id,
                "answer": next((each.answer for each in mine.rsvps if each.gathering_id == one.id), None),
                "name_shown": next((each.named for each in mine.rsvps if each.gathering_id == one.id), None),
                "topics": [
                    {"title": each.title, "place": each.secret.place, "at": each.created_at}
                    for each in mine.topics
                    if each.gathering_id == one.id
                ],
                "been_at": sum(len(each.been) for each in mine.presences if each.gathering_id == one.id),
                "notes": [
                    {"text": each.text, "at": each.created_at} for each in mine.notes if each.gathering_id == one.id
                ],
            }
            for one in mine.gatherings.values()
        ],
        "next_steps": [
            {"what": _own(one.what, one.created_by, me), "when": one.at, "mine": one.doer_id == me.id,
             "state": one.state}
            for one in mine.steps
        ],
        "stories": [
            {"text": one.text, "at": one.created_at, "state": one.state, "under_my_name": one.named,
             "picture": _picture(one.id) if one.pictured else None}
            for one in mine.stories
        ],
        "reports": [
            {**_judged(mine, one.subject_id), "reason": one.reason, "at": one.created_at} for one in mine.reports
        ],
        "translations": [
            {"idea": mine.known[one.idea_id].number, "language": one.locale, "text": one.text, "at": one.created_at}
            for one in mine.translations
        ],
        "merges_proposed": [
            {"idea": mine.known[one.idea_id].number, "into": mine.known[one.into_id].number, "at": one.created_at}
            for one in mine.merges
        ],
        "invitations": [
            {"for": one.for_whom, "name": one.name, "at": one.created_at, "used": one.used, "ended_at": one.ended_at}
            for one in mine.invitations
        ],
        "planned_questions": [
            {"series": one.series, "questions": one.secret, "rule": one.rule, "state": one.state, "at": one.created_at}
            for one in mine.schedules
        ],
        "moderation_of_me": [
            {
                "what": one.kind,
                **_judged(mine, one.subject_id),
                "reason": one.reason,
                "at": one.created_at,
                "taken_back_at": one.undone_at,
            }
            for one in mine.acts
        ],
    }  # fmt: skip


def _own(words: str, author_id: UUID, me: Participant) -> str | None:
    """Give words that are theirs; another's are not in the file."""
    return words if author_id == me.id else None


def _judged(mine: Mine, subject_id: UUID | None) -> dict[str, Any]:
    """Say what a report or an act is about, without the words, which may be another's."""
    found = mine.matters.get(subject_id) if subject_id else None
    if found is None:
        return {"about": None, "idea": None}
    return {"about": found.subject, "idea": found.number if found.subject == "idea" else None}


def _help(one: Help, matches: Sequence[Match]) -> dict[str, Any]:
    said = [
        {
            "at": found.created_at,
            "said": {1: "yes", -1: "no"}.get(found.said(one.id)),
            "how_to_reach_me": found.way(one.id),
            "introduced_at": found.introduced_at,
        }
        for found in matches
    ]
    return {
        "what": one.kind, "text": one.text, "place": one.place_name, "at": one.created_at, "state": one.state,
        "for_all_in_the_conversation": one.shared, "listens": one.listens, "answers": said,
    }  # fmt: skip


def _begun(conversation: Conversation) -> dict[str, Any]:
    return {"why": conversation.why, "values": conversation.values, "givens": conversation.givens}


def _about(mine: Mine, supports: Iterable[Any]) -> list[dict[str, Any]]:
    return [{"idea": mine.known[one.idea_id].number, "at": one.created_at} for one in supports]


def _picture(story_id: UUID) -> str:
    """Name the file of a story's picture."""
    return f"{story_id}.jpg"


def _zipped(text: bytes, pictures: Mapping[UUID, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(zipfile.ZipInfo(INSIDE, LONG_AGO), text, zipfile.ZIP_DEFLATED)
        for story_id, data in pictures.items():
            archive.writestr(zipfile.ZipInfo(_picture(story_id), LONG_AGO), data)
    return packed.getvalue()
