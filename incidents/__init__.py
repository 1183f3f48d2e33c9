"""Tickets and the people who answer them; knows nothing of maintenance."""
