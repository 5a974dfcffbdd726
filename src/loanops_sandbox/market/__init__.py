"""A market of simulated borrowers: who they are, what they ask for, how they pay."""
