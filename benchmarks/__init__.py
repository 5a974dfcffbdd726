"""Benchmarks: one file per headline figure, each measured against its peer in the same run.

A file holds `TITLE` and `measure(*, quick)`, which yields figures as it gets them.
"""
