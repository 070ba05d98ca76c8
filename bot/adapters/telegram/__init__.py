"""Telegram: `adapter.TelegramAdapter` with `settings.TelegramSettings`; nothing is loaded before it is needed."""
