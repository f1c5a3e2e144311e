"""`python -m kilpi`: the command line."""

from kilpi.cli import main

main()
