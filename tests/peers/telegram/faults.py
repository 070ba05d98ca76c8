"""Trouble on demand: refusals, lost answers, delays, dripping answers. Each is a rule that is used up.

`method` may be "*", which is all but getUpdates. A rule applies to the next `times` requests (None: until `clear`)
that fit its method and chat.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["error", "drop_request", "drop_reply", "delay", "drip"]
_PHRASES = {500: "Internal Server Error", 502: "Bad Gateway", 503: "Service Unavailable", 504: "Gateway Timeout"}


@dataclass(slots=True)
class Fault:
    kind: Kind
    method: str
    times: int | None = 1
    chat_id: int | None = None
    status: int = 500
    description: str = ""
    retry_after: int = 0
    seconds: float = 0.0
    body: bytes | None = None
    used: int = 0

    def answer(self) -> dict[str, Any]:
        """The JSON of a refusal."""
        description = self.description or _PHRASES.get(self.status, "Error")
        answer: dict[str, Any] = {"ok": False, "error_code": self.status, "description": description}
        if self.retry_after:
            answer["description"] = self.description or f"Too Many Requests: retry after {self.retry_after}"
            answer["parameters"] = {"retry_after": self.retry_after}
        return answer


class Faults:
    def __init__(self) -> None:
        self.rules: list[Fault] = []

    def add(self, fault: Fault) -> Fault:
        self.rules.append(fault)
        return fault

    def clear(self) -> None:
        self.rules.clear()

    def take(self, method: str, params: dict[str, Any]) -> list[Fault]:
        """The rules that hit this request: at most one of each kind."""
        if not self.rules:
            return []
        hit: dict[Kind, Fault] = {}
        for rule in self.rules:
            fits = method != "getUpdates" if rule.method == "*" else rule.method.lower() == method.lower()
            if rule.kind in hit or not fits:
                continue
            if rule.chat_id is not None and str(params.get("chat_id")) != str(rule.chat_id):
                continue
            rule.used += 1
            hit[rule.kind] = rule
        self.rules = [rule for rule in self.rules if rule.times is None or rule.used < rule.times]
        return list(hit.values())
