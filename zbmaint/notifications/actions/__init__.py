"""What may be done to a notice."""
