"""What people send to the pages of the people's floor. The actions decide; these forms read."""
