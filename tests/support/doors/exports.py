"""What leaves as a file or as a stream: every operation whose answer may be something else than JSON."""

from __future__ import annotations

from . import Maker
from .core import FILE, ORDER, SESSION, a_cost, a_deliverable, a_file
from .studio import a_film
from .workflows import a_run, a_workflow

FILES: dict[str, Maker] = {
    f"{FILE}/content": a_file,
    f"{ORDER}/deliverable": a_deliverable,
    "api/v2/costs.csv": a_cost,
    "api/v2/films/<film:name>/files/<film_file:path>": a_film,
    "api/workflows/<definition:ref>/export": a_workflow,
    "api/workflows/telemetry.jsonl": a_run,
}
"""With who makes one of Alice's that holds SECRET."""
STREAMS = {
    f"{ORDER}/events": "",
    f"{SESSION}/stream": "",
    "v1/responses/<slug:public_id>": "?stream=true",
}
"""Of one thing, with the query that asks for it."""
ASKED = ("v1/chat/completions", "v1/responses")
"""Of what is asked for and made there: nothing is there before."""
