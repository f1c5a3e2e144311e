"""A case's history and the department's numbers, in words."""
