"""From an accepted mark to the register's car, held against the photos."""
