"""Rules of servicing, pure."""
