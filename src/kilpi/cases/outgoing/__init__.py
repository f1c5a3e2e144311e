"""Adverts and news that leave: publishing, taking down, what was corrected since."""
