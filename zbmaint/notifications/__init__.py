"""What leaves the product: an outbox, and one file for every transport. Knows nothing of tickets or runs."""
