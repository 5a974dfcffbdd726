"""Forms of the portal: plain, each bad entry one sentence beside its field."""
