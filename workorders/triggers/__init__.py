"""What happens outside becomes tasks of an order.

mapping.py   event type -> task types, with agent and priority (pure)
applying.py  an event and its tasks, written into an order's run together
"""
