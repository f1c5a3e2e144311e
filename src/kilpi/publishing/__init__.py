"""Feeds: all ready cars as files that other services read, each checked against a written schema."""
