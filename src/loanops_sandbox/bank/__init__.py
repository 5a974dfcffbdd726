"""Banks that lend over the funder protocol: their rules, their book, their moods."""
