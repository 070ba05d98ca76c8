"""Maps are kept up on both engines: read a page at a time, written once, and never over what somebody else wrote."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from bot.delivery.making import Making
from bot.delivery.mapping import Mapping, Overtaken
from bot.domain.conversation import Conversation
from bot.domain.ideas import Idea, Vote, weigh
from bot.domain.maps import Edition
from bot.domain.people import Participant
from bot.store import maps
from bot.store.records import MapKept, MapPicture
from tests.delivery.post import Post
from tests.store import some
from tests.store.some import NOW, uuid7, work

IDEAS = 7


async def a_town(post: Post, people: int = 12) -> tuple[Conversation, list[Participant], list[Idea]]:
    """A conversation in which two camps have weighed all ideas."""
    town = some.conversation(participants=people)
    everyone = [some.participant(town, f"P{number}") for number in range(people)]
    ideas = [some.idea(everyone[0], number, f"Idea {number}") for number in range(1, IDEAS + 1)]
    await post.keep(town, *everyone, *ideas)
    await all_weigh(post, everyone, ideas)
    return town, everyone, ideas


async def all_weigh(post: Post, people: Sequence[Participant], ideas: Sequence[Idea]) -> None:
    """Those who sit on the left disagree with most of it."""
    async with work(post.database, post.keys) as uow:
        for number, who in enumerate(people):
            for place, idea in enumerate(ideas):
                post.now += timedelta(seconds=1)
                value = 1 if place < 2 or number % 2 else -1
                uow.save(weigh(await uow.need(Idea, idea.conversation_id, idea.id), None, value))
                uow.add(Vote(idea.conversation_id, idea.id, who.id, value, post.now))


async def erased(post: Post, who: Participant, ideas: Sequence[Idea]) -> None:
    """Somebody's votes go."""
    async with work(post.database, post.keys) as uow:
        for idea in ideas:
            vote = await uow.need(Vote, who.conversation_id, idea.id, who.id)
            known = await uow.need(Idea, who.conversation_id, idea.id)
            sums = known.sums.with_vote(vote.value, -1)
            uow.save(msgspec.structs.replace(known, sums=sums, voters=sums.voters))
            uow.remove(vote)
        assert await maps.forget(uow, who.conversation_id, who.id)


def mapping(post: Post, in_thread: Callable[..., Any] = asyncio.to_thread) -> Mapping:
    return Mapping(post.database, post.keys, post.clock, in_thread)


async def latest(post: Post, town: Conversation) -> Edition | None:
    async with work(post.database, post.keys) as uow:
        return await maps.latest(uow, town.id)


async def test_a_map_is_made_kept_posted_and_forgets(post: Post) -> None:
    town, people, ideas = await a_town(post)
    here = some.room("here", conversation_id=town.id)
    await post.keep(here)
    one = Mapping(post.database, post.keys, post.clock, page=5)
    await one.renew(town.id)
    first = await latest(post, town)
    assert first is not None
    assert first.secret.rung == "groups"
    assert [known.counted for known in first.secret.ideas.values()] == [10] * IDEAS, "read in pages of five"
    moving = await post.get(Idea, town.id, ideas[3].id)
    assert moving.extremity > 0
    await one.renew(town.id)
    assert await latest(post, town) == first, "and nothing is made of nothing new"

    await one.post(town.id)
    [row] = await post.outbox()
    assert (row.kind, row.subject, row.subject_id) == ("fanout", "map", first.id)
    assert (await post.get(MapPicture, town.id, first.id, "sv")).secret.startswith(b"\x89PNG")
    await one.post(town.id)
    assert len(await post.outbox()) == 1

    more = [some.participant(town, f"Q{number}") for number in range(8)]
    await post.keep(*more)
    await erased(post, people[3], ideas)
    await all_weigh(post, more, ideas)
    await one.renew(town.id)
    second = await latest(post, town)
    assert second is not None
    assert second.id != first.id
    assert await post.get(Edition, town.id, first.id) == first, "it stands in the rooms"
    kept = await post.get(MapKept, town.id)
    assert kept.leaving == ()
    assert people[3].id.bytes not in kept.state
    assert people[5].id.bytes in kept.state


async def test_whoever_is_late_writes_over_nothing(post: Post) -> None:
    town, _people, _ideas = await a_town(post)
    quick = mapping(post)

    async def slowly(doing: Callable[..., Any], *args: Any) -> Any:
        if doing.__name__ == "_renewed":
            await quick.renew(town.id)
        return await asyncio.to_thread(doing, *args)

    with pytest.raises(Overtaken):
        await mapping(post, slowly).renew(town.id)
    async with work(post.database, post.keys) as uow:
        assert len(await uow.select(Edition, lambda query: query)) == 1


async def test_votes_ask_for_another_map_while_one_is_made(post: Post) -> None:
    town = some.conversation()
    await post.keep(town, maps.to_renew(town, NOW, uuid7()), maps.to_renew(town, NOW, uuid7()))
    assert len(await post.outbox()) == 1, "many are one"
    maker = Making(post.database, post.keys, post.clock, lambda: None, only_process=post.database.sqlite)
    post.now += timedelta(seconds=1)
    claimed = await maker._claim()
    assert claimed is not None
    await post.keep(maps.to_renew(town, post.now, uuid7()))
    assert len(await post.outbox()) == 2
    await maker._finish(claimed, None)
    assert len(await post.outbox()) == 1


async def test_a_map_that_cannot_be_made_is_tried_and_then_left_to_the_next_votes(post: Post) -> None:
    town, _people, _ideas = await a_town(post)
    await post.keep(MapKept(town.id, state=b"not a state"), maps.to_renew(town, post.now, uuid7()))
    maker = Making(post.database, post.keys, post.clock, lambda: None, only_process=post.database.sqlite)
    for _ in range(5):
        post.now += timedelta(seconds=10)
        await maker.once()
    assert await post.outbox() == []
