"""Reply markup: shape, button kinds, links and data of at most 64 bytes, checked as the server checks them."""

from __future__ import annotations

from typing import Any

from .entities import checked_url, link_user_id, url_problem
from .errors import bad_request

MAX_DATA_BYTES = 64
MAX_BUTTONS = 100
MAX_ROW = 8
_KINDS = (
    "url",
    "callback_data",
    "web_app",
    "login_url",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
    "copy_text",
    "callback_game",
    "pay",
)
_SUPPORTED = {"url", "callback_data", "copy_text"}
Markup = dict[str, Any]


def inline_markup(markup: Markup | None) -> Markup | None:
    """The keyboard as Telegram keeps it under a message; None when there is nothing to keep."""
    if not markup or "inline_keyboard" not in markup:
        return None
    rows = [[_button(button) for button in row] for row in markup["inline_keyboard"] if row]
    if sum(len(row) for row in rows) > MAX_BUTTONS:
        raise bad_request("reply markup is too long")
    if any(len(row) > MAX_ROW for row in rows):
        raise bad_request("BUTTON_ROW_TOO_LONG")
    return {"inline_keyboard": rows} if rows else None


def other_markup(markup: Markup | None) -> Markup | None:
    """A reply keyboard, its removal or a forced reply: what the person's app shows instead of a keyboard."""
    if not markup or "inline_keyboard" in markup:
        return None
    for row in markup.get("keyboard", []):
        for button in row:
            text = button if isinstance(button, str) else button.get("text", "")
            if not text:
                raise bad_request("keyboard button text must be non-empty")
    return markup


def require_inline(markup: Markup | None) -> Markup | None:
    """Edits take inline keyboards only."""
    if markup and "inline_keyboard" not in markup:
        raise bad_request("inline keyboard expected")
    return inline_markup(markup)


def _button(button: Markup) -> Markup:
    text = button.get("text", "")
    if not text.strip():
        raise bad_request("inline keyboard button text must be non-empty")
    kinds = [kind for kind in _KINDS if button.get(kind) not in (None, "")]
    if not kinds:
        raise bad_request("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
    if len(kinds) > 1:
        raise bad_request(f"inline keyboard button must be of one kind, got {', '.join(kinds)}")
    kind = kinds[0]
    if kind not in _SUPPORTED:
        raise bad_request(f"the emulator knows no inline keyboard buttons with {kind}")
    kept = {"text": text, **{name: button[name] for name in ("style", "icon_custom_emoji_id") if button.get(name)}}
    if kind == "callback_data":
        if len(button[kind].encode()) > MAX_DATA_BYTES:
            raise bad_request("BUTTON_DATA_INVALID")
        return {**kept, kind: button[kind]}
    if kind == "url":
        url = button[kind]
        if link_user_id(url):
            return {**kept, kind: url}
        if problem := url_problem(url):
            raise bad_request(f"inline keyboard button URL '{url}' is invalid: {problem}")
        return {**kept, kind: checked_url(url)}
    return {**kept, kind: button[kind]}
