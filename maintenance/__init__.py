"""Work on the systems: targets, tasks, runs, findings."""
