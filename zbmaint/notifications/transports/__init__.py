"""How notices leave: one file for every transport, and the catalogue."""
