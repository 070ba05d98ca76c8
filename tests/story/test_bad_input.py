"""What people send by mistake, by chance or in anger: it is answered kindly, and nothing is lost or doubled."""

from __future__ import annotations

import msgspec
import pytest

from bot.chat.content import Text
from bot.domain.ideas import MAX_IDEA, Idea
from bot.domain.invitations import Invitation
from bot.domain.people import Participant, Person
from bot.domain.rooms import Room
from bot.i18n import render
from bot.store.records import Waiting
from bot.views import common, plain
from tests.adapters.contract import png
from tests.peers.telegram import Group
from tests.story.scenes import (
    QUESTION,
    begins_a_conversation,
    gives,
    invites,
    joins,
)
from tests.story.world import Neighbour, Town, said_in

SLEDGE = "En kälkbacke vid den gamla skolan"


def says(neighbour: Neighbour, words: Text) -> bool:
    """Whether the latest message in private says just this, in the neighbour's language."""
    return render(words, neighbour.language) in neighbour.last.body


@pytest.fixture
async def anna(town: Town) -> Neighbour:
    """A host who has said yes."""
    anna = town.neighbour("Anna")
    await begins_a_conversation(anna)
    return anna


async def group_of(town: Town, *members: Neighbour, title: str = "Grannar", kind: str = "supergroup") -> Group:
    """A group whose first member added the bot, with their conversation."""
    group = town.group(title, *members, kind=kind)
    await members[0].person.add_bot(group)
    await town.settled()
    return group


# -- words ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "empty", ["", "\u200b", "\u2800 \u3164", "\ufeff"], ids=["none", "zero width", "blank", "mark"]
)
async def test_an_idea_without_words_is_asked_for(town: Town, anna: Neighbour, empty: str) -> None:
    await anna.writes(f"/idea {empty}")
    assert anna.offered() == {"stop"}
    # and again, until there are some
    await anna.writes("\u2060")
    assert anna.offered() == {"stop"}
    await anna.writes(SLEDGE)
    await anna.picks("named")
    assert [idea.text for idea in await town.kept(Idea)] == [SLEDGE]


async def test_an_idea_of_ten_thousand_characters_is_refused_kindly(town: Town, anna: Neighbour) -> None:
    # given that an app cuts what is too long for one message, so that the last part would fit
    await anna.writes("/idea")
    await anna.writes("å" * 10_000)
    assert any(str(MAX_IDEA) in message.body for message in anna.private.bot_messages)
    # whatever is made of the last part, nothing is given before she says so
    assert not await town.kept(Idea)
    await anna.writes("/stop")
    await anna.writes("ö" * 4096)
    assert str(MAX_IDEA) in anna.last.body
    assert not await town.kept(Idea)


async def test_an_idea_as_long_as_can_be_is_kept_whole(town: Town, anna: Neighbour) -> None:
    group = await group_of(town, anna)
    words = ("En lång tanke. " * 300)[:MAX_IDEA].strip()
    await anna.writes("/idea")
    await anna.writes(words)
    await anna.picks("named")
    assert [idea.text for idea in await town.kept(Idea)] == [words]
    # the card shows its beginning, and leads to all of it
    card = town.card(group, "En lång tanke.")
    assert len(card.body) < 1000
    await anna.presses("more", card)
    await anna.presses("read", said_in(group)[-1])
    told = [message for message in said_in(group) if message.id > card.id]
    assert sum(message.body.count("En lång tanke.") for message in told) >= words.count("En lång tanke.")


@pytest.mark.parametrize(
    "words",
    [
        "Fler 🌻 och 👩‍👩‍👧‍👦 i parken 🇸🇪",
        "مقعد بجانب الماء",
        "Bänk \u202eakcab",
        "Z̸̡͖̫̲͔̰͚̳͙̓̈́̇̋̽̎͝ä̴̧̛̟̞̫̝́̇̂͊l̴̨̠̂̐g̷̟̏o̶̻̓",
        "<b>Fet</b> & <a href='https://example.org'>länk</a> <script>",
        "*stjärnor* _streck_ `kod` [länk](https://example.org)",
        "=HYPERLINK(1)+%(name)s %d %% {0} \\u0041",
        "'; drop table idea; --",
    ],
    ids=["emoji", "right to left", "turned around", "zalgo", "html", "markdown", "formats", "sql"],
)
async def test_words_of_any_kind_stand_as_they_were_written(town: Town, anna: Neighbour, words: str) -> None:
    group = await group_of(town, anna)
    await gives(anna, words)
    kept = (await town.kept(Idea))[0].text
    shown = town.card(group, kept.split("\u0300")[0][:5])
    assert kept in shown.body
    assert "\u202e" not in shown.body
    entities = {entity["type"] for entity in shown.entities} - {"blockquote", "expandable_blockquote", "url"}
    assert entities <= {"bold", "italic"}, "only our own headings and small lines are marked"
    assert not any(mark in {"text_link", "code", "pre"} for mark in entities)


async def test_nul_and_other_controls_are_dropped(town: Town, anna: Neighbour) -> None:
    await anna.writes("/idea")
    written = town.server.core.world.new_message(anna.private.state, anna.person.user, text="En\0 bänk\x1b[31m \x07här")
    town.server.core.tell_message(written)
    await town.settled()
    await anna.picks("named")
    assert [idea.text for idea in await town.kept(Idea)] == ["En bänk[31m här"]


async def test_pictures_and_voices_are_no_answers_but_their_words_are(town: Town, anna: Neighbour) -> None:
    hint = plain.NO_WORDS
    # not asked for
    await anna.writes(voice=b"OggS")
    assert says(anna, hint)
    # asked for words
    await anna.writes("/idea")
    for other in ({"voice": b"OggS"}, {"sticker": "🌻"}, {"photo": png()}, {"location": (62.6, 17.9)}):
        await anna.writes(**other)
        assert says(anna, hint)
        assert anna.offered() == {"stop"}, "the question stays"
    # a picture with words gives its words
    await anna.writes(SLEDGE, photo=png())
    await anna.picks("named")
    assert [idea.text for idea in await town.kept(Idea)] == [SLEDGE]


async def test_anger_is_heard(town: Town, anna: Neighbour) -> None:
    await anna.writes("DET HÄR ÄR JU FÖR JÄVLIGT!!!")
    assert "talked" in anna.offered()
    assert "?" in anna.last.body


# -- commands -------------------------------------------------------------------------------------------------


async def test_an_unknown_command_gets_the_nearest_one(town: Town, anna: Neighbour) -> None:
    await anna.writes("/votte")
    assert "/rosta" in anna.last.body
    await anna.writes("/xyzzyxyzzy")
    assert "/xyzzyxyzzy" in anna.last.body


async def test_in_a_group_an_unknown_command_may_be_another_bots(town: Town, anna: Neighbour) -> None:
    group = await group_of(town, anna)
    before = len(said_in(group))
    await anna.writes("/weather", group)
    await anna.writes("/idea@another_bot Sol", group)
    assert len(said_in(group)) == before


@pytest.mark.parametrize("command", ["/hats", "/mydata", "/forget", "/new", "/vote", "/lead"])
async def test_what_belongs_in_private_is_led_there(town: Town, anna: Neighbour, command: str) -> None:
    group = await group_of(town, anna)
    await anna.writes(command, group)
    answer = said_in(group)[-1]
    links = [button["url"] for button in answer.buttons if "url" in button]
    assert len(links) == 1
    before = len(anna.private.bot_messages)
    await anna.follows(links[0])
    assert len(anna.private.bot_messages) == before + 1


async def test_a_groups_link_does_nothing_in_private(town: Town, anna: Neighbour) -> None:
    invitation = await invites(anna)
    code = invitation.group_link.partition("=")[2]
    await anna.writes(f"/start {code}")
    assert "https" not in anna.last.body
    # it is not used up by that
    group = town.group("Grannar", anna)
    await anna.follows(invitation.group_link, group=group)
    assert QUESTION in said_in(group)[-1].body


async def test_without_a_conversation_every_command_says_how_to_come_into_one(town: Town) -> None:
    nils = town.neighbour("Nils")
    for command in ("/idea Sol", "/vote", "/ideas", "/invite", "/groups", "/lead", "/hats", "/report", "/mod"):
        await nils.writes(command)
        assert nils.offered() >= {"new", "join"}, f"{command}: {nils.last.body}"
    for command in ("/back", "/skip", "/stop"):
        await nils.writes(command)
        assert "/hjalp" in nils.last.body
    assert not await town.kept(Participant)


@pytest.mark.parametrize("code", ["", "ABCDEF", "i-", "i-" + "x" * 22, "x" * 60, "a-" + "B" * 40, "%00", "🌻"])
async def test_guessed_codes_open_nothing(town: Town, anna: Neighbour, code: str) -> None:
    nils = town.neighbour("Nils")
    await nils.writes(f"/start {code}")
    await nils.writes(f"/join {code}")
    assert len(nils.private.bot_messages) == 2, "each is answered"
    assert len(await town.kept(Participant)) == 1


# -- buttons --------------------------------------------------------------------------------------------------


async def test_a_button_of_an_earlier_question_shows_the_present_one(town: Town, anna: Neighbour) -> None:
    await anna.writes(f"/idea {SLEDGE}")
    earlier = anna.last
    await anna.writes("/stop")
    await anna.writes("/lead")
    await anna.person.press_data(earlier, anna.button("pick", earlier))
    await town.settled()
    assert anna.offered(earlier) == {"stop"}
    assert earlier.body.endswith(anna.last.body), "with a line that says so"
    assert not await town.kept(Idea)


@pytest.mark.parametrize("data", ["", "x", "A" * 64, "🌻", "====", "../../etc", "0" * 63], ids=str)
async def test_made_up_buttons_do_nothing(town: Town, anna: Neighbour, data: str) -> None:
    before = await everything(town)
    answer = await anna.person.press_data(anna.last, data)
    await town.settled()
    assert answer.text == render(common.STALE, "sv")
    assert await everything(town) == before


async def test_a_button_works_in_its_own_room_alone(town: Town, anna: Neighbour) -> None:
    # given a card in a group, and somebody who sends its data from elsewhere
    group = await group_of(town, anna)
    await gives(anna, SLEDGE)
    card = town.card(group, SLEDGE)
    data = anna.button("support", card)
    answer = await anna.person.press_data(anna.last, data)
    await town.settled()
    assert answer.text == render(common.STALE, "sv")
    assert (await town.kept(Idea))[0].supporters == 0
    # every bit of it counts
    flipped = data[:-4] + ("A" if data[-4] != "A" else "B") + data[-3:]
    assert (await anna.person.press_data(card, flipped)).text == render(common.STALE, "sv")
    await town.settled()
    assert (await town.kept(Idea))[0].supporters == 0


async def test_another_persons_button_is_theirs(town: Town, anna: Neighbour) -> None:
    # given Anna's question in a group, whether these are two ideas
    group = await group_of(town, anna, bo := town.neighbour("Bo", "en"))
    await anna.writes("/idea Sol\nVind", group)
    question = said_in(group)[-1]
    # when Bo answers it
    answer = await bo.presses("pick", question)
    # then he is told, in his language, and hers waits
    assert answer.text == render(common.NOT_YOURS, "en")
    assert not await town.kept(Idea)
    await anna.picks("all", question)
    assert len(await town.kept(Idea)) == 2


async def test_a_button_pressed_twice_counts_once(town: Town, anna: Neighbour) -> None:
    await anna.writes(f"/idea {SLEDGE}")
    question = anna.last
    data = anna.button("pick", question)
    for _ in range(3):
        await anna.person.press_data(question, data, wait=False)
    await town.settled()
    assert len(await town.kept(Idea)) == 1


async def test_a_message_that_was_deleted_can_still_be_answered(town: Town, anna: Neighbour) -> None:
    await gives(anna, SLEDGE)
    await anna.writes("/vote")
    ballot = anna.last
    data = anna.button("agree", ballot)
    await anna.person.delete(ballot)
    await anna.person.press_data(ballot, data)
    await town.settled()
    assert (await town.kept(Idea))[0].voters == 1
    assert anna.last is not ballot, "what comes next is a new message"


async def test_a_hundred_votes_of_one_person_are_one(town: Town, anna: Neighbour) -> None:
    await gives(anna, SLEDGE)
    await anna.writes("/vote")
    ballot = anna.last
    data = [anna.button(verb, ballot) for verb in ("agree", "disagree", "pass")]
    for number in range(100):
        await anna.person.press_data(ballot, data[number % 3], wait=False)
    await town.settled()
    idea = (await town.kept(Idea))[0]
    assert (idea.voters, idea.sums.voters) == (1, 1)
    assert idea.sums.agree == 1, "the last one counts"


# -- the notice -----------------------------------------------------------------------------------------------


async def test_who_says_no_leaves_nothing_behind(town: Town, anna: Neighbour) -> None:
    invitation = await invites(anna)
    nils = town.neighbour("Nils")
    await joins(nils, invitation)
    await nils.writes(f"/idea {SLEDGE}")
    assert len(await town.kept(Waiting)) == 1
    await nils.presses("no")
    assert not await town.kept(Waiting)
    assert not await town.kept(Idea)
    # and is asked again when it comes to it
    await nils.writes(f"/idea {SLEDGE}")
    assert {"yes", "no"} <= nils.offered()


async def test_a_second_tap_too_early_or_too_late_is_no_yes(town: Town, anna: Neighbour) -> None:
    group = await group_of(town, anna, nils := town.neighbour("Nils"))
    await gives(anna, SLEDGE)
    card = town.card(group, SLEDGE)
    assert (await nils.presses("support", card)).show_alert
    await town.later(seconds=2)
    assert (await nils.presses("support", card)).show_alert, "too early; it counts from this one now"
    await town.later(minutes=11)
    assert (await nils.presses("support", card)).show_alert, "too late"
    assert not [person for person in await town.kept(Person) if person.consented][1:]
    await town.later(seconds=4)
    assert not (await nils.presses("support", card)).show_alert
    assert (await town.kept(Idea))[0].supporters == 1


# -- links that have ended ------------------------------------------------------------------------------------


async def test_a_link_that_was_ended_opens_nothing(town: Town, anna: Neighbour) -> None:
    invitation = await invites(anna)
    await anna.presses("links")
    await anna.presses("endlink")
    nils = town.neighbour("Nils")
    await joins(nils, invitation)
    assert QUESTION not in nils.last.body
    assert len(await town.kept(Participant)) == 1


async def test_a_link_for_one_lets_in_one(town: Town, anna: Neighbour) -> None:
    await anna.writes("/invite 1")
    await anna.presses("forwhom", arg="0.1")
    text = anna.private.bot_messages[-2].body
    link = next(word for word in text.split() if "?start=" in word)
    first, second = town.neighbour("Nils"), town.neighbour("Olle")
    await first.follows(link)
    await second.follows(link)
    assert QUESTION in first.last.body
    assert QUESTION not in second.last.body
    # who is in already comes in again
    await first.follows(link)
    assert QUESTION in first.last.body
    assert [one.used for one in await town.kept(Invitation) if one.purpose == "join"] == [1]


async def test_a_groups_link_links_one_group(town: Town, anna: Neighbour) -> None:
    invitation = await invites(anna)
    olle = town.neighbour("Olle")
    first, second = town.group("Grannar", anna), town.group("Andra", olle)
    await anna.follows(invitation.group_link, group=first)
    await olle.follows(invitation.group_link, group=second)
    assert QUESTION in said_in(first)[-1].body
    assert not any(QUESTION in message.body for message in said_in(second))


# -- groups ---------------------------------------------------------------------------------------------------


async def test_a_bot_that_may_not_write_tells_who_added_it(town: Town, anna: Neighbour) -> None:
    group = town.group("Tysta gruppen", anna)
    group.state.permissions -= {"can_send_messages"}
    group.restrict_bot()
    await town.settled()
    assert not said_in(group)
    assert "Tysta gruppen" in anna.last.body
    # an idea goes to no room then, and is not lost
    await gives(anna, SLEDGE)
    assert not said_in(group)
    # when it may, it says who it is
    group.state.permissions |= {"can_send_messages"}
    group.promote_bot()
    await town.settled()
    assert QUESTION in said_in(group)[0].body


async def test_a_person_who_blocks_the_bot_is_left_alone_and_welcome_again(town: Town, anna: Neighbour) -> None:
    invitation = await invites(anna)
    nils = town.neighbour("Nils")
    await joins(nils, invitation)
    await gives(nils, SLEDGE)
    nils.person.block_bot()
    await town.settled()
    # what would be told him is kept from him, and troubles nobody
    await anna.writes("/mod hide 1 spam")
    await town.settled()
    assert (await town.kept(Idea))[0].state == "hidden"
    assert town.bot.delivery.counts.parked == 0
    # he comes back
    nils.person.unblock_bot()
    before = nils.last
    await nils.writes("/help")
    assert QUESTION in nils.last.body
    assert nils.last is not before


async def test_a_bot_that_is_removed_and_comes_back_is_linked_again(town: Town, anna: Neighbour) -> None:
    group = await group_of(town, anna)
    group.remove_bot()
    await town.settled()
    assert [room.conversation_id for room in await town.kept(Room) if not room.private] == [None]
    await gives(anna, SLEDGE)
    # back again, it greets anew and shows what comes from now on
    before = len(said_in(group))
    await anna.person.add_bot(group)
    await town.settled()
    assert len(said_in(group)) == before + 1
    assert QUESTION in said_in(group)[-1].body
    await gives(anna, "Pulka åt alla")
    town.card(group, "Pulka åt alla")


async def test_a_group_that_is_upgraded_keeps_its_conversation(town: Town, anna: Neighbour) -> None:
    group = await group_of(town, anna, kind="group")
    await gives(anna, SLEDGE)
    old = group.state
    group.migrate()
    await town.settled()
    # what comes now comes to the new chat, where an old card cannot be reached
    await gives(anna, "Pulka åt alla")
    town.card(group, "Pulka åt alla")
    assert not [message for message in old.messages.values() if "Pulka" in message.body]
    await anna.presses("support", town.card(group, "Pulka åt alla"))
    assert [idea.supporters for idea in await town.kept(Idea)] == [0, 1]
    assert town.bot.dispatcher.parked == 0


async def test_an_upgrade_that_shows_in_a_refusal_only_loses_nothing(town: Town, anna: Neighbour) -> None:
    # given a group whose upgrade the bot hears of by its own message being refused
    group = await group_of(town, anna, kind="group")
    town.server.hold_updates()
    group.migrate()
    for update in town.server.pending_updates:
        town.server.core.updates.forget(update.id)
    town.server.release_updates()
    await gives(anna, SLEDGE)
    town.card(group, SLEDGE)


# -- helpers --------------------------------------------------------------------------------------------------


async def everything(town: Town) -> bytes:
    """Give all ideas, people and participants, to see that nothing has changed."""
    kept = [await town.kept(kind) for kind in (Idea, Participant, Person)]
    return msgspec.json.encode(kept)
