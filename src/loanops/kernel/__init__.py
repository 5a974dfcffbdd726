"""Kernel: lending arithmetic, pure; no framework, no clock, no outside."""
