"""The pages and webhooks: health, metrics, and where networks call; off unless a port is set."""
