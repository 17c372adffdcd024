"""Synthetic Turkish text, made by rules: small stories, questions with answers, web-like pages.

In reading order: ``phonology`` (sound rules), ``nouns``, ``verbs``, ``numerals``, ``lexicon`` (the words),
``sentences`` (templates), ``stories`` with ``plots``, ``questions`` with ``facts``, ``pages`` with ``page_data``,
``noise`` with ``foreign``, ``generator`` (the stream), and ``checker``, which judges text without any of them.

The text is small on purpose: a model of a few million parameters can learn it in minutes. It is no substitute for
real Turkish.
"""
