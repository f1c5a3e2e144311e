"""How good the networks and the line are, measured on labelled photos."""
