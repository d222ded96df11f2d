"""ZIPs and YAML from strangers: read whole, or refused with a reason."""

from __future__ import annotations

import io
import stat
import zipfile

import pytest

from apps.workflows import archive, bringing, bundles, plain_yaml
from apps.workflows.errors import BundleRefused


def zipped(*entries, kind=zipfile.ZIP_DEFLATED) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", kind) as packed:
        for name, data in entries:
            packed.writestr(name, data)
    return target.getvalue()


def test_the_sample_is_read_and_written_to_the_same():
    bundle = bundles.read(archive.texts(bringing.sample()))
    again = archive.packed(bundles.write(bundle))

    assert bundles.read(archive.texts(again)) == bundle
    assert archive.packed(bundles.write(bundles.read(archive.texts(again)))) == again
    assert [step["stage"] for step in bundle.workflow["stages"]] == [
        "base_system", "judgement_v1", "agency_detect_v1", "category_select_v1", "semantic_analysis_v1",
        "service_select_v1", "multi_agency_service_answer_v1",
    ]  # fmt: skip
    assert set(bundle.stages) == {step["stage"] for step in bundle.workflow["stages"]}


@pytest.mark.parametrize(
    "name",
    [
        "../manifest.yaml", "/etc/manifest.yaml", "C:\\manifest.yaml", "a/../b.yaml", "a//b.yaml", "./a.yaml",
        ".git/a.md",
        "a\u202eb.yaml", "a b.yaml", "a.exe", "x" * 101 + ".md", "a/b/c/d/e/f/g/h/i/j.md", "con\n.md",
    ],
)  # fmt: skip
def test_names_that_lead_elsewhere_are_refused(name):
    with pytest.raises(BundleRefused):
        archive.texts(zipped((name, "x")))


def test_links_are_refused():
    link = zipfile.ZipInfo("prompts/a.md")
    link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16

    with pytest.raises(BundleRefused, match="link"):
        archive.texts(zipped((link, "/etc/passwd")))


def test_names_that_are_one_on_some_machine_are_refused():
    with pytest.raises(BundleRefused, match="one name"):
        archive.texts(zipped(("tools/a.yaml", "x"), ("tools/A.yaml", "y")))
    with pytest.warns(UserWarning, match="Duplicate"):
        twice = zipped(("tools/a.yaml", "x"), ("tools/a.yaml", "y"))
    with pytest.raises(BundleRefused, match="one name"):
        archive.texts(twice)
    with pytest.raises(BundleRefused, match="a file and a folder"):
        archive.texts(zipped(("a.md", "x"), ("a.md/b.md", "y")))


def test_what_unpacks_to_too_much_is_refused():
    with pytest.raises(BundleRefused, match="too large"):
        archive.texts(zipped(("a.md", b"x" * (archive.ONE_FILE + 1))))
    with pytest.raises(BundleRefused, match="to 1"):
        archive.texts(zipped(("a.md", b"x" * 1_000_000)))
    with pytest.raises(BundleRefused, match="500 files"):
        archive.texts(zipped(*((f"a{number}.md", "x") for number in range(501))))
    noise = bytes(range(33, 127)) * 20_000
    with pytest.raises(BundleRefused, match="too large"):
        archive.texts(zipped(*((f"a{number}.md", noise) for number in range(6)), kind=zipfile.ZIP_STORED))


def test_a_header_that_lies_about_its_size_is_found_out():
    honest = zipped(("a.md", b"x" * 50_000))
    liar = honest.replace((50_000).to_bytes(4, "little"), (10).to_bytes(4, "little"))

    with pytest.raises(BundleRefused):
        archive.texts(liar)


@pytest.mark.parametrize(
    "data", [b"", b"PK\x03\x04", b"%PDF-1.7", zipped(("a.md", b"\xff\xfe")), zipped(("a.md", "\0"))]
)
def test_what_is_no_archive_of_texts_is_refused(data):
    with pytest.raises(BundleRefused):
        archive.texts(data)


@pytest.mark.parametrize(
    "text",
    [
        "a: &x 1\nb: *x", "&x [1]", "a: !!python/object/apply:os.system ['x']", "!!binary aGk=", "a: !x 1",
        "a: 1\na: 2",
        "a: 1\n---\nb: 2", "[" * 40 + "]" * 40, "a: [1, 2", "\t- a", "? [a]\n: b", "true: 1", "- 1\n" * 20_001,
    ],
)  # fmt: skip
def test_yaml_that_means_more_than_it_says_is_refused(text):
    with pytest.raises(plain_yaml.NotPlain):
        plain_yaml.load(text)


def test_yaml_words_stay_words():
    read = plain_yaml.load(
        "a: [no, on, 12:30:45, 2026-11-02, 0o7, 1_000, .inf, 1e3, '1', 1, -2.5, true, null, ~]\n2: x"
    )

    words = ["no", "on", "12:30:45", "2026-11-02", "0o7", "1_000", ".inf", "1e3", "1"]
    assert read == {"a": [*words, 1, -2.5, True, None, None], "2": "x"}
    assert plain_yaml.load(plain_yaml.dump(read)) == read


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({"stages/a.yaml": "id: a\n"}, "manifest.yaml"),
        ({"manifest.yaml": "id: a\nstages:\n- stage: b\n", "prompts/x.md": "x"}, "prompts/x.md"),
        ({"manifest.yaml": "id: a\nstages:\n- stage: b\n", "stages/b.yaml": "id: c\n"}, "another name"),
        (
            {"manifest.yaml": "id: a\nstages:\n- stage: b\n", "stages/b.yaml": "id: b\nprompt_file: ../x\n"},
            "not in prompts/",
        ),
        ({"manifest.yaml": "id: a\nstages:\n- stage: b\n", "stages/b.yaml": "- b\n"}, "no mapping"),
    ],
)  # fmt: skip
def test_a_bundle_that_is_not_whole_is_refused(files, says):
    with pytest.raises(BundleRefused, match=says):
        bundles.read(files)
