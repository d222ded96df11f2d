"""Nexus, the engine: durable task graphs on Celery. It knows no order, no agent and no price.

Reading order
    engine.py        the front door: what every other package may call
    tasks/           Run and Task: states, models, questions, submit, transitions
    queues/          which queues exist, what travels on them
    canvas/          a graph -> Celery chains and chords
    dispatch/        the dispatcher: due rows -> doorbells
    leases/          who holds which task, until when
    execution/       a delivery from top to bottom
    settlement/      how a task and a run end; cancel, pause, park
    effects/         what a task does outside, and whether it did
    gates/           what people have to decide before a task goes on
    deadletters/     what could not be finished
    events/          the feed: append-only, numbered without gaps
    upkeep/          rescue, timers, invariants
    embedded/        real Postgres and Valkey from wheels, and the supervisor of `bin/nexus up`
    telemetry/       logs

Promises
    A task is a row; a message is a doorbell. Messages may be lost, doubled, late or early.
    No task is settled twice. The guard of every change stands on the row that it changes.
    The clock is the database's.
"""
