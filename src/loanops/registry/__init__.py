"""Registry: who and what exists, and what the law allows."""
