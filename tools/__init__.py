"""Helpers for those who work on the project. Nothing here is imported by the bot."""
