"""What `/metrics` tells a Prometheus: read from the database at each scrape, so that nothing is lost with a process."""
