"""A look inside the model: what it makes of a text, what it expects next, and where it looks.

Figures only; how they are drawn is the page's (`fidan.serving.web`).
"""
