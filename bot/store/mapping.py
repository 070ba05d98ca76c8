"""Between records and rows: same names, and the field `secret` is encrypted as what it belongs to.

So is a text whose column holds bytes: words that are for a few people only.

A record's key is its table's primary key. Some records are also found by one other unique field (`lookup`).
"""

from __future__ import annotations

from collections.abc import Mapping as Map
from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import LargeBinary, Table

from bot.crypto import Keyring
from bot.domain import (
    calm,
    conversation,
    gatherings,
    groups,
    ideas,
    invitations,
    maps,
    merging,
    moderation,
    needs,
    open_space,
    people,
    prompts,
    rhythm,
    rooms,
    steps,
)
from bot.store import records, schema

Key = tuple[Any, ...]


class Mapping:
    """How one record type is kept. `columns` are in the table's order."""

    def __init__(self, record: type[Any], table: Table, other: str = "") -> None:
        fields = {field.name: field.type for field in msgspec.structs.fields(record)}
        self.record = record
        self.table = table
        self.columns = tuple(column.name for column in table.columns)
        if set(self.columns) != set(fields):
            raise TypeError(f"{record.__name__} and table {table.name} differ: {set(self.columns) ^ set(fields)}")
        self.key_columns = tuple(column.name for column in table.primary_key.columns)
        self._key_places = tuple(self.columns.index(name) for name in self.key_columns)
        self.other = other
        self._fields = tuple(fields)
        self._order = tuple(self.columns.index(name) for name in fields)
        self._sealed = tuple(
            (index, column.name, msgspec.msgpack.Decoder(fields[column.name]))
            for index, column in enumerate(table.columns)
            if column.name == "secret" or (isinstance(column.type, LargeBinary) and fields[column.name] is str)
        )

    def key(self, record: Any) -> Key:
        """Give the record's primary key."""
        return tuple(getattr(record, name) for name in self.key_columns)

    def key_in(self, row: Sequence[Any]) -> Key:
        """Give the primary key of a row that was selected in the table's column order."""
        return tuple(row[place] for place in self._key_places)

    def to_row(self, record: Any, keys: Keyring) -> dict[str, Any]:
        """Give the column values of a record."""
        row = {name: getattr(record, name) for name in self.columns}
        for _index, name, _decoder in self._sealed:
            if row[name] is not None:
                row[name] = keys.seal(msgspec.msgpack.encode(row[name]), self._about(name, self.key(record)))
        return row

    def from_row(self, row: Sequence[Any], keys: Keyring) -> Any:
        """Give the record of a row that was selected in the table's column order."""
        values = list(row)
        if self._sealed:
            key = self.key_in(row)
            for index, name, decoder in self._sealed:
                if values[index] is not None:
                    values[index] = decoder.decode(keys.open(values[index], self._about(name, key)))
        return self.record(*[values[index] for index in self._order])

    def _about(self, name: str, key: Key) -> bytes:
        return f"{self.table.name}.{name}:{':'.join(map(str, key))}".encode()


MAPPINGS: Map[type[Any], Mapping] = {
    mapping.record: mapping
    for mapping in (
        Mapping(people.Person, schema.person),
        Mapping(people.Account, schema.account, "lookup"),
        Mapping(rooms.Room, schema.room, "lookup"),
        Mapping(conversation.Conversation, schema.conversation, "code"),
        Mapping(people.Participant, schema.participant),
        Mapping(people.Membership, schema.membership, "lookup"),
        Mapping(ideas.Idea, schema.idea),
        Mapping(ideas.Proposal, schema.proposal),
        Mapping(ideas.Receipt, schema.receipt),
        Mapping(ideas.Translation, schema.translation),
        Mapping(merging.Merge, schema.merging),
        Mapping(ideas.Support, schema.support),
        Mapping(ideas.Hand, schema.hand),
        Mapping(ideas.Vote, schema.vote),
        Mapping(groups.HelperGroup, schema.helper_group),
        Mapping(groups.GroupMember, schema.group_member),
        Mapping(needs.Help, schema.help_),
        Mapping(needs.Match, schema.match),
        Mapping(needs.HelpReport, schema.help_report),
        Mapping(steps.Step, schema.step),
        Mapping(steps.Story, schema.story),
        Mapping(steps.StoryPicture, schema.story_picture),
        Mapping(gatherings.Gathering, schema.gathering),
        Mapping(gatherings.Rsvp, schema.rsvp),
        Mapping(open_space.Topic, schema.topic),
        Mapping(open_space.Presence, schema.presence),
        Mapping(gatherings.MeetingNote, schema.meeting_note),
        Mapping(invitations.Invitation, schema.invitation, "lookup"),
        Mapping(moderation.Report, schema.report),
        Mapping(moderation.Act, schema.act),
        Mapping(records.Dialogue, schema.dialogue),
        Mapping(records.Waiting, schema.waiting),
        Mapping(maps.Edition, schema.edition),
        Mapping(records.MapKept, schema.map_kept),
        Mapping(records.MapPicture, schema.map_picture),
        Mapping(prompts.Schedule, schema.schedule),
        Mapping(prompts.Occurrence, schema.occurrence),
        Mapping(rhythm.Rhythm, schema.rhythm),
        Mapping(records.Inbox, schema.inbox),
        Mapping(records.Outbox, schema.outbox, "unique_key"),
        Mapping(records.Due, schema.due, "unique_key"),
        Mapping(records.Listening, schema.listening),
        Mapping(calm.Calm, schema.calm),
        Mapping(calm.Note, schema.note, "unique_key"),
        Mapping(records.Card, schema.card),
        Mapping(records.Carried, schema.carried),
        Mapping(records.Prompted, schema.prompted),
    )
}


def mapping_of(record: type[Any]) -> Mapping:
    """Give the mapping of a record type; a `KeyError` says that it is not kept."""
    return MAPPINGS[record]
