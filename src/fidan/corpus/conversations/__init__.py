"""Conversations: what a chat model learns from, from where it is to train, validation and test without a leak.

conversation  messages of a system, a user and an assistant; when two conversations say the same
config        which, and what is held out
forms         a row to a conversation, by the form its columns tell
synthetic     conversations of this package's making
read          sets to conversations, and what was left out
split         groups that share an opening or an answer, each whole in one split
report        what there is, in figures
"""
