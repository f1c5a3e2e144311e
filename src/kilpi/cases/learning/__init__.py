"""What answers teach: labels, the blind audit, refitted limits."""
