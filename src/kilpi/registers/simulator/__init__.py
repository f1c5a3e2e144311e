"""Servers on the loopback address that answer as the registers do, faults included."""
