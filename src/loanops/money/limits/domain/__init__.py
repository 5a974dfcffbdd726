"""Rules of limits: what fits under a ceiling, and what a hold may become."""
