"""The routes, a file a group; each has a `router`, and `kilpi.web.app` finds them all."""
