"""What one sets for oneself: the language, the hats, what is kept, and the way out."""

from __future__ import annotations

import io
import json
import zipfile

from bot.domain.ideas import Idea
from bot.domain.people import Account, Participant, Person
from bot.i18n import render
from bot.views import privacy
from bot.views.mydata import INSIDE
from tests.story.scenes import QUESTION, gives, invites, joins, says_yes, town_with_a_conversation
from tests.story.world import Neighbour, Town, said_in

SLEDGE = "En kälkbacke vid den gamla skolan"


async def test_the_language_is_each_persons_own(town: Town) -> None:
    # given Anna in a Swedish group
    anna, group, _invitation = await town_with_a_conversation(town)
    await gives(anna, SLEDGE)
    # when she chooses English
    await anna.writes("/sprak")
    anna.wants("en")
    await anna.presses("language", arg="en")
    # then the bot speaks English with her, also where it answers her in the group, and Swedish with the group
    await anna.writes("/help")
    await anna.writes("/vote", group)
    await gives(anna, "A bench by the water")
    # and a restart changes nothing
    await town.begins_again()
    await anna.writes("/help")
    # a word does as well as a button
    anna.wants("sv")
    await anna.writes("/language svenska")
    await anna.writes("/help")


async def test_a_topic_speaks_the_language_of_its_forum(town: Town) -> None:
    # given a forum that belongs to a Swedish conversation
    anna, _group, _invitation = await town_with_a_conversation(town)
    bo = town.neighbour("Bo", "en")
    forum = town.group("Forum", anna, bo, forum=True)
    await anna.person.add_bot(forum)
    # when the first to write in one of its topics speaks English
    topic = forum.topic("Vinter")
    await bo.writes("/help", topic)
    # then he is answered in English, and the card that comes there is Swedish
    await anna.writes(f"/idea {SLEDGE}", topic)
    town.everybody_was_understood()
    assert town.card(topic, SLEDGE)


async def test_hats_stand_beside_the_name_only_if_wished(town: Town) -> None:
    anna, group, _invitation = await town_with_a_conversation(town)
    await gives(anna, SLEDGE)
    card = town.card(group, SLEDGE)
    await anna.writes("/hats")
    await anna.presses("hat", arg="+employee")
    await anna.presses("hat", arg="+resident")
    assert "(" not in card.body
    # shown, the card changes where it stands
    await anna.presses("shown", arg="1")
    assert "Anna (" in card.body
    # taken off, and hidden again
    await anna.presses("hat", arg="-resident")
    await anna.presses("shown", arg="0")
    assert "(" not in card.body
    assert [one.hats for one in await town.kept(Participant)] == [("employee",)]


async def test_what_is_kept_is_told_before_and_after_the_yes(town: Town) -> None:
    nils = town.neighbour("Nils")
    await nils.writes("/privacy")
    assert {"yes", "no"} <= nils.offered()
    await nils.agrees_to_the_notice()
    await nils.writes("/integritet")
    assert nils.offered() == {"mydata", "forget"}
    # nothing of him is in any conversation by that
    assert [person.consented for person in await town.kept(Person)] == [True]
    assert not await town.kept(Participant)


async def test_all_that_is_mine_comes_as_a_file(town: Town) -> None:
    anna, _group, _invitation = await town_with_a_conversation(town)
    await gives(anna, SLEDGE)
    await anna.writes("/mydata")
    document = anna.last.media["document"]
    with zipfile.ZipFile(io.BytesIO(town.server.core.world.files[document["file_id"]].data)) as file:
        mine = json.dumps(json.loads(file.read(INSIDE)), ensure_ascii=False)
    assert SLEDGE in mine
    assert QUESTION in mine


async def test_erased_with_all_ideas_or_without_the_name(town: Town) -> None:
    anna, group, invitation = await town_with_a_conversation(town)
    bo, carl = town.neighbour("Bo", "en"), town.neighbour("Carl")
    for one, words in ((bo, "A bench"), (carl, "En pulka")):
        await joins(one, invitation)
        await gives(one, words)
    # Bo goes with his ideas: the card says so
    card = town.card(group, "A bench")
    await leaves(bo, privacy.ALL)
    assert "A bench" not in card.body
    assert "Bo" not in card.body
    # Carl leaves his, without his name
    card = town.card(group, "En pulka")
    await leaves(carl, privacy.KEEP)
    assert "En pulka" in card.body
    assert "Carl" not in card.body
    # nothing leads to them any more
    assert [account.secret.name for account in await town.kept(Account)] == [anna.name]
    assert {one.secret.name for one in await town.kept(Participant)} == {"", anna.name}
    # and Bo is a stranger when he comes back
    await bo.writes("/start")
    assert bo.offered() == {"new", "join", "listen", "help"}


async def test_another_persons_answer_erases_nobody(town: Town) -> None:
    anna, group, _invitation = await town_with_a_conversation(town)
    await gives(anna, SLEDGE)
    await anna.writes("/forget")
    await anna.presses("forget", arg=privacy.NO)
    assert anna.last.body == render(privacy.STAYED, "sv")
    assert len(await town.kept(Idea)) == 1
    assert town.card(group, SLEDGE)


async def leaves(one: Neighbour, how: str) -> None:
    await one.writes("/forget")
    await one.presses("forget", arg=how)


async def test_a_host_who_leaves_hands_over(town: Town) -> None:
    anna, group, invitation = await town_with_a_conversation(town)
    bo = town.neighbour("Bo", "en")
    await joins(bo, invitation)
    await says_yes(bo)
    await leaves(anna, privacy.KEEP)
    await town.next_morning()
    assert QUESTION in bo.last.body
    await bo.writes("/mod")
    assert "log" in bo.offered()
    invited = await invites(bo)
    assert invited.link
    assert said_in(group)
