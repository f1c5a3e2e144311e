"""Drawn photos of what a dealer takes inside or close to a car: cabins, instruments, papers, details."""
