"""Adverts: the text, the pages, and the folders they stand in."""
