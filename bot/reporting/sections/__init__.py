"""The sections of the harvest, a file each: functions from the read model to a `Section`, in the reader's language.

Which there are, and in which order, stands in `bot.reporting.document.SECTIONS`.
"""
