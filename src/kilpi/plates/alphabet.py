"""The characters that the reader knows, and how many a mark may have: one list for everyone."""

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZÅÄÖÆØÜ"


BLANK = len(ALPHABET)  # class of a slot that holds nothing, and of a column between characters


SLOTS = 10
