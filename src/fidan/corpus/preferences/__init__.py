"""Preferences: two answers to one prompt, of which one is better, from where they are to training and validation.

preference  a prompt, the answer that is chosen and the one that is rejected
read        rows to preferences, and what was left out
synthetic   preferences of this package's own making
split       groups that share a prompt, each whole in one split
"""
