"""When something is not all right: it is said, looked at, hidden with a reason everywhere, and can be taken back."""

from __future__ import annotations

import pytest

from bot.chat.content import Text
from bot.domain.ideas import Idea
from bot.domain.moderation import Act, Report
from bot.domain.people import Participant
from bot.i18n import render
from bot.views import common
from bot.views import moderation as views
from tests.peers.telegram import Group
from tests.story.scenes import gives, joins, says_yes, town_with_a_conversation
from tests.story.world import Neighbour, Town, said_in

RUDE = "The mayor is a fool, throw him in the river"
KIND = "A bench by the water"


@pytest.fixture
async def scene(town: Town) -> tuple[Neighbour, Neighbour, Neighbour, Group]:
    """Anna hosts; Bo has given a rude idea; Cecilia reads it in the group."""
    anna, group, invitation = await town_with_a_conversation(town)
    bo, cecilia = town.neighbour("Bo", "en"), next(one for one in town.neighbours.values() if one.name == "Cecilia")
    await joins(bo, invitation)
    await gives(bo, RUDE)
    await joins(cecilia, invitation)
    await says_yes(cecilia)
    return anna, bo, cecilia, group


Scene = tuple[Neighbour, Neighbour, Neighbour, Group]


def says(neighbour: Neighbour, words: object) -> bool:
    """Whether any message in private says this, in the neighbour's language."""
    assert isinstance(words, Text)
    wanted = render(words, neighbour.language)
    return any(wanted in message.body for message in neighbour.private.bot_messages)


async def test_reported_hidden_everywhere_and_taken_back(town: Town, scene: Scene) -> None:
    anna, bo, cecilia, group = scene
    # given a card in the group and the same in Bo's own chat
    await bo.writes("/ideas 1")
    cards = [town.card(group, RUDE), town.card(bo.private, RUDE)]

    # when Cecilia says in private that it is hateful
    await cecilia.writes("/report 1")
    await cecilia.picks("hate")
    assert says(cecilia, views.THANKS)
    # she says it once
    await cecilia.writes("/report 1 spam")
    assert says(cecilia, views.ALREADY)
    assert len(await town.kept(Report)) == 1

    # then Anna is told in the evening, once, and not by whom
    before = anna.last
    await town.later(hours=7)
    told = anna.told(since=before)
    assert len(told) == 1
    await anna.presses("mod", told[0])
    looked = anna.last if anna.last.id > told[0].id else told[0]
    assert RUDE in looked.body
    assert "Cecilia" not in looked.body

    # she hides it, for the reason that was given; both cards change
    await anna.presses("hide", looked)
    for card in cards:
        assert RUDE not in card.body
        assert not card.buttons
    # Bo is told in his language what, why, and how to object
    await town.next_morning()
    notice = bo.last
    assert RUDE in notice.body
    assert render(views.reason("hate"), "en") in notice.body
    assert bo.offered(notice) == {"ask_other"}

    # nobody can weigh or carry it now
    answer = await cecilia.person.press_data(cards[0], "x")
    assert answer.text == render(common.STALE, "sv")
    await cecilia.writes("/ideas 1")
    assert RUDE not in cecilia.last.body
    await cecilia.writes("/vote")
    assert RUDE not in cecilia.last.body

    # and taken back, it is as it was
    await anna.writes("/mod undo")
    for card in cards:
        assert RUDE in card.body
    assert [act.undone_at is None for act in await town.kept(Act)] == [False]
    await anna.writes("/mod log")
    assert "Anna" in anna.last.body


async def test_only_who_moderates_moderates(town: Town, scene: Scene) -> None:
    anna, _bo, cecilia, group = scene
    for words in ("/mod", "/mod hide 1", "/mod undo", "/mod log"):
        await cecilia.writes(words)
        assert cecilia.last.body == render(common.NOT_HERE, "sv")
    # a button that Anna has is hers, also when its data is known
    await anna.writes("/mod hide 1")
    data = next(iter(town.actions(anna.last)))
    await cecilia.person.press_data(cecilia.last, data)
    await town.settled()
    assert (await town.kept(Idea))[0].state == "shown"
    # an admin of the Telegram group is none of ours either
    group.promote(cecilia.person)
    await cecilia.writes("/mod hide 1", group)
    assert (await town.kept(Idea))[0].state == "shown"


async def test_one_who_lost_the_role_between_asking_and_saying_yes_does_nothing(town: Town, scene: Scene) -> None:
    # given Cecilia, a moderator, who is asked why she hides it
    anna, _bo, cecilia, group = scene
    written = await cecilia.writes("Hej allihop", group)
    await anna.writes("/mod add", group, reply_to=written)
    await cecilia.writes("/mod hide 1")
    question = cecilia.last
    assert "pick" in cecilia.offered(question)
    # when Anna takes the role back before she answers
    await anna.writes("/mod remove", group, reply_to=written)
    await cecilia.picks("hate", question)
    # then nothing is hidden
    assert (await town.kept(Idea))[0].state == "shown"
    assert sorted(act.kind for act in await town.kept(Act)) == ["dismiss", "moderator"]


async def test_who_has_a_pause_can_read_and_vote(town: Town, scene: Scene) -> None:
    anna, bo, _cecilia, group = scene
    group.join(bo.person)
    await gives(anna, KIND)
    await anna.writes("/mod mute 1 7 Lugna dig")
    # Bo is told in his language, with the reason
    assert "Lugna dig" in bo.last.body
    # what he says is not taken, what he votes is
    await bo.writes("/idea Another")
    await bo.writes("/idea Another", group)
    assert len(await town.kept(Idea)) == 2
    await bo.writes("/vote")
    await bo.presses("agree")
    assert sum(idea.voters for idea in await town.kept(Idea)) == 1
    # after seven days it is over by itself
    await town.later(days=7, minutes=1)
    await gives(bo, "Another")
    assert len(await town.kept(Idea)) == 3
    assert [one.muted(town.clock.now) for one in await town.kept(Participant)] == [False] * 3


async def test_a_threat_is_told_at_once(town: Town, scene: Scene) -> None:
    anna, _bo, cecilia, _group = scene
    before = anna.last
    await cecilia.writes("/report 1 threat")
    assert len(anna.told(since=before)) == 1


async def test_a_message_in_a_group_is_shown_to_the_moderators_alone(town: Town, scene: Scene) -> None:
    anna, bo, cecilia, group = scene
    group.join(bo.person)
    written = await bo.writes("You are all fools", group)
    await cecilia.writes("/report Elakt", group, reply_to=written)
    assert "You are all fools" not in said_in(group)[-1].body
    before = anna.last
    await town.later(hours=7)
    told = anna.told(since=before)
    assert len(told) == 1
    assert "You are all fools" in told[0].body
    assert "Cecilia" not in told[0].body
