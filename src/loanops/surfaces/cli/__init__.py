"""The command line: one table of verbs, each loaded only when it is called."""
