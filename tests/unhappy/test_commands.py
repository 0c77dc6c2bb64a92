"""`motline read` and `motline learn`, as a person types them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from bot.learn_rows import Correction, corrections_to_csv, examples, read_rows
from bot.mood_commands import learn, read
from bot.mood_store import MoodStoreError, WeightFolder, reader_in, reader_of, version_of, weights_of
from dialogs.unhappy_weights import WeightsError, dump_weights, load_weights, shipped_weights

APP = typer.Typer()
APP.command("read")(read)
APP.command("learn")(learn)

BAD = "the {} was wobbly and the {} wobbled too"
FINE = "a {} like any {} one gets"
NOUNS = ["chair", "stool", "table", "bench", "shelf", "ladder", "lamp", "desk", "door", "crate", "cart", "rack"]


def run(*arguments: str, feed: str | bytes | None = None) -> tuple[int, str, str]:
    result = CliRunner().invoke(APP, list(arguments), input=feed)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "mood"


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    path = tmp_path / "corrections.csv"
    items = [Correction(BAD.format(a, b), True) for a in NOUNS for b in NOUNS[:4]]
    items += [Correction(FINE.format(a, b), False) for a in NOUNS for b in NOUNS[:4]]
    path.write_text(corrections_to_csv(items), encoding="utf-8")
    return path


def test_read_prints_a_line_of_json_for_each_text(store: Path) -> None:
    code, out, _ = run("read", "太慢了", "great food", "--store", str(store))
    found = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert [item["language"] for item in found] == ["zh", "en"]
    assert found[0]["unhappy"] > 0.5 > found[1]["unhappy"]
    assert {"unhappy", "topics", "why", "language"} <= found[0].keys()


def test_read_takes_lines_from_standard_input_one_reading_for_each_even_an_empty_one(store: Path) -> None:
    feed = '太慢了\n\n{"text": "great"}\n"awful"\n{not json\n'.encode() + b"\xff\xfe bad bytes\n"
    code, out, _ = run("read", "--json", "--store", str(store), feed=feed)
    assert code == 0
    assert len(out.splitlines()) == 6
    assert json.loads(out.splitlines()[3])["unhappy"] > 0.5


def test_read_uses_the_business_own_words(tmp_path: Path, store: Path) -> None:
    words = tmp_path / "words.txt"
    words.write_text("language en\n[polarity]\nwobbly = -3\n[topic furniture]\nchair\n", encoding="utf-8")
    _, before, _ = run("read", "wobbly chair", "--store", str(store))
    _, after, _ = run("read", "wobbly chair", "--words", str(words), "--store", str(store))
    assert "furniture" in json.loads(after)["topics"]
    assert "wobbly" in json.loads(after)["why"]
    assert json.loads(after)["unhappy"] > json.loads(before)["unhappy"]


def test_words_in_the_folder_of_the_weights_are_used_without_being_named(store: Path) -> None:
    store.mkdir()
    (store / "words.txt").write_text("language zh\n[always person]\n叫你们店长\n", encoding="utf-8")
    assert reader_in(store).read("叫你们店长出来").always


def test_the_version_of_a_folder_changes_with_its_words_and_its_weights(store: Path) -> None:
    empty = version_of(store)
    store.mkdir()
    (store / "words.txt").write_text("language zh\n", encoding="utf-8")
    with_words = version_of(store)
    WeightFolder(store).switch("shipped")
    assert len({empty, with_words, version_of(store)}) == 3


def test_a_wrong_line_in_a_word_list_names_file_line_and_fix(tmp_path: Path, store: Path) -> None:
    words = tmp_path / "words.txt"
    words.write_text("language en\n[polarity]\nwobbly = bad\n", encoding="utf-8")
    code, _, err = run("read", "x", "--words", str(words), "--store", str(store))
    assert code == 2
    assert "words.txt:3" in err
    assert "'bad'" in err


def test_learning_from_corrections_keeps_new_weights_and_switches_only_when_told(store: Path, rows: Path) -> None:
    pytest.importorskip("sklearn", reason="learning needs the extra 'learn'; untested: motline learn")
    text = BAD.format("sofa", "sofa")
    before = reader_in(store).read(text).unhappy
    code, out, err = run("learn", str(rows), "--store", str(store))
    assert code == 0, err
    assert "AUC" in out
    assert "in use" in out
    assert reader_in(store).read(text).unhappy == before
    name = out.split("Kept as ")[1].split(";")[0]
    assert run("learn", "--switch", name, "--store", str(store))[0] == 0
    after = reader_in(store)
    assert after.read(text).unhappy > max(before, 0.5)
    assert after.read("没有意见").unhappy < 0.5
    assert after.read("the food was great").unhappy < 0.2
    assert run("learn", "--back", "--store", str(store))[0] == 0
    assert reader_in(store).read(text).unhappy == before


def test_the_same_rows_teach_the_same_weights(store: Path, rows: Path) -> None:
    pytest.importorskip("sklearn", reason="learning needs the extra 'learn'; untested: motline learn")
    names = {run("learn", str(rows), "--store", str(store))[1].split("Kept as ")[1].split(";")[0] for _ in range(2)}
    assert len(names) == 1


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("text,label\nbad,1\n", ":1: no column y"),
        ("text,y\nbad,yes\n", ":2: y is 'yes'"),
        ("text,y\n", "nothing to learn from"),
        ("text,y\nслабо,1\nхорошо,0\n", "no row is Chinese or English"),
    ],
)
def test_rows_that_cannot_be_learned_from_are_refused_by_name(
    tmp_path: Path, store: Path, content: str, said: str
) -> None:
    pytest.importorskip("sklearn", reason="learning needs the extra 'learn'; untested: motline learn")
    path = tmp_path / "rows.csv"
    path.write_text(content, encoding="utf-8")
    code, _, err = run("learn", str(path), "--store", str(store))
    assert code == 2
    assert said in err


def test_too_few_rows_do_not_start_from_nothing(store: Path, rows: Path) -> None:
    pytest.importorskip("sklearn", reason="learning needs the extra 'learn'; untested: motline learn")
    code, _, err = run("learn", str(rows), "--anew", "--store", str(store))
    assert code == 2
    assert "too few" in err


def test_without_a_before_there_is_no_way_back(store: Path) -> None:
    with pytest.raises(MoodStoreError, match="no way back"):
        WeightFolder(store).back()


@pytest.mark.parametrize("name", ["nosuch", "../../etc/passwd", ""])
def test_weights_that_are_not_there_are_not_switched_to(store: Path, name: str) -> None:
    with pytest.raises(MoodStoreError, match="there are: shipped"):
        WeightFolder(store).switch(name)
    assert WeightFolder(store).history() == ["shipped"]


def test_a_broken_history_is_named_with_the_way_out(store: Path) -> None:
    store.mkdir()
    (store / "active.json").write_text("{", encoding="utf-8")
    with pytest.raises(MoodStoreError, match="delete it"):
        WeightFolder(store).active()


def test_corrections_survive_csv(tmp_path: Path) -> None:
    items = [Correction('送来, "凉了"\n两次', True, ("delivery", "quality")), Correction("没有意见", False)]
    path = tmp_path / "out.csv"
    path.write_text(corrections_to_csv(items), encoding="utf-8")
    found = read_rows(path)
    assert [(row.text, row.unhappy, row.topics) for row in found] == [
        (item.text, item.unhappy, item.topics) for item in items
    ]
    assert [item.row().language for item in items] == ["zh", "zh"]
    assert path.read_text(encoding="utf-8").splitlines()[0] == "text,y,topics"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_templates_give_many_different_examples_of_both_kinds(language: str) -> None:
    found = examples(language)
    assert len({row.text for row in found}) > 3000
    assert {row.unhappy for row in found} == {True, False}
    assert not any("{" in row.text or "[" in row.text for row in found)
    assert found == examples(language)


def test_weights_survive_their_bytes_and_the_bytes_are_always_the_same() -> None:
    data = dump_weights(shipped_weights())
    again = load_weights(data)
    assert dump_weights(again) == data
    assert again.languages["zh"].share == shipped_weights().languages["zh"].share
    assert reader_of(data).read("太慢了") == reader_of(None).read("太慢了")


@pytest.mark.parametrize("cut", [0, 5, 16, 1000, -1])
def test_bytes_that_are_no_weights_are_refused(cut: int) -> None:
    with pytest.raises(WeightsError, match="motline learn"):
        weights_of(dump_weights(shipped_weights())[:cut])
