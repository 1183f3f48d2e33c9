"""What decides about tickets: pure functions."""
