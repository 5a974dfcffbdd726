"""Config: settings, urls and the wiring that knows everyone."""
