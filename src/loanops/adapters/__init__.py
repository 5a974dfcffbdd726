"""Adapters: one folder per outside party or product; satisfies the ports of any room."""
