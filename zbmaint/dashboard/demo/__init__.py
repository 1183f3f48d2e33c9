"""Generated history: what a desk looks like after months of use, for demonstrations and benchmarks."""
