"""What may go wrong on the way to Telegram.

They are python-telegram-bot's own network errors, so that its `Bot` raises them too.
"""

from __future__ import annotations

from telegram.error import NetworkError, TimedOut


class NotSentError(NetworkError):
    """No connection: nothing was sent."""


class LostError(TimedOut):
    """The answer was lost: the request may have been carried out."""
