"""Surfaces: everything that people and programs touch, built on the story and the engine below.

    accounts/   users, API keys, membership of projects
    api/        the HTTP API of work orders, under /api/v2
    gateway/    one-shot chat, for clients that want an answer and no plan
    live/       events as they happen: SSE and WebSocket, replayed by sequence
    board/      the Django admin, where the Board looks and decides
    sandbox/    a model provider that asks no model: a process of its own, for demos and tests

Promises
    A surface decides nothing that the story below has not decided: it asks, calls one verb, and shows.
    Surfaces do not know each other; only `accounts` may be asked who is calling.
    `sandbox` shares no code with the rest: it is spoken to over a socket, as a real provider is.
"""
