"""The same levers for other processes: POST /__control__/<operation> with a JSON object, answered with JSON.

    person {first_name, language_code?, username?, started?} → {id}
    group {title, members, kind?, forum?, with_bot?} → {id}
    send {person, chat?, text, reply_to?, thread?} → {message_id}
    start {person, param?} · open_link {person, link, group?} · block {person, on}
    add_bot {person, group, startgroup?}
    press {person, chat?, message_id, label | data, wait?, timeout?} → {text, show_alert, url, answered}
    wait {chat, contains?, matches?, message_id?, since?, timeout?} → message, or 409 with the transcript
    messages {chat} → [message] · transcript {chat} → text
    fault {kind, method, times?, chat_id?, status?, seconds?, retry_after?} · clear_faults · pause_updates {on}
    state → {violations, pending_updates, counts, flood_violations} · requests {method?} → [{method, params, status}]

Chats and people are named by id; a private chat has its person's id. A failed step of a person is 409 with the reason.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import msgspec
from aiohttp import web

from . import render
from .faults import Fault
from .groups import Group
from .people import Person
from .state import Message
from .validation import Upload
from .views import ChatView

if TYPE_CHECKING:
    from .emulator import TelegramEmulator

Given = dict[str, Any]
Operation = Callable[["TelegramEmulator", Given], Awaitable[Any]]


async def handle(tg: TelegramEmulator, request: web.Request) -> web.Response:
    """One control request."""
    operation = OPERATIONS.get(request.path.rsplit("/", 1)[-1])
    if operation is None:
        return _answer({"error": f"no such operation; there are {', '.join(OPERATIONS)}"}, 404)
    body = await request.read()
    try:
        return _answer(await operation(tg, msgspec.json.decode(body) if body else {}))
    except AssertionError as failure:
        return _answer({"error": str(failure)}, 409)
    except (KeyError, TypeError, msgspec.DecodeError) as failure:
        return _answer({"error": repr(failure)}, 400)


async def _person(tg: TelegramEmulator, given: Given) -> Any:
    return {"id": tg.person(given.pop("first_name"), **given).id}


async def _group(tg: TelegramEmulator, given: Given) -> Any:
    members = [_who(tg, number) for number in given.pop("members")]
    return {"id": tg.group(given.pop("title"), members, **given).id}


async def _send(tg: TelegramEmulator, given: Given) -> Any:
    person = _who(tg, given["person"])
    view = _chat(tg, given.get("chat", person.id))
    reply = view.state.messages[given["reply_to"]] if given.get("reply_to") else None
    message = await person.send(view, given["text"], reply_to=reply, thread=given.get("thread"))
    return {"message_id": message.id}


async def _start(tg: TelegramEmulator, given: Given) -> Any:
    return {"message_id": (await _who(tg, given["person"]).start(given.get("param", ""))).id}


async def _open_link(tg: TelegramEmulator, given: Given) -> Any:
    group = _a_group(tg, given["group"]) if given.get("group") else None
    message = await _who(tg, given["person"]).open_link(given["link"], group=group)
    return {"message_id": message.id if message else None}


async def _press(tg: TelegramEmulator, given: Given) -> Any:
    person = _who(tg, given["person"])
    message = _chat(tg, given.get("chat", person.id)).state.messages[given["message_id"]]
    more = {name: given[name] for name in ("wait", "timeout") if name in given}
    if "data" in given:
        return await person.press_data(message, given["data"], **more)
    return await person.press(message, given["label"], **more)


async def _wait(tg: TelegramEmulator, given: Given) -> Any:
    view = _chat(tg, given.pop("chat"))
    if number := given.pop("message_id", None):
        given["message"] = view.state.messages[number]
    return _shown(await view.wait_for_message(given.pop("contains", ""), **given))


async def _messages(tg: TelegramEmulator, given: Given) -> Any:
    return [_shown(message) for message in _chat(tg, given["chat"]).messages]


async def _transcript(tg: TelegramEmulator, given: Given) -> Any:
    return _chat(tg, given["chat"]).transcript()


async def _add_bot(tg: TelegramEmulator, given: Given) -> Any:
    group = _a_group(tg, given["group"])
    await _who(tg, given["person"]).add_bot(group, startgroup=given.get("startgroup"))
    return True


async def _block(tg: TelegramEmulator, given: Given) -> Any:
    person = _who(tg, given["person"])
    if given["on"]:
        person.block_bot()
    else:
        person.unblock_bot()
    return True


async def _fault(tg: TelegramEmulator, given: Given) -> Any:
    tg.core.faults.add(Fault(**given))
    return True


async def _clear_faults(tg: TelegramEmulator, given: Given) -> Any:
    tg.clear_faults()
    return True


async def _pause_updates(tg: TelegramEmulator, given: Given) -> Any:
    if given["on"]:
        tg.hold_updates()
    else:
        tg.release_updates()
    return True


async def _state(tg: TelegramEmulator, given: Given) -> Any:
    return {
        "violations": tg.violations,
        "pending_updates": len(tg.pending_updates),
        "counts": tg.core.counts,
        "flood_violations": tg.flood_violations,
    }


async def _requests(tg: TelegramEmulator, given: Given) -> Any:
    wanted = given.get("method")
    return [
        {"method": request.method, "params": request.params, "status": request.status}
        for request in tg.requests
        if wanted in {None, request.method}
    ]


OPERATIONS: dict[str, Operation] = {
    "person": _person,
    "group": _group,
    "send": _send,
    "start": _start,
    "open_link": _open_link,
    "press": _press,
    "wait": _wait,
    "messages": _messages,
    "transcript": _transcript,
    "add_bot": _add_bot,
    "block": _block,
    "fault": _fault,
    "clear_faults": _clear_faults,
    "pause_updates": _pause_updates,
    "state": _state,
    "requests": _requests,
}


def _shown(message: Message) -> Given:
    return {**render.message_json(message), "edits": message.edits, "labels": message.labels}


def _who(tg: TelegramEmulator, number: int) -> Person:
    return next(person for person in tg.people if person.id == number)


def _chat(tg: TelegramEmulator, number: int) -> ChatView:
    view = tg.chat(number)
    assert isinstance(view, ChatView)
    return view


def _a_group(tg: TelegramEmulator, number: int) -> Group:
    view = _chat(tg, number)
    assert isinstance(view, Group), f"{number} is no group"
    return view


def _answer(result: Any, status: int = 200) -> web.Response:
    body = msgspec.json.encode(result, enc_hook=_encode)
    return web.Response(body=body, status=status, content_type="application/json")


def _encode(value: Any) -> Any:
    return f"<{len(value.data)} bytes>" if isinstance(value, Upload) else repr(value)
