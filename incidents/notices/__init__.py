"""Whom a change of a ticket tells, and what: written in the transaction of the change."""
