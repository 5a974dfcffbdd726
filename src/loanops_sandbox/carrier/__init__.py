"""A carrier of short messages, and the telephones on which they arrive."""
