"""How Django itself (admin, forms) writes dates and times, by language."""
