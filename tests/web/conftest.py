"""Fixtures of the tests with a real browser."""

from tests.web.live import chromium, live, quick, yard

__all__ = ["chromium", "live", "quick", "yard"]
