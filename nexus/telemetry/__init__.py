"""What the engine says about itself: log lines, with ids and without secrets.

log.py   the formatter: one line an event, redacted after rendering
"""
