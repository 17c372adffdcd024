"""Serving: a trained model to talk to, in a terminal, through an API, on a page."""
