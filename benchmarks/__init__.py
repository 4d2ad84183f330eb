"""Measurements that print the figures of the README; ``python -m benchmarks.panel`` from the project's folder."""
