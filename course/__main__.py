"""Lets ``python -m course`` do the same as the command ``course``."""

import sys

from course.cli import main

sys.exit(main())
