"""The network that tells what a photo shows."""
