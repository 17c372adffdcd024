"""Conversations: what a chat model learns from, from where it is to train, validation and test without a leak.

conversation  a message, a conversation, and the order its roles may have
"""
