"""The append-only record of who did what: `from zbmaint.audit.record import record`."""
