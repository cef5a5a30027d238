"""Measured on demand (`make bench`) and recorded in docs/benchmarks.md: what the portal promises to be quick at."""
