"""Doors for clients that speak to Nexus in their own way.

chat.py    POST /api/chat: a message becomes a work order
urls.py    where they are
"""
