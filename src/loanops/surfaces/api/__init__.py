"""API (接口): the window of programs: JSON over HTTP under ``/api/v1``, and the probes.

Read first: window.py.
"""
