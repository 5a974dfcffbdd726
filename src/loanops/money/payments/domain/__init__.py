"""Rules of payments, pure."""
