"""Rules of the team: pure."""
