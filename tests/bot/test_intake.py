"""Customers from CSV files: what is taken, and how what is not is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.commands import import_customers
from bot.config import load
from bot.config_values import ConfigError
from bot.intake import FileError, Line, entry_of, lines_of
from storage.crypto import Keys
from storage.customers import Customers
from storage.database import Database


def lines(text: str, encoding: str = "utf-8") -> list[Line]:
    return list(lines_of(text.encode(encoding), "new.csv"))


def test_columns_become_fields_and_others_attributes() -> None:
    line = lines("external_id,name,sms,orders,zip,consents\nc1,Ann,+44 20 7946 0018,3,01234,service;research\n")[0]
    assert line.record is not None
    entry = entry_of(line.record)
    assert entry.addresses == [("sms", "+442079460018")]
    assert entry.attributes == {"orders": 3, "zip": "01234"}
    assert [(one.purpose, one.source) for one in entry.consents] == [("service", "import"), ("research", "import")]
    assert entry.timezone is None


def test_a_file_of_a_chinese_excel_is_read() -> None:
    line = lines("external_id,name\nc1,李伟\n", "gb18030")[0]
    assert line.record is not None
    assert line.record.name == "李伟"
    assert lines("\ufeffexternal_id\nc1\n")[0].record is not None


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("c1,,12", "sms: '12' is no phone number; write it with its country"),
        ("c1,Asia/Beijing,", "timezone: 'Asia/Beijing' is no time zone"),
        (",,+442079460018", "external_id: is missing"),
        ("c1,,,,x", "5 cells for 3 columns"),
    ],
)
def test_a_line_that_is_wrong_says_what_is_wrong(row: str, said: str) -> None:
    found = lines(f"external_id,timezone,sms\n{row}\n")[0]
    assert found.record is None
    assert found.number == 2
    assert said in str(found.said[0])


def test_a_consent_that_is_none_is_named() -> None:
    found = lines("external_id,consents\nc1,服务\n", "gb18030")[0]
    assert str(found.said[0]) == "consents: '服务' is not known; write 'service', 'marketing' or 'research'"


@pytest.mark.parametrize("raw", [b"PK\x03\x04\x14\x00\x06\x00", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"])
def test_an_excel_workbook_is_called_one(raw: bytes) -> None:
    with pytest.raises(ConfigError, match="is an Excel workbook; save it in Excel as 'CSV UTF-8'"):
        list(lines_of(raw, "new.csv"))


def test_columns_that_cannot_be_meant_are_refused() -> None:
    for text, said in (
        ("name,email\nAnn,a@b.c\n", "no column 'external_id'"),
        ("external_id,emial\nc1,x\n", "did you mean 'email'?"),
        ("external_id,name,name\nc1,a,b\n", "stands there twice"),
        ("external_id;name;sms\nc1;a;\n", "';' stands between the columns"),
        ("external_id\tname\nc1\ta\n", "save the file with commas"),
    ):
        with pytest.raises(ConfigError, match=said.replace("?", r"\?")):
            lines(text)


CHINESE = [
    ("c1,,12", "sms：'12' 不是电话号码，请带上国家代码，例如 '+8613800138000'"),
    ("c1,Asia/Beijing,", "timezone：'Asia/Beijing' 不是时区，请写 'Asia/Shanghai' 这样的 IANA 名称"),
    (",,+442079460018", "external_id：没有填写，每位客户都要有"),
    ("c1,,,,x", "有 5 格，但只有 3 列；含逗号的格子请用英文双引号括起来"),
    ("c" * 129 + ",,", "external_id：最多 128 个字符"),
]


@pytest.mark.parametrize(("row", "said"), CHINESE)
def test_a_line_that_is_wrong_says_so_in_chinese(row: str, said: str) -> None:
    found = lines(f"external_id,timezone,sms\n{row}\n")[0]
    assert [one.told("zh") for one in found.said] == [said]


def test_a_consent_that_is_none_is_named_in_chinese() -> None:
    found = lines("external_id,consents\nc1,服务\n")[0]
    said = "consents：没有 '服务' 这种写法，请写 'service', 'marketing' 或 'research'"
    assert [one.told("zh") for one in found.said] == [said]


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"PK\x03\x04", "new.csv：这是 Excel 工作簿，请在 Excel 里另存为“CSV UTF-8”，再导入那个文件"),
        (b"\xff\xff", "new.csv：编码既不是 UTF-8 也不是 GB18030，请另存为 UTF-8"),
        (
            b"externalid\na\n",
            "new.csv:1：缺少“external_id”（外部编号）这一列，以后要靠它认出客户；“externalid”是不是就是它？",
        ),
        (
            b"external_id,emial\n",
            "new.csv:1：不认识“emial”这一列；是不是想写“email”？其他列名会成为客户属性",
        ),
        (b"external_id;name\n", "new.csv:1：各列之间用的是 ';'，请另存为用英文逗号分隔的文件"),
        (b"external_id,name,name\n", "new.csv:1：“name”这一列出现了两次，请只留一列"),
    ],
)
def test_a_file_that_is_wrong_says_so_in_chinese(raw: bytes, said: str) -> None:
    with pytest.raises(FileError) as refused:
        list(lines_of(raw, "new.csv"))
    assert refused.value.said.told("zh") == said


def test_all_mistakes_of_a_line_are_told_by_their_columns() -> None:
    text = "external_id,timezone,email,sms,consents,consent_source,preferred_channel\n"
    found = lines(text + f"c1,Mars,li@,12,service;服务,{'x' * 201},fax\n")[0]
    assert [str(one).partition(":")[0] for one in found.said] == [
        "timezone",
        "preferred_channel",
        "email",
        "sms",
        "consent_source",
        "consents",
    ]


def test_an_attribute_that_cannot_be_kept_is_told_by_its_column() -> None:
    found = lines("external_id,size,note\nc1,3,a\0b\n")[0]
    assert str(found.said[0]).startswith("note: a text holds the character NUL")


def test_a_second_line_of_one_customer_is_refused_and_names_the_first() -> None:
    first, second, other, wrong, right = lines("external_id,sms\nc1,\nc1,\nc2,\nc3,12\nc3,\n")
    assert first.record is not None
    assert other.record is not None
    assert second.record is None
    assert second.number == 3
    assert str(second.said[0]).startswith("external_id c1 stands in line 2 already; this line is not taken")
    assert second.said[0].told("zh").startswith("external_id c1 在第 2 行已经出现过，本行没有导入")
    assert wrong.record is None
    assert right.record is not None


async def test_right_lines_are_kept_beside_wrong_ones(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, keys: Keys, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    config = load(None, {"MOTLINE_DATABASE__URL": sqlite_url, "MOTLINE_SECRET_KEY": bytes(range(32)).hex()})
    text = "external_id,name,email\n" + "".join(f"c{n},Name {n},n{n}@example.com\n" for n in range(450)) + "bad,,x\n"
    assert await import_customers(config, text.encode(), "new.csv") == 1
    again = await import_customers(config, b"external_id,name,email\nc7,New,\nother,O,n8@example.com\n", "two.csv")
    assert again == 1
    said = capsys.readouterr().out
    assert "450 created, 0 updated, 1 refused" in said
    assert "new.csv:452: email" in said
    assert "two.csv:3:" in said
    database = await Database.connect(sqlite_url, serving=False)
    try:
        found = await Customers(database, keys).find("email", "n7@example.com")
        assert found is not None
        assert found.name == "New"
        assert await Customers(database, keys).named("other") is None
    finally:
        await database.close()
