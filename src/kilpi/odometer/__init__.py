"""Reads the mileage off photos of a car's instruments, to check what the dealer says."""
