"""What it is like to use the bot on Matrix: what is open in a group and what is secret, and the way between the two."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.domain.ideas import Idea, Support, Vote
from bot.domain.people import Person
from tests.peers.synapse import Synapse
from tests.story.village import Neighbour, Village
from tests.story.village import village as founded

pytestmark = pytest.mark.xdist_group("synapse")

QUESTION = "Vad vill vi att Härnösand ska göra i vinter?"
SLEDGE = "En kälkbacke vid skolan"


@pytest.fixture
async def village(synapse: Synapse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Village]:
    async with founded(synapse, tmp_path, monkeypatch) as made:
        yield made


async def begun(village: Village, *members: Neighbour) -> tuple[Neighbour, str]:
    """Anna begins a conversation; there is an encrypted group with the others, and her idea in it."""
    anna = await village.neighbour("Anna")
    for words in ("!nytt", "Härnösand", QUESTION, "ja", "ja"):
        await anna.writes(words)
    group = await village.group("Grannar", anna, *members)
    await anna.writes(f"!idé {SLEDGE}", group)
    return anna, group


async def test_a_group_sees_what_one_carries_and_never_what_one_thinks(village: Village) -> None:
    # given Bo, who has never written to the bot, in a group with a card
    bo = await village.stranger("Bo")
    anna, group = await begun(village, bo)
    card = anna.hears(group)[-1]
    # then all that can be pressed there is open by nature, and the card says how to weigh in secret
    assert anna.signs(card.id, group) == ["🤝", "✋"]
    assert "svara med !rosta" in card.body
    # when he carries it, then he is asked in private first, in a room that the bot opens
    sign = await bo.reacts("🤝", card.id, group)
    await bo.goes_in()
    assert "säger du ja" in bo.hears()[-1].body
    assert not await village.kept(Support)
    await bo.writes("ja")
    assert len(await village.kept(Support)) == 1
    assert "1 bär den" in anna.hears(group)[-1].body
    # a second time is not the contrary
    await bo.reacts("1️⃣", card.id, group)
    assert len(await village.kept(Support)) == 1
    # taken back, it is carried no more, also after a restart
    await village.begins_again()
    await bo.takes_back(sign, group)
    assert not await village.kept(Support)
    assert "Ingen bär den än" in anna.hears(group)[-1].body

    # when he shows before all what he thinks, then it is not counted, and he may do it in secret
    said = len(anna.hears(group))
    await bo.reacts("👎🏽", card.id, group)
    assert not await village.kept(Vote)
    told, ballot = bo.hears()[-2:]
    assert "inte räknat din 👎" in told.body
    assert SLEDGE in ballot.body
    assert "2. 👎 Håller inte med" in ballot.body
    assert not bo.signs(ballot.id), "reactions are not encrypted"
    await bo.writes("2")
    assert [vote.value for vote in await village.kept(Vote)] == [-1]
    assert "Du håller inte med." in bo.hears()[-1].body
    assert len(anna.hears(group)) == said
    assert "1 har vägt den" in anna.hears(group)[-1].body


async def test_what_is_asked_in_a_group_is_answered_in_private(village: Village) -> None:
    bo = await village.neighbour("Bo")
    anna, group = await begun(village, bo)
    for words in ("!integritet", "ja"):
        await bo.writes(words)
    said = len(anna.hears(group))
    # a command leads to the private room, and a sign says in the group that it was seen
    asked = await bo.writes("!rösta", group)
    assert bo.signs(asked, group) == ["👀"]
    assert SLEDGE in bo.hears()[-1].body
    # in answer to a card it is about that idea
    await bo.writes("3")
    assert "vägt alla" in bo.hears()[-1].body
    await bo.replies("!vote", anna.hears(group)[-1].id, group)
    assert SLEDGE in bo.hears()[-1].body
    # spoken to, the bot does what is asked, or says what it can do
    for words in ("hjälp", "vad kan du göra?"):
        await bo.writes(f"{village.driver.bot}: {words}", group)
        assert "I det här rummet samtalar vi om Härnösand" in bo.hears()[-1].body
    # what is chosen then is chosen for the group, by number and by word
    await bo.writes("1")
    assert bo.hears()[-1].body.startswith("Nyaste")
    await bo.writes("Bärs av flest")
    assert bo.hears()[-1].body.startswith("Bärs av flest")
    # an answer to a card is no word to the bot
    heard = len(bo.hears())
    await bo.replies("Bra tänkt!", anna.hears(group)[-1].id, group)
    assert len(bo.hears()) == heard
    assert len(anna.hears(group)) == said


async def test_a_groups_dialogue_goes_on_in_private_and_through_a_restart(village: Village) -> None:
    bo = await village.neighbour("Bo")
    anna, group = await begun(village, bo)
    for words in ("!integritet", "ja"):
        await bo.writes(words)
    # given an idea like another one, given in the group: which is meant is asked in private
    await bo.writes(f"!idé {SLEDGE}", group)
    assert "Är det någon av de här?" in bo.hears()[-1].body
    await village.begins_again()
    await bo.writes("nej")
    ideas = await village.kept(Idea)
    assert [one.text for one in ideas] == [SLEDGE, SLEDGE]
    assert "Idé 2" in anna.hears(group)[-1].body
    # stopped there, nothing of it comes to the group
    await bo.writes(f"!idé {SLEDGE}", group)
    await bo.writes("!stopp")
    assert "Avbrutet: Ge en idé" in bo.hears()[-1].body
    assert len(await village.kept(Idea)) == 2


async def test_the_lead_is_taken_back_with_its_sign(village: Village) -> None:
    bo = await village.neighbour("Bo")
    anna, group = await begun(village, bo)
    sign = await bo.reacts("✋", anna.hears(group)[-1].id, group)
    assert "1. Hoppa över" in bo.hears()[-1].body
    await bo.takes_back(sign, group)
    assert "Avbrutet: Ta ledningen" in bo.hears()[-1].body


async def test_whoever_speaks_through_a_bridge_is_not_counted_twice(village: Village) -> None:
    # given a room that is bridged to the other network, with a puppet of Cilla, who is on that one already
    puppet = await village.stranger("Cilla")
    anna, group = await begun(village, puppet)
    card = anna.hears(group)[-1]
    people = len(await village.kept(Person))
    # when all that she does there comes over the bridge
    bridged = {"net.maunium.telegram.puppet": True}
    said = len(anna.hears(group))
    await puppet.writes("!idé En isbana", group, **bridged)
    await puppet.reacts("🤝", card.id, group, **{"fi.mau.double_puppet_source": "mautrix-telegram"})
    await puppet.reacts("👍", card.id, group, **bridged)
    await puppet.replies("1", card.id, group, **bridged)
    # then the bot takes it for nobody's: she is counted where she is
    assert len(await village.kept(Person)) == people
    assert not await village.kept(Support)
    assert len(await village.kept(Idea)) == 1
    assert len(anna.hears(group)) == said


async def test_in_an_open_private_room_each_idea_is_a_message_with_its_own_reactions(village: Village) -> None:
    anna, group = await begun(village)
    await anna.writes("!idé En isbana", group)
    bo = await village.neighbour("Bo", encrypted=False)
    for words in ("!integritet", "ja"):
        await bo.writes(words)
    await anna.human.client.room_invite(group, bo.id)
    await bo.human.client.join(group)
    await bo.writes("!rösta", group)
    # what was pressed stays at its idea; the outcome and the next idea come as a new message
    for sign, outcome in (("👍", "Du håller med."), ("🤷", "Du avstod.")):
        ballot = bo.hears()[-1]
        assert {"👍", "👎", "🤷"} < set(bo.signs(ballot.id))
        await bo.reacts(sign, ballot.id)
        assert bo.hears()[-2].content == ballot.content
        assert outcome in bo.hears()[-1].body
    assert sorted(vote.value for vote in await village.kept(Vote)) == [0, 1]
