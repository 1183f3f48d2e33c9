"""The pages of the people's floor."""
