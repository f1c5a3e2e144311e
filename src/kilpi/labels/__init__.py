"""Labelled photos: every format in and out, checked, looked at, resized and split. No torch."""
