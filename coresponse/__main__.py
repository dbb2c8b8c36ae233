"""``python -m coresponse``."""

from coresponse.cli import main

main()
