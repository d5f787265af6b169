"""``python -m cli`` is ``tenken``."""

from cli import main

main()
