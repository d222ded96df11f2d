"""Makes procrastinate's tables, and the counter's."""

from __future__ import annotations

import procrastinate_app

if __name__ == "__main__":
    with procrastinate_app.app.open():
        procrastinate_app.app.schema_manager.apply_schema()
        procrastinate_app.app.connector.get_sync_connector().execute_query(procrastinate_app.TABLE)
