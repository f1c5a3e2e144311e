"""Kilpi in a browser and over REST: pages and routes over `kilpi.cases`. docs/serve.md tells the whole."""

from kilpi.web.app import create_app
from kilpi.web.serving import Serving

__all__ = ["Serving", "create_app"]
