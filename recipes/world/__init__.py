"""Typefaces and layouts of the world set, which no training may import (tests/learn/test_world_apart.py)."""
