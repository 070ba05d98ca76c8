"""The harvest as files: a page, Markdown, tables, JSON; and what other programs export, read back.

Rules of this room:

- All is written from the read model (`bot.domain.harvest`) and nothing else, so no form tells more than another.
- Pure: what was read in, bytes out; no clock, no dice, no I/O. What is long is called off the event loop.
- What participants wrote is hostile text: escaped by each form in its own way, and never a format.
"""
