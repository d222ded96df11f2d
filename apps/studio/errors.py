"""What is refused of films and their events."""

from __future__ import annotations

from nexus.errors import NexusError


class UnknownEventType(NexusError):
    """No such type of event is known, and nobody has mapped it."""

    code = "unknown_event_type"


class EventChanged(NexusError):
    """An event of this id came before, and said something else."""

    code = "event_changed"


class FilmExists(NexusError):
    """This project has a film of this name already."""

    code = "film_exists"


class AmbiguousFilm(NexusError):
    """Several of the caller's projects have a film of this name: name the project."""

    code = "ambiguous_film"


class MediaFailed(NexusError):
    """The maker of pictures and sounds did not deliver."""

    code = "media_failed"
    disposition = "retry"


class ShotUnknown(NexusError):
    """The film has no such shot."""

    code = "unknown_shot"


class EventIncomplete(NexusError):
    """The event does not say what its task is about."""

    code = "incomplete_event"


class MappingExists(NexusError):
    """This project has a mapping of this event to this task already."""

    code = "mapping_exists"
