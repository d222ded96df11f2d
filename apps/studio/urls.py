"""Where its doors are, beneath /api/."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path, register_converter

from .views import events, films, mappings


class FilmName:
    """What events call a film; anything else is a 404 before the database is asked."""

    regex = r"[A-Za-z0-9][A-Za-z0-9_.-]{0,49}"

    def to_python(self, value: str) -> str:
        """As it is."""
        return value

    def to_url(self, value: str) -> str:
        """As it is."""
        return value


class EventId(FilmName):
    """EV-YYYYMMDD-8hex, or as its sender named it."""

    regex = r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}"


class FilePath(FilmName):
    """A file of a film."""

    regex = r"[A-Za-z0-9][A-Za-z0-9_./-]{0,199}"


class MappingNumber(FilmName):
    """A number that the database can hold."""

    regex = r"[0-9]{1,18}"


register_converter(FilmName, "film")
register_converter(EventId, "film_event")
register_converter(FilePath, "film_file")
register_converter(MappingNumber, "mapping")

urlpatterns: list[URLPattern | URLResolver] = [
    path("v2/events", events.Events.as_view(), name="film-events"),
    path("v2/events/<film_event:event_id>", events.OneEvent.as_view(), name="film-event"),
    path("v2/event-mappings", mappings.Mappings.as_view(), name="event-mappings"),
    path("v2/event-mappings/<mapping:id>", mappings.OneMapping.as_view(), name="event-mapping"),
    path("v2/films", films.Films.as_view(), name="films"),
    path("v2/films/<film:name>", films.OneFilm.as_view(), name="film"),
    path("v2/films/<film:name>/budget", films.BudgetOfFilm.as_view(), name="film-budget"),
    path("v2/films/<film:name>/files/<film_file:path>", films.FileOfFilm.as_view(), name="film-file"),
]
