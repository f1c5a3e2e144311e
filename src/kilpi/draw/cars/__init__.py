"""Drawn cars: photos that no camera took, with plates whose corners and marks are known."""
