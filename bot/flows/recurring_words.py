"""Words for what comes again and again, as `fold` writes them; days, numbers and clocks stand in `time_words`."""

from __future__ import annotations

import re

from bot.flows.time_words import NUMBERS, WEEKDAYS, one_of

EVERY = r"(?:every|each|varje|alla|all|varenda)"
EACH = r"(?:every|each|varje|var|vart|per)"

DAY_NAMES = WEEKDAYS | {
    plural: number
    for number, plurals in enumerate(
        (
            "mondays mandagar mandagarna", "tuesdays tisdagar tisdagarna", "wednesdays onsdagar onsdagarna",
            "thursdays torsdagar torsdagarna", "fridays fredagar fredagarna", "saturdays lordagar lordagarna",
            "sundays sondagar sondagarna",
        )
    )
    for plural in plurals.split()
}  # fmt: skip
PLURALS = frozenset(DAY_NAMES) - frozenset(WEEKDAYS)
DAY_NAME = one_of(DAY_NAMES)
DAY_LIST = rf"(?:{DAY_NAME})(?:\s+(?:(?:och|and|samt|&|\+|/|pa|on)\s+)*(?:{DAY_NAME}))*"

PARTS = (
    (re.compile(r"\b((?:man|tis|ons|tors|fre|lor|son)dag)s(kvall|eftermiddag|formiddag)(?:en)?\b"), r"\1 \2"),
    (re.compile(r"\b((?:man|tis|ons|tors|fre|lor|son)dag)s(kvall|eftermiddag|formiddag)(?:ar|arna)\b"), r"\1ar \2"),
    (re.compile(r"\b((?:man|tis|ons|tors|fre|lor|son)dag)smorgon(?:en)?\b"), r"\1 morgonen"),
    (re.compile(r"\b((?:man|tis|ons|tors|fre|lor|son)dag)smorgnar(?:na)?\b"), r"\1ar morgonen"),
    (re.compile(r"\b(evening|morning|afternoon)s\b"), r"\1"),
    (re.compile(rf"\b{EVERY}\s+(kvall|evening|morning|eftermiddag|afternoon|formiddag)\b"), r"every day \1"),
    (re.compile(rf"\b{EVERY}\s+morgon\b"), "every day morgonen"),
)  # fmt: skip
"""Compounds taken apart, and parts of a day that stand for the day."""

ORDINALS = {
    "first": 1, "forsta": 1, "1st": 1, "1:a": 1, "1a": 1, "second": 2, "andra": 2, "2nd": 2, "2:a": 2, "2a": 2,
    "third": 3, "tredje": 3, "3rd": 3, "3:e": 3, "3e": 3, "fourth": 4, "fjarde": 4, "4th": 4, "4:e": 4, "4e": 4,
    "last": -1, "sista": -1,
}  # fmt: skip
NTH = one_of(ORDINALS)
STEPS = {"other": 2, "second": 2, "annan": 2, "annat": 2, "andra": 2, "third": 3, "tredje": 3, "fourth": 4, "fjarde": 4}
STEP = rf"({one_of(STEPS)}|\d{{1,3}}(?:st|nd|rd|th|:?[ae])?|{one_of(NUMBERS)})"

TOO_OFTEN = re.compile(
    rf"\b{EACH}\s+(?:\S+\s+)?(?:seconds|sekund|minut|hour|timm|halvtimm|half hour|kvart\b)\w*"
    r"|\bevery\s+second\s*$"
    r"|\b(?:hourly|varannan (?:timme|minut)|i timmen|per (?:hour|timme|minute|minut))\b"
    r"|\b(?:twice|times|ganger|gang)\s+(?:a|per|om|i)\s+(?:day|dag|dagen|hour|timme)\b"
)
ONCE_A_DAY = re.compile(r"\b(?:once a day|en gang (?:om dagen|per dag))\b")
YEARLY = re.compile(rf"\b(?:{EACH}\s+(?:year|ar)|yearly|annually|arligen|varje ar)\b")

MONTH = r"(?:month|months|manad|manaden|manader)"
MONTHLY = re.compile(
    rf"\b(?:varannan\s+{MONTH}|{EACH}\s+{STEP}\s+{MONTH}|(?:of|in|i)\s+{EACH}\s+{STEP}\s+{MONTH}"
    rf"|(?:(?:in|of|i)\s+)?(?:{EACH}|the|a)\s+{MONTH}|i\s+{MONTH}|once\s+a\s+month|en\s+gang\s+i\s+{MONTH}"
    r"|monthly|manadsvis|manatligen|quarterly|(?:varje|every)\s+(?:kvartal|quarter))\b"
)
NTH_DAY = re.compile(rf"\b(?:(?:the|den|{EVERY})\s+)?({NTH})\s+({DAY_NAME})\b")
LAST_DAY = re.compile(r"\b(?:(?:the|den)\s+)?(?:last|sista)(?:\s+(?:day|dagen))?(?:\s+(?:of|in|i))?(?=\s)")
DAY_OF = re.compile(r"\b(?:(?:on|the|den|day|dag)\s+)+(\d{1,2})(?:st|nd|rd|th|:?[ae])?\b(?![:./]\d)")
DAY_OF_BARE = re.compile(r"(?<![:./\d])\b(\d{1,2})(?:st|nd|rd|th|:[ae])\b")

WORKING_DAYS = re.compile(
    rf"\b(?:(?:{EVERY}\s+)?(?:vardag|vardagar|vardagarna|weekdays?|arbetsdag|arbetsdagar|working days?|workdays?)"
    r"|(?:mandag(?:ar)?|monday|man|mon)\s*(?:till|to|-|through)\s*(?:fredag(?:ar)?|friday|fre|fri))\b"
)
WEEKENDS = re.compile(rf"\b(?:{EVERY}\s+(?:helg|weekend)|helger|helgerna|weekends|at weekends|on weekends)\b")
WEEK = r"(?:week|weeks|vecka|veckor|veckan)"
WEEKLY = re.compile(
    rf"\b(?:varannan\s+{WEEK}|{EACH}\s+{STEP}\s+{WEEK}|{EACH}\s+{WEEK}|once\s+a\s+week|en\s+gang\s+i\s+{WEEK}|weekly"
    r"|veckovis|fortnightly|biweekly|every\s+fortnight|var\s+14:?e?\s+dag|var\s+fjortonde\s+dag)\b"
)
EACH_NTH_DAY = re.compile(rf"\b(?:(varannan|varannat)|{EACH}\s+{STEP})\s+({DAY_LIST})(?!\w)")
EACH_DAY_NAME = re.compile(rf"\b{EVERY}\s+({DAY_LIST})(?!\w)")
DAILY = re.compile(
    rf"\b(?:varannan\s+dag|{EACH}\s+{STEP}\s+(?:days?|dagar|dag)|{EVERY}\s+(?:days?|dagar|dag)|daily|dagligen"
    r"|every\s+day|varje\s+dag)\b"
)
DAYS_ALONE = re.compile(rf"(?<!\w)({DAY_LIST})(?!\w)")
START = re.compile(
    r"\b(?:from and with|fran och med|fr o m|starting(?: on| from)?|beginning(?: on)?|begin(?: on)?|med start"
    r"|med borjan|borja|start|from|fran)\b(?!\s+(?:kl|klockan)\b)"
)
FORTNIGHT = re.compile(r"fortnight|biweekly|14|fjorton")
QUARTER = re.compile(r"kvartal|quarter")
OTHER = re.compile(r"varanna[nt]")
EXTRA = frozenset({"on", "pa", "each", "every", "varje", "week", "vecka", "day", "dag", "dagen", "and", "och"})
