"""What a probe can look at: one file a kind, listed in `catalog`. Nothing here opens a connection of Django's."""
