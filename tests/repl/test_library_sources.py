"""Sources: real files as they are, everything else once into a cache that is never rewritten."""

import io
import os
import stat
import struct
import threading
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from nrepl_lsp.repl import library_sources
from nrepl_lsp.repl.library_sources import LibrarySources, PathMapping
from nrepl_lsp.tooling.values import SourceLocation

CORE = "(ns clojure.core)\n"


def file(path: Path | str, resource: str | None = None) -> SourceLocation:
    return SourceLocation("file", str(path), resource=resource)


def archive(path: Path, entry: str) -> SourceLocation:
    return SourceLocation("archive", str(path), entry)


def jar(path: Path, entries: dict[str, str | bytes], packed: int = zipfile.ZIP_DEFLATED) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(jar_bytes(entries, packed))
    return path


def jar_bytes(entries: dict[str, str | bytes], packed: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", packed) as target:
        for name, content in entries.items():
            target.writestr(name, content)
    return buffer.getvalue()


def source(path: Path, text: str = CORE) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def sources(cache: Path) -> LibrarySources:
    return LibrarySources(cache)


@pytest.fixture
def library(tmp_path: Path) -> Path:
    return jar(tmp_path / "libs/clojure 1.jar", {"clojure/core.clj": CORE, "clojure/": ""})


# -- real files -----------------------------------------------------------------------------


def test_a_real_file_is_given_as_it_is(
    sources: LibrarySources, cache: Path, tmp_path: Path
) -> None:
    path = source(tmp_path / "src/app.clj")
    assert sources.find(file(path)) == path
    assert not sources.holds(path)
    assert not cache.exists()


def test_a_folder_or_an_absent_file_is_no_source(sources: LibrarySources, tmp_path: Path) -> None:
    assert sources.find(file(tmp_path)) is None
    assert sources.find(file(tmp_path / "absent.clj")) is None
    assert sources.find(file("/" + "x" * 3000)) is None
    assert sources.find(file("/nul\0.clj")) is None


def test_another_machine_is_asked_for_a_file_only_if_the_user_has_mapped_it(
    sources: LibrarySources, tmp_path: Path, library: Path
) -> None:
    """Windows would send the user's credentials to a host that the server has named."""
    path = source(tmp_path / "share/a.clj")
    assert sources.find(file(f"/{path}")) is None
    assert sources.find(archive(Path(f"/{library}"), "clojure/core.clj")) is None
    class_path = [f"/{path.parent}", f"/{library}"]
    for name in ("a.clj", "clojure/core.clj"):
        assert sources.find(resource(name), class_path=class_path) is None
    mapping = PathMapping("//host/share", f"/{path.parent}")
    mapped = LibrarySources(tmp_path / "cache", [mapping])
    found = mapped.find(file("//host/share/a.clj"))
    assert found is not None
    assert found.samefile(path)


@pytest.mark.parametrize("name", ["\\\\host\\share\\a.clj", "/\\host/share/a.clj"])
def test_a_path_to_another_machine_is_not_looked_at(
    sources: LibrarySources, monkeypatch, name: str
) -> None:
    looked: list[Path] = []
    monkeypatch.setattr(Path, "is_file", lambda path: looked.append(path) or False)
    assert sources.find(file(name)) is None
    assert sources.find(archive(Path(name), "a.clj")) is None
    assert looked == []


def test_what_the_user_has_mapped_wins_over_a_file_of_the_same_name(tmp_path: Path) -> None:
    here = source(tmp_path / "here/a.clj")
    source(tmp_path / "there/a.clj", "another machine's namesake")
    mapping = PathMapping(str(tmp_path / "there"), str(tmp_path / "here"))
    sources = LibrarySources(tmp_path / "cache", [mapping])
    assert sources.find(file(tmp_path / "there/a.clj")) == here


def test_a_mapping_without_the_file_leaves_the_path_as_it_is(tmp_path: Path) -> None:
    path = source(tmp_path / "there/a.clj")
    sources = LibrarySources(tmp_path / "cache", [PathMapping(str(tmp_path), "/nowhere")])
    assert sources.find(file(path)) == path


@pytest.mark.parametrize(
    ("remote", "local", "path", "expected"),
    [
        ("/app", "/home/me/app", "/app/src/a.clj", "/home/me/app/src/a.clj"),
        ("/app/", "/home/me/app/", "/app/src/a.clj", "/home/me/app/src/a.clj"),
        ("/app", "/home/me", "/app", "/home/me"),
        ("/app", "/home/me", "/application/a.clj", None),
        ("/app", "/home/me", "/other/a.clj", None),
        ("/App", "/home/me", "/app/a.clj", None),
        ("/", "/mnt", "/app/a.clj", "/mnt/app/a.clj"),
        ("/app", "/", "/app/a.clj", "/a.clj"),
        ("/app", "/home/me", "/app/odd\\name.clj", "/home/me/odd\\name.clj"),
        ("C:\\proj", "/home/me", "C:\\proj\\src\\a.clj", "/home/me/src/a.clj"),
        ("C:\\proj\\", "/home/me", "c:/Proj/src/a.clj", "/home/me/src/a.clj"),
        ("C:/proj", "/home/me", "C:\\proj\\src\\a.clj", "/home/me/src/a.clj"),
        ("C:\\proj", "/home/me", "C:\\projects\\a.clj", None),
        ("\\\\host\\share", "/mnt", "\\\\host\\share\\a.clj", "/mnt/a.clj"),
    ],
)
def test_a_path_of_another_machine_is_mapped(
    remote: str, local: str, path: str, expected: str | None
) -> None:
    assert PathMapping(remote, local).apply(path) == expected


def test_the_workspaces_own_copy_is_found_by_the_longest_end_of_the_path(
    sources: LibrarySources, tmp_path: Path
) -> None:
    short = source(tmp_path / "project/src/app/core.clj")
    longer = source(tmp_path / "project/src/big/app/core.clj")
    folders = [tmp_path / "project"]
    assert sources.find(file("/srv/big/app/core.clj"), folders=folders) == longer
    assert sources.find(file("/srv/app/core.clj"), folders=folders) == short
    assert sources.find(file("/app/core.clj"), folders=folders) == short
    assert sources.find(file("D:\\srv\\app\\core.clj"), folders=folders) == short
    assert sources.find(file("/srv/../app/core.clj"), folders=folders) == short


def test_a_name_alone_is_not_taken_for_the_same_file(
    sources: LibrarySources, tmp_path: Path
) -> None:
    source(tmp_path / "project/src/core.clj")
    folders = [tmp_path / "project"]
    assert sources.find(file("/srv/other/core.clj"), folders=folders) is None
    assert sources.find(file("/core.clj"), folders=folders) is None


def test_a_file_of_another_machine_is_found_by_its_class_path_name(
    sources: LibrarySources, tmp_path: Path
) -> None:
    path = source(tmp_path / "project/src/app/util.clj")
    place = file("/srv/x/util.clj", resource="app/util.clj")
    assert sources.find(place, folders=[tmp_path / "project"]) == path
    unknown = file("/srv/app/util.clj", resource="elsewhere/util.clj")
    assert sources.find(unknown, folders=[tmp_path / "project"]) == path


# -- archives -------------------------------------------------------------------------------


def test_an_archives_entry_is_extracted_read_only(
    sources: LibrarySources, cache: Path, library: Path
) -> None:
    path = sources.find(archive(library, "clojure/core.clj"))
    assert path is not None
    assert path.read_text() == CORE
    assert path.parts[-2:] == ("clojure", "core.clj")
    assert stat.S_IMODE(path.stat().st_mode) == 0o444
    assert cache in path.parents
    assert sources.holds(path)
    assert [other.name for other in path.parent.iterdir()] == ["core.clj"]


def test_what_was_extracted_is_never_written_again(
    sources: LibrarySources, cache: Path, library: Path
) -> None:
    place = archive(library, "clojure/core.clj")
    path = sources.find(place)
    assert path is not None
    os.utime(path, ns=(1, 1))
    inode = path.stat().st_ino
    assert sources.find(place) == path
    assert LibrarySources(cache).find(place) == path
    assert (path.stat().st_mtime_ns, path.stat().st_ino) == (1, inode)


def test_a_changed_archive_is_extracted_beside_its_former_self(
    sources: LibrarySources, library: Path
) -> None:
    place = archive(library, "clojure/core.clj")
    before = sources.find(place)
    jar(library, {"clojure/core.clj": "newer"})
    after = sources.find(place)
    assert before is not None
    assert after is not None
    assert (before.read_text(), after.read_text()) == (CORE, "newer")


def test_an_archive_inside_an_archive_is_read(sources: LibrarySources, tmp_path: Path) -> None:
    inner = jar_bytes({"lib/a.clj": CORE})
    outer = jar(tmp_path / "app.jar", {"BOOT-INF/lib/inner.jar": inner})
    path = sources.find(archive(outer, "BOOT-INF/lib/inner.jar!/lib/a.clj"))
    assert path is not None
    assert path.read_text() == CORE
    assert sources.find(archive(outer, "BOOT-INF/lib/absent.jar!/lib/a.clj")) is None
    assert sources.find(archive(outer, "BOOT-INF/lib/inner.jar!/absent.clj")) is None


@pytest.mark.parametrize("entry", ["absent.clj", "clojure", "clojure/", "/", "", None])
def test_what_is_no_entry_is_no_source(
    sources: LibrarySources, library: Path, entry: str | None
) -> None:
    assert sources.find(SourceLocation("archive", str(library), entry)) is None
    core = sources.find(archive(library, "/clojure/core.clj"))
    assert core is not None
    assert core.read_text() == CORE


@pytest.mark.parametrize(
    "entry", ["../../evil.clj", "/../evil.clj", "a/../../../evil.clj", "..\\..\\evil.clj"]
)
def test_an_entry_that_points_outside_stays_in_the_cache(
    sources: LibrarySources, cache: Path, tmp_path: Path, entry: str
) -> None:
    library = jar(tmp_path / "evil.jar", {entry.lstrip("/"): "evil", "evil.clj": "good"})
    path = sources.find(archive(library, entry))
    assert path is not None
    assert cache.resolve() in path.resolve().parents
    good = sources.find(archive(library, "evil.clj"))
    assert good is not None
    assert (path.read_text(), good.read_text()) == ("evil", "good")


def test_entries_whose_names_need_changing_are_not_mixed_up(
    sources: LibrarySources, tmp_path: Path
) -> None:
    library = jar(tmp_path / "a.jar", {"é.clj": "1", "ö.clj": "2", "-.clj": "3"})
    found = [sources.find(archive(library, name)) for name in ("é.clj", "ö.clj", "-.clj")]
    assert [path and path.read_text() for path in found] == ["1", "2", "3"]


def test_a_zip_bomb_is_not_unpacked(
    sources: LibrarySources, cache: Path, tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.setattr(library_sources, "ENTRY_LIMIT", 1000)
    library = jar(tmp_path / "bomb.jar", {"bomb.clj": b"\0" * 100_000, "fits.clj": b"\0" * 1000})
    assert sources.find(archive(library, "bomb.clj")) is None
    assert not cache.exists()
    assert sources.find(archive(library, "fits.clj")) is not None


def test_an_archive_that_lies_about_a_size_is_read_to_the_limit_only(
    sources: LibrarySources, tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.setattr(library_sources, "ENTRY_LIMIT", 1000)
    data = jar_bytes({"bomb.clj": b"\0" * 100_000})
    lie = data.replace(struct.pack("<I", 100_000), struct.pack("<I", 10))
    (tmp_path / "bomb.jar").write_bytes(lie)
    assert sources.find(archive(tmp_path / "bomb.jar", "bomb.clj")) is None


def test_only_the_usual_ways_of_packing_are_read(sources: LibrarySources, tmp_path: Path) -> None:
    library = jar(tmp_path / "a.jar", {"a.clj": CORE}, zipfile.ZIP_BZIP2)
    assert sources.find(archive(library, "a.clj")) is None
    stored = jar(tmp_path / "b.jar", {"a.clj": CORE}, zipfile.ZIP_STORED)
    assert sources.find(archive(stored, "a.clj")) is not None


def test_a_damaged_archive_gives_the_workspaces_copy_or_nothing(
    sources: LibrarySources, tmp_path: Path
) -> None:
    whole = jar_bytes({"app/a.clj": "(def a 1)\n" * 1000})
    own = source(tmp_path / "project/src/app/a.clj")
    cut_short = whole[:40] + b"\xff" * 40 + whole[80:]
    for number, data in enumerate([b"", b"not a zip", whole[:-30], cut_short]):
        damaged = tmp_path / f"{number}.jar"
        damaged.write_bytes(data)
        place = archive(damaged, "app/a.clj")
        assert sources.find(place) is None, number
        assert sources.find(place, folders=[tmp_path / "project"]) == own
    absent = archive(tmp_path / "absent.jar", "app/a.clj")
    assert sources.find(absent, folders=[tmp_path / "project"]) == own


def test_the_same_entry_extracted_at_once_is_one_file(cache: Path, library: Path) -> None:
    """Two editors on one project: two processes, so two objects that know nothing of each other."""
    place = archive(library, "clojure/core.clj")
    start = threading.Barrier(8)

    def extract(_: int) -> tuple[Path | None, int]:
        start.wait(5)
        path = LibrarySources(cache).find(place)
        assert path is not None
        return path, path.stat().st_ino

    with ThreadPoolExecutor(8) as threads:
        found = set(threads.map(extract, range(8)))
    assert len(found) == 1
    (path, _) = found.pop()
    assert path is not None
    assert path.read_text() == CORE
    assert [other.name for other in path.parent.iterdir()] == ["core.clj"]


# -- the class path -------------------------------------------------------------------------


def resource(name: str) -> SourceLocation:
    return SourceLocation("resource", name)


def test_a_resource_is_looked_for_in_the_project_and_on_the_class_path(
    sources: LibrarySources, tmp_path: Path, library: Path
) -> None:
    own = source(tmp_path / "project/src/app/a.clj")
    lib = source(tmp_path / "checkouts/lib/b.clj")
    class_path = [
        str(tmp_path / "absent"),
        str(tmp_path / "absent.jar"),
        str(tmp_path / "checkouts"),
        str(library),
    ]

    def find(name: str) -> Path | None:
        return sources.find(resource(name), folders=[tmp_path / "project"], class_path=class_path)

    assert find("app/a.clj") == own
    assert find("lib/b.clj") == lib
    core = find("clojure/core.clj")
    assert core is not None
    assert core.read_text() == CORE
    assert find("nowhere.clj") is None


def test_relative_class_path_entries_are_the_projects_not_ours(
    sources: LibrarySources, tmp_path: Path, monkeypatch
) -> None:
    """The Clojure CLI writes `src`, relative to where the program was started."""
    source(tmp_path / "ours/modules/src/app/a.clj")
    jar(tmp_path / "ours/lib/b.jar", {"b.clj": CORE})
    monkeypatch.chdir(tmp_path / "ours")
    class_path = ["modules/src", "lib/b.jar", "../ours/modules/src", "", "."]
    for name in ("app/a.clj", "b.clj", "modules/src/app/a.clj"):
        assert sources.find(resource(name), class_path=class_path) is None
    assert sources.find(file("modules/src/app/a.clj")) is None

    own = source(tmp_path / "project/modules/src/app/a.clj")
    jar(tmp_path / "project/lib/b.jar", {"b.clj": CORE})
    folders = [tmp_path / "project"]
    assert sources.find(resource("app/a.clj"), folders=folders, class_path=class_path) == own
    packed = sources.find(resource("b.clj"), folders=folders, class_path=class_path)
    assert packed is not None
    assert packed.is_absolute()


@pytest.mark.parametrize("name", ["../secret.clj", "a/../../secret.clj", "..\\secret.clj", ""])
def test_a_resource_does_not_lead_out_of_its_folder(
    sources: LibrarySources, tmp_path: Path, name: str
) -> None:
    source(tmp_path / "secret.clj")
    (tmp_path / "project/a").mkdir(parents=True)
    folders = [tmp_path / "project"]
    assert sources.find(resource(name), folders=folders, class_path=map(str, folders)) is None


def test_an_absolute_name_is_no_resource(sources: LibrarySources, tmp_path: Path) -> None:
    secret = source(tmp_path / "secret.clj")
    assert sources.find(resource(str(secret)), folders=[tmp_path]) is None


# -- text -----------------------------------------------------------------------------------


def test_text_that_only_the_server_has_is_kept(sources: LibrarySources, cache: Path) -> None:
    place = SourceLocation("text", text="(ns a)\n(def λ 1)\n", resource="src/a b.cljs")
    path = sources.find(place)
    assert path is not None
    assert path.read_text(encoding="utf-8") == "(ns a)\n(def λ 1)\n"
    assert path.name == "a-b.cljs"
    os.utime(path, ns=(1, 1))
    assert sources.find(place) == path
    assert path.stat().st_mtime_ns == 1
    other = sources.find(SourceLocation("text", text="(ns b)\n"))
    assert other is not None
    assert (other.name, other.parent == path.parent) == ("source.clj", False)
    assert sources.find(SourceLocation("text", text="")) is None


# -- the cache ------------------------------------------------------------------------------


def test_a_cache_that_cannot_be_written_gives_way_to_a_temporary_one(
    tmp_path: Path, library: Path, monkeypatch
) -> None:
    monkeypatch.setattr(library_sources.tempfile, "tempdir", str(tmp_path))
    occupied = source(tmp_path / "occupied", "a file where the cache's folder should be")
    sources = LibrarySources(occupied / "cache")
    place = archive(library, "clojure/core.clj")
    path = sources.find(place)
    assert path is not None
    assert path.read_text() == CORE
    assert sources.holds(path)
    assert sources.find(place) == path
    text = sources.find(SourceLocation("text", text=CORE))
    assert text is not None
    assert text.parts[: len(tmp_path.parts) + 1] == path.parts[: len(tmp_path.parts) + 1]


def test_a_read_only_cache_still_gives_what_is_in_it(
    tmp_path: Path, cache: Path, library: Path, monkeypatch
) -> None:
    jar(library, {"a.clj": "a", "b.clj": "b"})
    before = LibrarySources(cache).find(archive(library, "a.clj"))
    assert before is not None
    monkeypatch.setattr(library_sources.tempfile, "tempdir", str(tmp_path))
    write = library_sources._write_once

    def refuse(path: Path, data: bytes) -> Path:
        if cache in path.parents:
            raise PermissionError(13, "Permission denied")
        return write(path, data)

    # For root nothing is read-only.
    monkeypatch.setattr(library_sources, "_write_once", refuse)
    sources = LibrarySources(cache)
    other = sources.find(archive(library, "b.clj"))
    assert other is not None
    assert cache not in other.parents
    assert sources.find(archive(library, "a.clj")) == before
    assert sources.holds(before)
    assert sources.holds(other)


def test_where_nothing_can_be_written_there_is_no_source(library: Path, monkeypatch, cache) -> None:
    def refuse(path: Path, data: bytes) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(library_sources, "_write_once", refuse)
    monkeypatch.setattr(library_sources.tempfile, "mkdtemp", lambda prefix: str(cache))
    sources = LibrarySources(cache)
    assert sources.find(archive(library, "clojure/core.clj")) is None
    assert sources.find(archive(library, "clojure/core.clj")) is None


def test_a_file_system_without_links_will_do(
    sources: LibrarySources, library: Path, monkeypatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    path = sources.find(archive(library, "clojure/core.clj"))
    assert path is not None
    assert path.read_text() == CORE
    assert [other.name for other in path.parent.iterdir()] == ["core.clj"]
