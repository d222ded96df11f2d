"""Files are kept once, for one project, within its quota; over HTTP as a form, and fetched as what they are."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import override_settings

from agents.attachments import blocks, keeping
from agents.attachments.errors import AttachmentLost, QuotaExceeded, UnknownAttachment
from agents.models import Attachment, Shelf
from tests.support import sent_files as media
from tests.support.people import ORDERS, Role, a_cast, a_person
from workorders.models import WorkOrder

pytestmark = pytest.mark.django_db(transaction=True)
WHERE = "/api/v2/attachments"


@pytest.fixture(autouse=True)
def storage(tmp_path):
    with override_settings(MEDIA_ROOT=str(tmp_path)):
        yield tmp_path


@pytest.fixture
def cast():
    return a_cast()


def keep(data=None, project="7", **given):
    return keeping.keep(project=project, name="photo.png", data=data or media.png(), **given)


def send(person, data, name="photo.png", said="image/png", **given):
    return person.client.post(WHERE, {"file": SimpleUploadedFile(name, data, said), **given})


def test_the_same_file_is_kept_once_in_a_project_and_apart_from_another():
    first, again, other = keep(), keep(), keep(project="8")
    assert first.pk == again.pk
    assert other.pk != first.pk
    assert other.path != first.path
    assert Shelf.objects.get(project="7").used == first.size


def test_what_is_kept_is_read_back():
    row = keep()
    (block,) = blocks.blocks([row])
    assert (block.kind, block.media_type) == ("image", "image/png")
    assert blocks.told(row) == "photo.png: picture, 64 × 48 pixels"


def test_bytes_that_are_gone_or_changed_are_not_taken_for_the_file():
    row = keep()
    default_storage.delete(row.path)
    with pytest.raises(AttachmentLost):
        keeping.bytes_of(row)
    default_storage.save(row.path, ContentFile(b"something else"))
    with pytest.raises(AttachmentLost):
        keeping.bytes_of(row)


def test_a_file_that_was_cut_off_by_a_crash_is_written_again():
    row = keep()
    default_storage.delete(row.path)
    default_storage.save(row.path, ContentFile(b"half"))
    assert keep().pk == row.pk
    assert keeping.bytes_of(row)


def test_many_who_send_at_once_stay_within_the_quota():
    pictures = [media.png(64 + number, 48) for number in range(8)]
    sizes = [len(keep(picture, project="probe").sha256) and Attachment.objects.last().size for picture in pictures]
    room = sum(sorted(sizes)[:3])

    def one(picture):
        try:
            return keep(picture, project="9")
        except QuotaExceeded:
            return None
        finally:
            connection.close()

    with override_settings(NEXUS_ATTACHMENT_QUOTA=room), ThreadPoolExecutor(8) as pool:
        kept = [row for row in pool.map(one, pictures) if row]
    assert 1 <= len(kept) <= 3
    assert Shelf.objects.get(project="9").used == sum(row.size for row in kept) <= room


def test_a_full_project_writes_no_bytes(storage):
    with override_settings(NEXUS_ATTACHMENT_QUOTA=10), pytest.raises(QuotaExceeded):
        keep()
    assert not list(storage.rglob("*.*"))
    assert not Attachment.objects.exists()


def test_a_name_is_the_last_of_a_path_in_signs_that_can_be_shown():
    named = keeping.keep(project="7", name="../..\\etc/pa\x00ss\u202ewd.txt", data=b"x")
    assert "/" not in named.name
    assert named.name == "pa\ufffdsswd.txt"
    assert keeping.keep(project="7", name="", data=b"y").name == "document"


def test_a_project_is_given_its_own_files_only():
    with pytest.raises(UnknownAttachment):
        keeping.of_project("8", [keep().public_id])


def test_a_form_with_a_file_is_answered_with_what_it_is(cast):
    answer = send(cast.alice, media.jpeg(), "a.jpg", "image/jpeg")
    assert answer.status_code == 201, answer.content
    body = answer.json()
    assert body["success"] is True
    assert set(body) == {"success", "data", "message", "timestamp", "request_id"}
    assert (body["data"]["kind"], body["data"]["width"], body["data"]["content_type"]) == ("image", 64, "image/jpeg")
    shown = cast.bob.get(f"{WHERE}/{body['data']['file_id']}").json()["data"]
    assert shown == body["data"]


def test_a_file_is_fetched_to_be_saved_and_never_shown_as_a_page(cast):
    sent = send(cast.alice, b"<html><script>alert(1)</script>", "page.html", "text/html").json()["data"]
    answer = cast.alice.get(sent["url"])
    assert answer.content == b"<html><script>alert(1)</script>"
    assert answer["Content-Type"] == "text/plain"
    assert answer["Content-Disposition"].startswith("attachment;")
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_another_projects_file_is_not_there(cast):
    sent = send(cast.alice, media.png()).json()["data"]
    for path in (f"{WHERE}/{sent['file_id']}", sent["url"]):
        assert cast.charlie.get(path).status_code == 404
    filed = cast.charlie.post(ORDERS, {"message": "Describe the picture", "attachments": [sent["file_id"]]})
    assert (filed.status_code, filed.json()["code"]) == (422, "unknown_attachment")
    assert not WorkOrder.objects.exists()


@pytest.mark.parametrize(
    ("data", "said", "status", "code"),
    [
        (b"<svg/>", "image/svg+xml", 415, "attachment_refused"),
        (media.png(), "audio/wav", 415, "attachment_refused"),
        (b"x" * 2_000, "text/plain", 413, "attachment_too_large"),
    ],
)
def test_what_is_not_taken_is_said(cast, data, said, status, code):
    with override_settings(NEXUS_ATTACHMENT_BYTES=1_000):
        answer = send(cast.alice, data, "x", said)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not Attachment.objects.exists()


def test_a_form_without_a_file_and_one_with_more_are_refused(cast):
    for form in ({"project": "acme"}, {"file": "words"}, {"file": SimpleUploadedFile("a", b"x"), "more": "x"}):
        answer = cast.alice.client.post(WHERE, form)
        assert (answer.status_code, answer.json()["code"]) == (400, "bad_form")


def test_who_only_reads_sends_nothing(cast):
    viewer = a_person("vera", cast.acme, Role.VIEWER)
    assert send(viewer, media.png()).json()["code"] == "read_only_member"


def test_an_order_keeps_what_came_with_it(cast):
    sent = send(cast.alice, media.png()).json()["data"]["file_id"]
    assert cast.alice.files("Describe the picture", attachments=[sent])
    assert WorkOrder.objects.get().attachments == [sent]
    twice = cast.alice.post(ORDERS, {"message": "Describe the picture", "attachments": [sent, sent]})
    assert twice.json()["errors"][0]["pointer"] == "#/attachments"
