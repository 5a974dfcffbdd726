"""Rules of an application: its moves, what a request must say, and how a file becomes requests."""
