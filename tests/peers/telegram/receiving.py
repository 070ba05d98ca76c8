"""getMe, getUpdates, webhooks, getFile."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

import msgspec

from . import render
from .core import Core
from .errors import bad_request, conflict
from .validation import Params
from .webhook import WebhookInfo

MAX_DOWNLOAD = 20 << 20


async def get_me(core: Core, params: Params) -> Any:
    return {
        **render.user_json(core.bot),
        "can_join_groups": True,
        "can_read_all_group_messages": not core.privacy,
        "supports_guest_queries": False,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
        "has_topics_enabled": False,
        "allows_users_to_create_topics": False,
        "can_manage_bots": False,
    }


async def get_updates(core: Core, params: Params) -> Any:
    if core.webhook.info.url:
        raise conflict(
            "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
        )
    core.updates.allow(params.get("allowed_updates"))
    limit = max(1, min(int(params.get("limit") or 100), 100))
    updates = await core.updates.poll(int(params.get("offset") or 0), limit, float(params.get("timeout") or 0))
    return msgspec.Raw(b"[" + b",".join(update.body for update in updates) + b"]")


async def set_webhook(core: Core, params: Params) -> Any:
    url, secret = params.get("url") or "", params.get("secret_token") or ""
    if not url:
        return await delete_webhook(core, params)
    parts = urlsplit(url)
    local = parts.hostname in {"127.0.0.1", "localhost", "::1"}
    if parts.scheme != "https" and not (local and parts.scheme == "http"):
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
    if not local and (parts.port or 443) not in {443, 80, 88, 8443}:
        raise bad_request("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")
    if len(secret) > 256:
        raise bad_request("secret token is too long")
    if not re.fullmatch(r"[A-Za-z0-9_-]*", secret):
        raise bad_request("secret token contains unallowed characters")
    if params.get("drop_pending_updates"):
        core.updates.clear()
    core.updates.allow(params.get("allowed_updates"))
    core.updates.abort_poll("terminated by setWebhook request")
    connections = max(1, min(int(params.get("max_connections") or 40), 100))
    await core.webhook.start(WebhookInfo(url, secret, connections, params.get("ip_address") or "127.0.0.1"))
    return True


async def delete_webhook(core: Core, params: Params) -> Any:
    await core.webhook.stop()
    if params.get("drop_pending_updates"):
        core.updates.clear()
    return True


async def get_webhook_info(core: Core, params: Params) -> Any:
    info = core.webhook.info
    result: Params = {
        "url": info.url, "has_custom_certificate": False, "pending_update_count": len(core.updates.pending)
    }  # fmt: skip
    if info.last_error:
        result |= {"last_error_date": info.last_error_date, "last_error_message": info.last_error}
    if info.url:
        result |= {"max_connections": info.max_connections, "ip_address": info.ip_address}
    if core.updates.allowed is not None:
        result["allowed_updates"] = sorted(core.updates.allowed)
    return result


async def get_file(core: Core, params: Params) -> Any:
    stored = core.world.files.get(params.get("file_id") or "")
    if stored is None:
        raise bad_request("invalid file_id")
    if len(stored.data) > MAX_DOWNLOAD:
        raise bad_request("file is too big")
    return {
        "file_id": stored.id, "file_unique_id": stored.unique_id,
        "file_size": len(stored.data), "file_path": stored.path,
    }  # fmt: skip
