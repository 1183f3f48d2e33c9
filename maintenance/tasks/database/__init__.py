"""The parts of database maintenance: look, refresh statistics, vacuum, prove it, say what stood in the way."""
