"""Embedded PostgreSQL and Valkey: started from wheels when no URL is configured. Nothing in here knows Django."""
