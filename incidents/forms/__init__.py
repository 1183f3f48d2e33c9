"""What people may enter about tickets, and what is said when it is wrong."""
