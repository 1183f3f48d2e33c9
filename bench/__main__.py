"""`python -m bench`: every benchmark at the size for work in progress."""

from bench import vacuum

vacuum.main()
