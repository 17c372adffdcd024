"""The OpenAI-style API: what its requests and answers look like, and the routes that take them."""
