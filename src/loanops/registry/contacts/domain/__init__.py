"""Rules of contacts: how a message stands, and what its templates say."""
