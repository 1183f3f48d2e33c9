"""Forms of the people's floor: what people type, read and given to actions."""
