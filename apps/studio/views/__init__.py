"""The studio's doors: events, films, the map."""
