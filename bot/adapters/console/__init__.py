"""The terminal as a network: the embedded default, for the first minutes and for scripts."""

from bot.adapters.console.adapter import ConsoleAdapter

__all__ = ["ConsoleAdapter"]
