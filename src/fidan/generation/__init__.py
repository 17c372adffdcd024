"""Text out of a model: `cache` keeps keys and values, `sampling` picks a token, `generate` is the loop."""
