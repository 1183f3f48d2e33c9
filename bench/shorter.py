"""Rolling one day up with a shorter history. Run by `python -m bench kpis`, which sets how long it is."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict

from bench import kpis

if __name__ == "__main__":
    kpis.prepare()
    sys.stdout.write(json.dumps([asdict(row) for row in kpis.roll()]))
