"""What changes tickets, one noun a file."""
