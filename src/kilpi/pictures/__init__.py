"""Pictures worth publishing: chosen, ordered, plates covered, checked."""
