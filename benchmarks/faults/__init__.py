"""Faults on purpose: `python -m benchmarks.faults NAME [--runs N] [--seed S]`. tests/faults/ plays short versions."""
