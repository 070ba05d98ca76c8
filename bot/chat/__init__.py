"""The neutral vocabulary of chat: what happened, what is to be said, and where.

Knows no network and no domain. Adapters translate between a network and these words; nothing else does.
"""
