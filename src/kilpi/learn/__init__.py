"""Rendering, training, evaluating and exporting the networks. The only room with torch in it."""
