"""Peers for tests: servers that behave as the real networks do."""
