"""What the overview is made of: tickets, work on the platform, its health, and the figures of 30 days."""
