"""What people may enter about runs and targets, and what is said when it is wrong."""
