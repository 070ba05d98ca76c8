"""What the console itself tells: who is there, which rooms there are, what can be typed. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from bot.adapters.console.lines import TOLD
from bot.adapters.console.world import PRIVATE, Participant, World
from bot.chat.port import Menu


def whereabouts(world: World, someone: Participant) -> str:
    """Tell where somebody is."""
    return "in private with the bot" if someone.here == someone.private else f"in [{world.label(someone.here)}]"


def people(world: World) -> str:
    """Tell who is there, a line each."""
    return "\n".join(
        f"{each.name}: {whereabouts(world, each)}"
        + (f", {each.locale}" if each.locale else "")
        + (" (you)" if each is world.me else "")
        for each in world.people.values()
    )


def rooms(world: World) -> str:
    """Tell which group rooms there are, with their topics and people, a line each."""
    lines = []
    for group in world.groups.values():
        names = ", ".join(each.name for each in world.people.values() if each.account in group.people)
        topics = "".join(f" / {topic}" for topic in group.topics.values())
        lines.append(f"[{group.title}{topics}] {names}{' (without the bot)' if group.gone else ''}")
    return "\n".join(lines) or "No group rooms yet. :room NAME makes one."


def help_text(world: World, menus: Sequence[Menu]) -> str:
    """Tell what can be typed: to the console, and of the bot's menu in the participant's language."""
    lines = [f"{told.usage:<24} {told.explanation}" for told in TOLD.values()]
    lines.append("A backslash at the end of a line: the message goes on in the next one.")
    for menu in sorted(menus, key=lambda menu: (menu.locale != world.me.locale, menu.locale != ""))[:1]:
        entries = menu.private if world.me.here.room.startswith(PRIVATE) else menu.group
        lines += [f"{'/' + entry.name:<24} {entry.description}" for entry in entries]
    return "\n".join(lines)
