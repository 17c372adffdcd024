"""The chat in a terminal: what is said and kept (`session`), how a line is read and an answer shown (`loop`)."""
