"""Kilpi: the photos that car dealers send, turned into used-car adverts that are ready to publish."""
