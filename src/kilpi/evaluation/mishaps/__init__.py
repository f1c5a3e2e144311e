"""Mishaps: folders of photos of one car whose plate had an accident, and what the decision makes of them.

Patches, materials, cuts, boards and base photos of this module belong to measuring: no training imports it,
and half of the materials and cuts (`kept apart`) are not even looked at when a threshold is chosen.
"""
