"""From pixels to plates: find, place the corners, cut out, read."""
