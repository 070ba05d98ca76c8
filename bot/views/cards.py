"""The cards of the rooms: which kinds there are, what each needs to be read, and its view."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from uuid import UUID

import msgspec

from bot.chat.content import Content, Text, Words
from bot.domain.conversation import Conversation
from bot.domain.gatherings import Gathering, MeetingNote
from bot.domain.groups import HelperGroup
from bot.domain.ideas import Idea
from bot.domain.maps import Edition
from bot.domain.needs import Help
from bot.domain.open_space import Topic
from bot.domain.people import HAT_NAMES, Participant
from bot.domain.prompts import Occurrence
from bot.domain.rooms import Room
from bot.domain.steps import Step, Story, StoryPicture, picture_card
from bot.i18n import enumerate_words, known, render
from bot.store import energy as energy_queries
from bot.store import gatherings as gathering_queries
from bot.store import groups as group_queries
from bot.store import maps as map_queries
from bot.store import open_space as open_space_queries
from bot.store import translations
from bot.store.seen_map import load_seen
from bot.store.unit_of_work import UnitOfWork
from bot.views import (
    conversations,
    energy,
    gatherings,
    groups,
    ideas,
    maps,
    needs,
    open_space,
    prompts,
    seasons,
    steps,
    stories,
)
from bot.views import translations as translation_views


async def load_cards(uow: UnitOfWork, cards: Iterable[tuple[str, UUID | None, UUID | None]]) -> None:
    """Read what many cards will ask for: (subject, conversation, id)."""
    found = [card for card in cards if card[1] and card[2]]
    await uow.load(Conversation, [(conversation_id,) for _subject, conversation_id, _id in found])
    keys = [(conversation_id, idea_id) for subject, conversation_id, idea_id in found if subject == "idea"]
    await uow.load(Idea, keys)
    known = [await uow.get(Idea, *key) for key in keys]
    await uow.load(Participant, [(idea.conversation_id, idea.author_id) for idea in known if idea])
    await uow.load(Idea, [(idea.conversation_id, idea.merged_into) for idea in known if idea and idea.merged_into])


async def card_content(
    uow: UnitOfWork, subject: str, conversation_id: UUID, subject_id: UUID, room: Room
) -> Content | None:
    """Give a card as it is to be shown in a room now; None if there is nothing to show."""
    conversation = await uow.get(Conversation, conversation_id)
    if conversation is None:
        return None
    return await _CARDS[subject](uow, conversation, subject_id, room)


async def _idea(uow: UnitOfWork, conversation: Conversation, idea_id: UUID, room: Room) -> Content | None:
    idea = await uow.get(Idea, conversation.id, idea_id)
    if idea is None:
        return None
    author = await uow.get(Participant, conversation.id, idea.author_id) if idea.named else None
    name = author.secret.name if author else ""
    hands = energy.hands(idea, (await energy_queries.names(uow, [idea]))[idea.id], room.locale) if idea.hands else ""
    whole = await uow.get(Idea, conversation.id, idea.merged_into) if idea.merged_into else None
    hats = shown_hats(author, room.locale)
    found = (await translations.into(uow, [idea], room.locale)).get(idea.id)
    also = translation_views.below(*found) if found else ()
    return ideas.card(idea, conversation, name, hats, private=room.private, hands=hands, whole=whole, also=also)


async def _there(uow: UnitOfWork, conversation_id: UUID | None, group_id: UUID | None) -> HelperGroup | None:
    """Give a helper group that can be seen, to be named on other cards."""
    found = await uow.get(HelperGroup, conversation_id, group_id) if conversation_id and group_id else None
    return found if found is not None and found.there else None


async def _group(uow: UnitOfWork, conversation: Conversation, group_id: UUID, room: Room) -> Content | None:
    read = await group_queries.load_group(uow, conversation.id, group_id)
    if read is None or not read.group.there:
        return Content.of(groups.GONE)
    return groups.group_card(read.group, conversation, read.convener_name, read.idea_text, room, read.steps)


async def _map(uow: UnitOfWork, conversation: Conversation, edition_id: UUID, room: Room) -> Content | None:
    edition = await uow.get(Edition, conversation.id, edition_id)
    if edition is None:
        return None
    drawn = await map_queries.picture(uow, conversation.id, edition.id, known(room.locale))
    return maps.posted(conversation, await load_seen(uow, conversation, edition), drawn, room.locale)


async def _step(uow: UnitOfWork, conversation: Conversation, step_id: UUID, _room: Room) -> Content | None:
    found = await uow.get(Step, conversation.id, step_id)
    group = await _there(uow, conversation.id, found.group_id) if found is not None else None
    if found is None or group is None:
        return Content.of(steps.GONE)
    doer = await uow.get(Participant, conversation.id, found.doer_id) if found.doer_id else None
    return steps.card(found, group, doer.secret.name if doer is not None else "")


async def _story(uow: UnitOfWork, conversation: Conversation, story_id: UUID, room: Room) -> Content | None:
    told = await uow.get(Story, conversation.id, story_id)
    if told is None:
        return None
    author = await uow.get(Participant, conversation.id, told.author_id) if told.named else None
    group = await _there(uow, conversation.id, told.group_id)
    name, what = author.secret.name if author else "", group.what if group else ""
    return stories.card(told, conversation, name, what, private=room.private)


async def _picture(uow: UnitOfWork, conversation: Conversation, card_id: UUID, _room: Room) -> Content | None:
    told = await uow.get(Story, conversation.id, picture_card(card_id))
    kept = await uow.get(StoryPicture, conversation.id, told.id) if told is not None else None
    if told is None or kept is None or told.state != "shown":
        return None
    return stories.picture(told, kept.secret)


async def _need(uow: UnitOfWork, _conversation: Conversation, need_id: UUID, _room: Room) -> Content:
    need = await uow.get(Help, need_id)
    if need is None:
        return Content.of(needs.GONE)
    group = await _there(uow, need.group_in, need.group_id)
    return needs.card(need, group.what if group is not None else "")


async def _gathering(uow: UnitOfWork, conversation: Conversation, gathering_id: UUID, room: Room) -> Content | None:
    one = await uow.get(Gathering, conversation.id, gathering_id)
    if one is None or not one.there:
        return Content.of(gatherings.GONE)
    counts = (await gathering_queries.counts(uow, conversation.id, [one.id]))[one.id]
    names = await gathering_queries.names(uow, one, gatherings.NAMED)
    convener = await uow.get(Participant, conversation.id, one.convener_id)
    group = await _there(uow, conversation.id, one.group_id)
    name = convener.secret.name if convener else ""
    topics = await open_space_queries.topics(uow, one) if one.open_space else []
    counts = msgspec.structs.replace(counts, names=tuple(names))
    return gatherings.card(
        one,
        conversation,
        msgspec.structs.replace(counts, names=tuple(names)),
        group,
        name,
        room.locale,
        private=room.private,
        topics=topics,
    )


async def _topic(uow: UnitOfWork, conversation: Conversation, topic_id: UUID, _room: Room) -> Content | None:
    found = await uow.get(Topic, conversation.id, topic_id)
    one = await uow.get(Gathering, conversation.id, found.gathering_id) if found is not None else None
    if found is None or one is None:
        return None
    convener = await uow.get(Participant, conversation.id, found.convener_id)
    here = (await open_space_queries.here(uow, one)).get(found.id, 0)
    return open_space.card(found, one, convener.secret.name if convener else "", here)


async def _book(uow: UnitOfWork, conversation: Conversation, gathering_id: UUID, _room: Room) -> Content | None:
    one = await uow.get(Gathering, conversation.id, gathering_id)
    if one is None or not one.there:
        return None
    notes: dict[UUID, list[MeetingNote]] = {}
    for note in await gathering_queries.notes(uow, one):
        if note.topic_id is not None:
            notes.setdefault(note.topic_id, []).append(note)
    return open_space.book(one, await open_space_queries.topics(uow, one), notes)


async def _conversation(_uow: UnitOfWork, conversation: Conversation, _id: UUID, _room: Room) -> Content:
    return conversations.card(conversation)


async def _prompt(uow: UnitOfWork, conversation: Conversation, occurrence_id: UUID, _room: Room) -> Content | None:
    asked = await uow.get(Occurrence, conversation.id, occurrence_id)
    over = asked is None or conversation.closed_at is not None
    return None if over or asked is None else prompts.card(asked, conversation)


async def _season(_uow: UnitOfWork, conversation: Conversation, _told: UUID, _room: Room) -> Content | None:
    return None if conversation.closed_at is not None else seasons.announcement(conversation, conversation.season)


_CARDS: Mapping[str, Callable[[UnitOfWork, Conversation, UUID, Room], Awaitable[Content | None]]] = {
    "idea": _idea,
    "group": _group,
    "map": _map,
    "step": _step,
    "story": _story,
    "picture": _picture,
    "need": _need,
    "gathering": _gathering,
    "topic": _topic,
    "book": _book,
    "conversation": _conversation,
    "prompt": _prompt,
    "season": _season,
}
"""The kinds of cards: a new one is a function and a line."""


def shown_hats(participant: Participant | None, locale: str) -> Words:
    """Give the hats that somebody wishes to show."""
    if participant is None or not participant.hats_shown or not participant.hats:
        return ""
    return enumerate_words(
        [render(Text(HAT_NAMES[hat]), locale) for hat in participant.hats if hat in HAT_NAMES], locale
    )
