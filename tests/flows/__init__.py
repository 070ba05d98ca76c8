"""Dialogues as transcripts: what is asked, what is answered, what comes of it."""
