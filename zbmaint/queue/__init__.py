"""The one door to django-q2: `door.enqueue` in the transaction, supervised clusters, who is alive, locks."""
