"""Serving: what many clients ask of one model at once. The OpenAI-style API, the page, the chat in a terminal."""
