"""A strict emulator of the Telegram Bot API: a real HTTP peer for tests, with people to talk through it.

Start with emulator.py (what a test uses), then core.py (what the bot hears), then the table in methods.py.
"""

from .emulator import TelegramEmulator
from .groups import Group, Topic
from .people import Person, PressAnswer
from .records import Request, Settings
from .state import Message
from .views import ChatView, PrivateChat, links

__all__ = [
    "ChatView",
    "Group",
    "Message",
    "Person",
    "PressAnswer",
    "PrivateChat",
    "Request",
    "Settings",
    "TelegramEmulator",
    "Topic",
    "links",
]
