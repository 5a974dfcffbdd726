"""Pages of the portal, one file for each stretch of the way."""
