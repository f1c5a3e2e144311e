"""Plates and cars that never were: drawn from the grammars, for samples and for training. No torch here."""
