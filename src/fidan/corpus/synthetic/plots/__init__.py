"""What happens in the stories: data, in the template language of ``sentences``.

A plot is a block: its first line names it, says who may be its hero (``child``, ``me``, ``animal``) and which slots it
fills from which word group (``o:toy``, ``c:=colour`` for adjectives). Every further line is a step; `` / `` separates
alternatives and a leading ``?`` makes a step optional. ``h f g`` are the hero, a friend and a grown-up of the family.
"""
