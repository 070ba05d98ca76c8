"""The whole story on Telegram: a question in Härnösand, from the first word to a helper group.

Anna speaks Swedish, Bo English. There is a group of five and a topic of the sports club's forum.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.domain.ideas import Sums
from bot.domain.rooms import CARDS_A_DAY
from bot.i18n import LOCALES, render
from bot.views.ideas import sums
from bot.views.invite import qr
from tests.peers.telegram import Group, Topic
from tests.story.scenes import Invited, gives, invites, joins
from tests.story.world import Neighbour, Town, said_in

QUESTION = "Vad gör vi med den gamla skolan på Brännan?"
SLEDGE = "En kälkbacke vid den gamla skolan"
BENCH = "A bench by the water, where one can sit in the sun"
LATE_BUS = "Bussen borde gå senare på fredagar"
FROM_THE_MEETING = ("Ett kaffekök i gymnastiksalen", "Läxhjälp av pensionärer", "Odla på skolgården")
BOULE = "A boule court behind the gym"


@dataclass
class Cast:
    """Who and where."""

    anna: Neighbour
    bo: Neighbour
    cecilia: Neighbour
    dag: Neighbour
    others: list[Neighbour]
    group: Group
    topic: Topic

    @property
    def rooms(self) -> list[Group | Topic]:
        return [self.group, self.topic]


async def test_from_the_first_word_to_a_helper_group(town: Town) -> None:
    anna, bo = town.neighbour("Anna"), town.neighbour("Bo", "en")
    cecilia, dag, eva = (town.neighbour(name) for name in ("Cecilia", "Dag", "Eva"))
    others = [
        eva,
        *(town.neighbour(name, "sv" if name < "I" else "en") for name in ("Gun", "Hans", "Ida", "Joe", "Kim")),
    ]
    group = town.group("Grannar på Brännan", anna, bo, cecilia, dag, eva)
    forum = town.group("Idrottsföreningen", cecilia, anna, dag, forum=True)
    cast = Cast(anna, bo, cecilia, dag, others, group, forum.topic("Vinter"))

    await anna_begins(town, cast)
    invitation = await anna_invites(cast)
    await two_rooms_are_linked(town, cast, invitation)
    await bo_joins_in_english(cast, invitation)
    await ideas_become_cards(town, cast)
    await a_message_becomes_an_idea_with_its_authors_yes(town, cast)
    await a_list_becomes_several_ideas(town, cast, invitation)
    await both_carry_an_idea(town, cast)
    await they_weigh_in_secret(town, cast, invitation)
    await bo_takes_the_lead_and_anna_joins_in(town, cast)


async def anna_begins(town: Town, cast: Cast) -> None:
    """With a wrong answer, a step back, and a restart and some days on the way."""
    anna = cast.anna
    await anna.writes("/start")
    assert anna.offered() == {"new", "join", "listen", "help"}

    # a place that nobody knows is asked for again; the step back forgets it
    await anna.presses("new")
    await anna.writes("Hernösannd på Mars")
    assert "aswritten" in {action.arg[4:] for action in town.actions(anna.last).values()}
    await anna.writes("tillbaka")
    await anna.writes("Sundsvall")
    await anna.writes("/tillbaka")
    await anna.writes("härnösand")

    # a question of one letter is no question: nothing is lost
    await anna.writes("V")
    assert "stop" in anna.offered()

    # the bot is restarted, and Anna comes back some days later
    await town.begins_again()
    await town.later(days=3)
    await anna.writes("/nytt")
    await anna.writes(QUESTION)
    assert "Härnösand" in anna.last.body
    assert QUESTION in anna.last.body

    # the rest can be changed from the summary
    await anna.picks("values")
    await anna.picks("trust")
    await anna.picks("courage")
    await anna.presses("done")
    await anna.picks("why")
    await anna.writes("Den står tom, och det gör ont att se.")
    await anna.picks("yes")

    # before anything is kept, she is asked
    assert anna.offered() == {"yes", "no", "privacy"}
    await anna.agrees_to_the_notice()
    begun = anna.reads(QUESTION)
    assert {"invite", "idea"} <= anna.offered(begun)


async def anna_invites(cast: Cast) -> Invited:
    invitation = await invites(cast.anna)
    assert QUESTION in invitation.text.body
    assert "det gör ont att se" in invitation.text.body
    assert not invitation.text.buttons, "a text to forward has no buttons"
    assert re.fullmatch(r"https://t\.me/example_bot\?start=i-[\w-]{22}", invitation.link)
    picture = invitation.picture.media["photo"][-1]
    assert cast.anna.town.server.core.world.files[picture["file_id"]].data == qr(invitation.link)
    return invitation


async def two_rooms_are_linked(town: Town, cast: Cast, invitation: Invited) -> None:
    # the group by the link that lets one pick a group
    await cast.anna.follows(invitation.group_link, group=cast.group)
    assert QUESTION in said_in(cast.group)[-1].body
    assert len(said_in(cast.group)) == 1, "a group gets one greeting"

    # the forum by adding the bot; whoever added it is in no conversation
    await cast.cecilia.person.add_bot(cast.topic.group)
    await town.settled()
    assert len(said_in(cast.topic.group)) == 1
    assert QUESTION not in said_in(cast.topic.group)[0].body

    # and in the topic the command
    await cast.anna.writes("/med", cast.topic)
    assert len(said_in(cast.topic)) == 1
    assert QUESTION in said_in(cast.topic)[0].body


async def bo_joins_in_english(cast: Cast, invitation: Invited) -> None:
    await joins(cast.bo, invitation)
    assert QUESTION in cast.bo.last.body
    assert {"idea", "invite"} <= cast.bo.offered()


async def ideas_become_cards(town: Town, cast: Cast) -> None:
    # Anna just says it; the bot asks what it is to be
    await cast.anna.writes(SLEDGE)
    await cast.anna.presses("talked")
    await cast.anna.picks("named")
    for room in cast.rooms:
        card = town.card(room, SLEDGE)
        assert "Anna" in card.body
    assert not town.cards(cast.bo.private, SLEDGE), "nobody is written to unasked"

    # Bo gives one in the group; the notice comes in private, and the idea after his yes
    await cast.bo.writes(f"/idea {BENCH}", cast.group)
    assert not town.cards(cast.group, BENCH)
    await cast.bo.agrees_to_the_notice()
    for room in cast.rooms:
        assert "Bo" in town.card(room, BENCH).body


async def a_message_becomes_an_idea_with_its_authors_yes(town: Town, cast: Cast) -> None:
    # given that Cecilia has written something in the group that Bo takes for an idea
    written = await cast.cecilia.writes(LATE_BUS, cast.group)
    await cast.bo.writes("/idea", cast.group, reply_to=written)
    question = said_in(cast.group)[-1]
    assert cast.cecilia.offered(question) == {"author_yes", "author_no"}

    # another's yes is none
    await cast.dag.presses("author_yes", question)
    assert not town.cards(cast.group, LATE_BUS)

    # hers is, once she has said yes to the notice by a second tap
    alert = await cast.cecilia.presses("author_yes", question)
    assert alert.show_alert
    await town.later(seconds=4)
    await cast.cecilia.presses("author_yes", question)
    for room in cast.rooms:
        assert "Cecilia" in town.card(room, LATE_BUS).body

    # and only once: the question has made way for the thanks
    assert not cast.cecilia.offered(question)


async def a_list_becomes_several_ideas(town: Town, cast: Cast, invitation: Invited) -> None:
    # the next day Dag has notes on paper from a meeting
    await town.later(days=1)
    await joins(cast.dag, invitation)
    await cast.dag.writes("/idé\n" + "\n".join(f"{number}. {one}" for number, one in enumerate(FROM_THE_MEETING, 1)))
    if "yes" in cast.dag.offered():
        await cast.dag.agrees_to_the_notice()
    await cast.dag.picks("meeting")
    await cast.dag.picks("unnamed")
    for room in cast.rooms:
        for one in FROM_THE_MEETING:
            assert "Dag" not in town.card(room, one).body

    # after five cards in a day, a room is left in peace until its message of the day
    await gives(cast.bo, "A rink on the pond")
    await gives(cast.bo, "Skates to borrow")
    await gives(cast.bo, BOULE)
    assert CARDS_A_DAY == 5
    for room in cast.rooms:
        assert not town.cards(room, BOULE)
    await town.later(hours=6)
    for room in cast.rooms:
        assert BOULE in said_in(room)[-1].body
        assert said_in(room)[-1].labels[0] == "1"


async def both_carry_an_idea(town: Town, cast: Cast) -> None:
    # given that Eva, who has never spoken with the bot, presses in the group
    eva, bo = cast.others[0], cast.bo
    card = town.card(cast.group, SLEDGE)
    alert = await eva.presses("support", card)
    assert alert.show_alert
    assert 0 < len(alert.text) <= 200
    # a tap at once is no yes
    assert (await eva.presses("support", card)).show_alert
    assert "(0)" in "".join(card.labels)
    # one after three seconds is
    await town.later(seconds=4)
    answer = await eva.presses("support", card)
    assert answer.text
    assert not answer.show_alert
    for room in cast.rooms:
        assert "(1)" in "".join(town.card(room, SLEDGE).labels)

    # Bo carries it in private, from the list of all ideas
    await bo.writes("/ideas 1")
    mine = town.card(bo.private, SLEDGE)
    await bo.presses("support", mine)
    for room in [*cast.rooms, bo.private]:
        assert "(2)" in "".join(town.card(room, SLEDGE).labels)

    # Anna carries it in the topic, and thinks again
    in_topic = town.card(cast.topic, SLEDGE)
    await cast.anna.presses("support", in_topic)
    for room in [*cast.rooms, bo.private]:
        assert "(3)" in "".join(town.card(room, SLEDGE).labels)
    await cast.anna.presses("support", in_topic)
    for room in [*cast.rooms, bo.private]:
        assert "(2)" in "".join(town.card(room, SLEDGE).labels)


async def they_weigh_in_secret(town: Town, cast: Cast, invitation: Invited) -> None:
    """Ten people weigh the same idea: five agree, three disagree, two pass."""
    voters = [cast.anna, cast.bo, cast.cecilia, cast.dag, *cast.others]
    votes = ["agree", "agree", "disagree", "pass", "agree", "agree", "disagree", "agree", "disagree", "pass"]
    assert len(voters) == len(votes) == 10
    said_before = {room: [message.id for message in said_in(room)] for room in cast.rooms}
    for count, (voter, vote) in enumerate(zip(voters, votes, strict=True), 1):
        if voter in {cast.anna, cast.bo}:
            await voter.follows((await voter.presses("ballot", town.card(cast.group, SLEDGE))).url)
        else:
            await joins(voter, invitation)
            await weighs(voter, SLEDGE)
        ballot = voter.last
        assert SLEDGE in ballot.body
        assert not sums_in(ballot.body), "no sums before one's own vote"
        await voter.presses(vote, ballot)
        if "yes" in voter.offered():
            await voter.agrees_to_the_notice()
        known = Sums(3, 1, 1) if 5 <= count < 10 else Sums(5, 3, 2)
        assert told_sums(voter) == ("" if count < 5 else render(sums(known), voter.language))

    # no room has heard of it, but for how many have weighed
    for room in cast.rooms:
        assert [message.id for message in said_in(room)] == said_before[room]
        card = town.card(room, SLEDGE)
        assert "10" in card.body
        everything = "\n".join([card.body, *card.history, *card.labels])
        assert not sums_in(everything)

    # a vote can be changed, and stays one vote
    await weighs(cast.dag, SLEDGE)
    await cast.dag.presses("agree")
    assert "10" in town.card(cast.group, SLEDGE).body


async def bo_takes_the_lead_and_anna_joins_in(town: Town, cast: Cast) -> None:
    # given the card in the group, Bo's press opens the private chat
    bo, anna = cast.bo, cast.anna
    await town.next_morning()
    opened = await bo.presses("lead", town.card(cast.group, SLEDGE))
    await bo.follows(opened.url)
    await bo.writes("The children of Brännan")
    await bo.writes("Somebody with a digger")
    await bo.presses("back")
    await bo.writes("Somebody with a digger, and cocoa")
    await bo.presses("skip")
    assert "cocoa" in bo.last.body
    await bo.picks("yes")
    assert {"invite", "linkroom"} <= bo.offered()

    # then its card is in every room, and the idea tells of it
    for room in [*cast.rooms, bo.private]:
        card = group_card(town, room)
        assert SLEDGE in card.body
        assert "cocoa" in card.body
        assert "Bo" in card.body
    # Anna joins in with one press, in the topic
    answer = await anna.presses("joingroup", group_card(town, cast.topic))
    assert "Bo" in answer.text
    for room in [*cast.rooms, bo.private]:
        assert re.search(r"\b2 (personer|people)\b", group_card(town, room).body)
    # again, it says that she is in
    await anna.presses("joingroup", group_card(town, cast.topic))
    assert re.search(r"\b2 (personer|people)\b", group_card(town, cast.group).body)
    # and Bo is told in the evening, in one message
    before = bo.last
    await town.later(days=1)
    assert any("Anna" in message.body for message in bo.told(since=before))


# -- what the scenes look at -----------------------------------------------------------------------------------


async def weighs(voter: Neighbour, words: str) -> None:
    """Open the ballot of a certain idea in private."""
    await voter.writes("/ideas 1")
    await voter.presses("ballot", voter.town.card(voter.private, words))


def sums_in(text: str) -> list[str]:
    """Find sums of votes, in any language."""
    return [found for locale in LOCALES for found in re.findall(sums_pattern(locale), text)]


def sums_pattern(locale: str) -> str:
    """Give what a sentence with sums looks like."""
    sentence = re.escape(render(sums(Sums(7001, 7001, 7001)), locale))
    return re.sub("7001|21003", r"\\d+", sentence)


def told_sums(voter: Neighbour) -> str:
    """Give the latest sentence with sums that a voter was shown, or nothing."""
    found = [one for message in voter.private.bot_messages for one in sums_in(message.body)]
    return found[-1] if found else ""


def group_card(town: Town, room: object) -> object:
    """Give the one card of the helper group in a room."""
    found = [
        message for message in said_in(room) if "joingroup" in {one.verb for one in town.actions(message).values()}
    ]
    assert len(found) == 1, f"{len(found)} cards of the group"
    return found[0]
