"""Trains the network that tells where a part of a plate's mark is hidden."""
