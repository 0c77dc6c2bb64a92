"""How the tables of this folder are written: a reply, what it says, and what is left beside it."""

from typing import Final

from dialogs.answers import Question, Reading, read_answer

UNCLEAR: Final = "unsure"
NOTHING: Final = "none"
SKIPPED: Final = "skipped"
DECLINED: Final = "declined"


def got(question: Question, reply: str) -> object:
    """The value of the reading, or the word for why there is none."""
    reading = read_answer(question, reply)
    return reading.value if reading.how in {"exact", "read"} else f"<{reading.how}>"


def mistakes(question: Question, table: dict[str, object]) -> dict[str, tuple[object, Reading]]:
    """The replies of the table that are read otherwise, each with what was expected and what came."""
    wrong: dict[str, tuple[object, Reading]] = {}
    for reply, expected in table.items():
        came = got(question, reply)
        if came != expected or type(came) is not type(expected):
            wrong[reply] = (expected, read_answer(question, reply))
    return wrong
