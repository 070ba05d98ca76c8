"""The tables of what the bot can do: commands, buttons, and what else may happen in a room.

A new command is a function and a line here; a new button is a verb in `views.buttons.VERBS`, a function and a line.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec

from bot.chat.content import N_, Action, Text
from bot.chat.port import Menu, MenuEntry
from bot.domain.conversation import OpenConversation
from bot.domain.gatherings import ChangeGathering, PlanGathering, WriteNote
from bot.domain.groups import ChangeGroup, TakeTheLead
from bot.domain.needs import RewordHelp, SayHelp, SayYes
from bot.domain.open_space import ChangeTopic, PostTopic
from bot.domain.prompts import PlanPrompts
from bot.domain.steps import MoveStep, TakeAStep, TellStory
from bot.flows.commands import (
    AddTranslation,
    AskTomorrow,
    EditIdea,
    GiveIdeas,
    HideMatter,
    MuteParticipant,
    ProposeMerge,
    ReportMatter,
    SetTags,
    SupportInstead,
)
from bot.flows.meeting import SetMeeting
from bot.handlers import (
    asking,
    browsing,
    calm,
    carrying,
    consent,
    convening,
    conversations,
    dialogues,
    doors,
    energy,
    gathering_moments,
    gatherings,
    groups,
    harvest,
    hats,
    helping,
    hosting,
    ideas,
    invite,
    joining,
    lasting,
    listen,
    maps,
    matches,
    merging,
    mod_words,
    moderation,
    needs,
    notes,
    open_space,
    plain,
    privacy,
    prompts,
    quiet,
    receipts,
    reports,
    rewording,
    rhythm,
    rooms,
    rsvps,
    seasons,
    silence,
    sleeping,
    start,
    stepping,
    steps,
    stories,
    supporting,
    tagging,
    translating,
    votes,
)
from bot.handlers.context import Context
from bot.handlers.means import Means
from bot.i18n import LOCALES, render
from bot.store.records import Due
from bot.views.words import folded


class Command(msgspec.Struct, frozen=True):
    """A command: who answers it, its Swedish name, what the menus say of it, and where it works."""

    handler: Callable[[Context, str], Awaitable[None]]
    swedish: str
    about: str
    private_menu: bool = False
    group_menu: bool = False
    private_only: bool = False


COMMANDS: Mapping[str, Command] = {
    "idea": Command(ideas.idea, "ide", N_("Give an idea"), private_menu=True, group_menu=True),
    "vote": Command(votes.vote, "rosta", N_("Weigh the ideas"), private_menu=True, group_menu=True),
    "need": Command(needs.need, "behov", N_("Say what I need"), private_menu=True),
    "offer": Command(needs.offer, "erbjudande", N_("Say what I can help with")),
    "ideas": Command(browsing.ideas, "ideer", N_("Look at the ideas")),
    "invite": Command(invite.invite, "inbjudan", N_("Invite others")),
    "groups": Command(groups.groups, "grupper", N_("See the helper groups")),
    "lead": Command(groups.lead, "led", N_("Take the lead")),
    "step": Command(steps.step, "steg", N_("Say the next step")),
    "story": Command(stories.story, "berattelse", N_("Tell what came of it")),
    "stories": Command(stories.stories, "berattelser", N_("Read what came of it")),
    "energy": Command(energy.energy, "kraft", N_("Choose what to help with")),
    "map": Command(maps.map_, "karta", N_("See where we stand")),
    "prompt": Command(prompts.prompt, "fraga", N_("Plan questions for the groups")),
    "meet": Command(gatherings.meet, "traff", N_("Meet")),
    "season": Command(seasons.season, "arstid", N_("Choose the season")),
    "topic": Command(open_space.topic, "amne", N_("Bring a topic to the Open Space")),
    "harvest": Command(harvest.harvest, "skord", N_("Gather the harvest")),
    "new": Command(conversations.new, "nytt", N_("Begin a conversation")),
    "join": Command(conversations.join, "med", N_("Join a conversation")),
    "hats": Command(hats.hats, "hattar", N_("Choose my hats"), private_only=True),
    "language": Command(start.language, "sprak", N_("Choose my language")),
    "quiet": Command(quiet.quiet, "tyst", N_("Choose when not to be disturbed")),
    "privacy": Command(privacy.privacy, "integritet", N_("See what is kept, and why")),
    "mydata": Command(privacy.mydata, "minadata", N_("Get all that is mine"), private_only=True),
    "forget": Command(privacy.forget, "glom", N_("Erase me"), private_only=True),
    "report": Command(reports.report, "anmal", N_("Say that something is not all right")),
    "host": Command(hosting.host, "vard", N_("Host the conversation")),
    "mod": Command(mod_words.mod, "mod", N_("Moderate")),
    "remove": Command(carrying.remove, "tabort", N_("Take back what was carried")),
    "start": Command(start.start, "borja", N_("Start")),
    "stop": Command(dialogues.stop, "stopp", N_("Stop the questions")),
    "back": Command(dialogues.back, "tillbaka", N_("Go back one question")),
    "skip": Command(dialogues.skip, "hoppa", N_("Skip a question")),
    "listen": Command(listen.listen, "lyssna", N_("Be listened to"), private_menu=True, private_only=True),
    "help": Command(start.help_, "hjalp", N_("What can be done here"), private_menu=True, group_menu=True),
}
"""Every command, the most wanted first; `help` is always the last line of a menu."""

NAMES = {name: name for name in COMMANDS} | {command.swedish: name for name, command in COMMANDS.items()}

Press = Callable[[Context, Action], Awaitable[None]]

PRESSES: Mapping[str, Press] = {
    **browsing.PRESSES, **carrying.PRESSES, **consent.PRESSES, **convening.PRESSES, **conversations.PRESSES,
    **dialogues.PRESSES, **doors.PRESSES, **energy.PRESSES, **gatherings.PRESSES, **groups.PRESSES, **harvest.PRESSES,
    **hats.PRESSES, **hosting.PRESSES, **ideas.PRESSES, **invite.PRESSES, **lasting.PRESSES, **listen.PRESSES,
    **maps.PRESSES, **matches.PRESSES, **merging.PRESSES, **moderation.PRESSES, **needs.PRESSES, **notes.PRESSES,
    **open_space.PRESSES, **plain.PRESSES, **privacy.PRESSES, **prompts.PRESSES, **quiet.PRESSES, **reports.PRESSES,
    **rewording.PRESSES, **rhythm.PRESSES, **rooms.PRESSES, **rsvps.PRESSES, **seasons.PRESSES, **start.PRESSES,
    **steps.PRESSES, **stories.PRESSES, **supporting.PRESSES, **tagging.PRESSES, **translating.PRESSES, **votes.PRESSES,
}  # fmt: skip


UNDONE: Mapping[str, Press] = {**supporting.UNDONE, **groups.UNDONE, **energy.UNDONE, **rsvps.UNDONE}
"""What happens when a choice is taken back, where it stays to be seen; nothing, if it is not here."""


def named(word: str) -> str | None:
    """Give the command that a typed word names, in any language, forgiving of accents; None if none."""
    return NAMES.get(folded(word))


COMPLETE: Mapping[type[object], Callable[[Context, Any], Awaitable[None]]] = {
    OpenConversation: conversations.open_conversation,
    GiveIdeas: ideas.give,
    SupportInstead: supporting.support_instead,
    AskTomorrow: ideas.ask_tomorrow,
    EditIdea: rewording.edit,
    AddTranslation: translating.complete,
    TakeTheLead: groups.take_the_lead,
    ChangeGroup: convening.change,
    ReportMatter: reports.take_report,
    HideMatter: moderation.hide_matter,
    MuteParticipant: moderation.mute_participant,
    PlanPrompts: prompts.plan,
    ProposeMerge: merging.complete,
    SayHelp: needs.say,
    SayYes: matches.say_yes,
    RewordHelp: needs.reword,
    PlanGathering: gatherings.plan,
    ChangeGathering: gatherings.change,
    WriteNote: notes.keep,
    PostTopic: open_space.post,
    ChangeTopic: open_space.change,
    TakeAStep: steps.take,
    MoveStep: steps.move,
    SetTags: tagging.complete,
    SetMeeting: rhythm.set_meeting,
    TellStory: stories.tell,
}
"""What is done when a flow is finished, by the command that it gave."""


DUE: Mapping[str, Callable[[Means, Due], Awaitable[None]]] = {
    **calm.DUE,
    **helping.DUE,
    **gathering_moments.DUE,
    **stepping.DUE,
    **joining.DUE,
    **merging.DUE,
    **receipts.DUE,
    **sleeping.DUE,
    **asking.DUE,
    **rhythm.DUE,
    **seasons.DUE,
    **silence.DUE,
    **lasting.DUE,
}
"""What is done when a moment comes (`Means.wake_at`), by the kind of what is due."""


def menus() -> list[Menu]:
    """Give the networks' command menus, in each language; the first also stands for languages not shipped."""
    made = []
    for locale in LOCALES:
        lines = [
            (one, MenuEntry(one.swedish if locale == "sv" else name, render(Text(one.about), locale)))
            for name, one in COMMANDS.items()
        ]
        private = tuple(line for one, line in lines if one.private_menu)
        group = tuple(line for one, line in lines if one.group_menu)
        made.append(Menu(locale, private, group))
    english = next(menu for menu in made if menu.locale == "en")
    return [msgspec.structs.replace(english, locale=""), *made]
