"""Settings: the file and the environment, read strictly; every refusal is one line that can be acted on."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from dataclasses import fields, is_dataclass
from datetime import time, timedelta
from pathlib import Path

import pytest

from bot.config import Config, ConfigError, Hours, load
from bot.config_values import duration, hours

ROOT = Path(__file__).parents[2]
KEY = "ab" * 32


def written(folder: Path, text: str) -> Path:
    path = folder / "config.toml"
    path.write_text(text, "utf-8")
    return path


def refused(path: Path, **environ: str) -> str:
    with pytest.raises(ConfigError) as caught:
        load(path, environ)
    message = str(caught.value)
    assert "\n" not in message
    return message


def every_setting() -> set[str]:
    found = set()
    for section in fields(Config):
        value = getattr(Config(), section.name)
        assert is_dataclass(value)
        found |= {f"{section.name}.{one.name}" for one in fields(value)}
    return found


def test_the_shipped_file_holds_every_setting_with_its_default() -> None:
    table = tomllib.loads((ROOT / "config.toml").read_text("utf-8"))
    assert {f"{section}.{key}" for section, keys in table.items() for key in keys} == every_setting()
    assert load(ROOT / "config.toml", {}) == Config()


def test_every_setting_is_explained_in_the_documents() -> None:
    page = (ROOT / "docs" / "configuration.md").read_text("utf-8")
    section, named = "", set()
    for line in page.splitlines():
        if line.startswith("## ["):
            section = line.removeprefix("## [").rstrip("]")
        elif line.startswith("| `"):
            named.add(f"{section}.{line.split('`')[1]}")
    assert named == every_setting()


def test_without_a_file_the_defaults_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert load(None, {}) == Config()


def test_a_file_that_was_named_must_exist(tmp_path: Path) -> None:
    assert "there is no such file" in refused(tmp_path / "other.toml")


def test_the_environment_goes_before_the_file(tmp_path: Path) -> None:
    path = written(tmp_path, "[server]\nport = 9000\nhost = '0.0.0.0'\n")
    config = load(path, {"MOTLINE_SERVER__PORT": "9001", "MOTLINE_DESK__SLA": "90m", "PATH": "/bin"})
    assert (config.server.port, config.server.host, config.desk.sla) == (9001, "0.0.0.0", timedelta(minutes=90))


def test_the_environment_may_name_the_file(tmp_path: Path) -> None:
    path = written(tmp_path, '[business]\nname = "Jade Hotel"\n')
    config = load(None, {"MOTLINE_CONFIG": str(path)})
    assert config.brand == "Jade Hotel"


def test_a_misspelt_key_is_named_with_its_line_and_the_nearest_one(tmp_path: Path) -> None:
    path = written(tmp_path, '# mine\n[server]\nport = 8080\n\n[telegram]\ntokn = "1:abc"\n')
    assert refused(path) == f"{path}:6: telegram.tokn: there is no such setting; did you mean 'token'?"


def test_a_misspelt_section_is_named_with_its_line_and_the_nearest_one(tmp_path: Path) -> None:
    path = written(tmp_path, "\n[telegrm]\nenabled = true\n")
    assert refused(path) == f"{path}:2: [telegrm]: there is no section 'telegrm'; did you mean 'telegram'?"


def test_a_setting_outside_a_section_is_refused_with_the_fix(tmp_path: Path) -> None:
    path = written(tmp_path, "port = 8080\n")
    assert "there is no section 'port'" in refused(path)
    path = written(tmp_path, "server = 8080\n")
    assert "write [server] above its settings" in refused(path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[server]\nport = '80'x", "not valid TOML"),
        ("[server]\nport = true", ":2: server.port = True: write a whole number"),
        ("[server]\nport = 80.5", ":2: server.port = 80.5: write a whole number"),
        ("[sms]\nper_second = 'fast'", ":2: sms.per_second = 'fast': write a number"),
        ("[webchat]\nenabled = 'perhaps'", ":2: webchat.enabled = 'perhaps': write true or false"),
        ("[business]\nname = 7", ":2: business.name = 7: write a text in quotes"),
        ("[desk]\nsla = '4 hours'", ":2: desk.sla = '4 hours': write a duration such as '30d'"),
        ("[desk]\nsla = 4", ":2: desk.sla = 4: write a duration"),
        ("[business]\nquiet_hours = 'night'", "write hours such as '21:00-09:00'"),
        ("[telegram]\nmode = 'pollin'", "write one of 'auto', 'webhook', 'polling'; did you mean 'polling'?"),
        ("[business]\ntimezone = 'Asia/Beijing'", "no time zone; write an IANA name such as 'Asia/Shanghai'"),
        ("[server]\npublic_url = 'feedback.example.com'", "write it whole, as in 'https://"),
        ("[server]\nport = 70000", "server.port = 70000 is no port"),
        ("[server]\nworkers = 4", "server.workers = 4 needs PostgreSQL"),
        ("[database]\nurl = 'mysql://x'", "write 'sqlite://data/motline.db' or 'postgresql://"),
        ("[unhappy]\nthreshold = 80", "unhappy.threshold = 80.0 must lie between 0 and 1"),
        ("[telegram]\nenabled = true", "telegram.token is missing"),
        ("[sms]\nenabled = true\naccount_sid = 'AC1'", "sms.auth_token is missing"),
        ("[email]\nenabled = true\nsmtp_host = 'x'\nsender = 'nobody'", "email.sender = 'nobody' is no mail address"),
        (
            "[email]\nenabled = true\nsmtp_host = 'x'\nsender = 'a@b.example'\nreply_address = 'reply+x@b.example'",
            "email.reply_address = 'reply+x@b.example' is no plain mail address",
        ),
        (
            "[email]\nenabled = true\nsmtp_host = 'x'\nsender = 'a@b.example'\n"
            "reply_address = 'answers-to-our-feedback@b.example'",
            "before the @ has more than 18 characters",
        ),
        ("[wechat]\nenabled = true\napp_id = 'wx1'\napp_secret = 's'", "wechat.token is missing"),
        ("[wecom]\nenabled = true\ncorp_id = 'ww1'", "wecom.agent_id is missing"),
        ("[actions]\nurl = 'http://127.0.0.1:5055/webhook'\npackage = 'acts'", "keep one"),
        ("[actions]\ntimeout = '2m'", "actions.timeout = 120 s is too long"),
        ("[delivery]\nlease = '10s'", "delivery.lease = 10 s must be longer than delivery.timeout (15 s)"),
    ],
)
def test_a_wrong_value_is_named_with_the_fix(tmp_path: Path, text: str, said: str) -> None:
    assert said in refused(written(tmp_path, text))


def test_a_missing_secret_says_where_to_put_it(tmp_path: Path) -> None:
    path = written(tmp_path, "[telegram]\nenabled = true\n")
    assert refused(path).endswith("set token in [telegram] or MOTLINE_TELEGRAM__TOKEN")


def test_a_secret_is_in_no_message_and_in_no_repr(tmp_path: Path) -> None:
    path = written(tmp_path, "[telegram]\nenabled = true\ntoken = 'sesame-opens'\n")
    assert "sesame" not in refused(path)
    assert "sesame" not in refused(written(tmp_path, ""), MOTLINE_SECRET_KEY="sesame-opens")
    config = load(written(tmp_path, "[sms]\nauth_token = 'sesame-opens'\n"), {})
    assert config.sms.auth_token == "sesame-opens"
    assert "sesame" not in repr(config)


def test_a_password_in_the_database_address_is_not_shown(tmp_path: Path) -> None:
    config = load(
        written(tmp_path, "[database]\nurl = 'postgresql://motline:sesame@db/motline'\n"),
        {"MOTLINE_SECRET_KEY": KEY},
    )
    assert "sesame" not in repr(config)


def test_postgresql_needs_a_key_that_all_processes_share(tmp_path: Path) -> None:
    path = written(tmp_path, "[database]\nurl = 'postgresql://motline@db/motline'\n")
    assert refused(path).startswith("MOTLINE_SECRET_KEY is missing")
    assert load(path, {"MOTLINE_SECRET_KEY": KEY}).secrets.key == KEY


def test_a_webhook_of_telegram_needs_a_secret(tmp_path: Path) -> None:
    lines = "[telegram]\nenabled = true\ntoken = '1:abcd'\n[server]\npublic_url = 'https://a.example'\n"
    assert refused(written(tmp_path, lines)).startswith("telegram.secret is missing")
    polling = load(written(tmp_path, lines), {"MOTLINE_TELEGRAM__MODE": "polling"})
    assert polling.telegram.mode == "polling"


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({"MOTLINE_TELEGRAM__TOKN": "x"}, "MOTLINE_TELEGRAM__TOKN: there is no such setting; did you mean 'token'?"),
        ({"MOTLINE_TELGRAM__TOKEN": "x"}, "there is no section 'telgram'; did you mean 'telegram'?"),
        ({"MOTLINE_PORT": "1"}, "write MOTLINE_SECTION__KEY"),
        ({"MOTLINE_SERVER__PORT": "x"}, "MOTLINE_SERVER__PORT = 'x': write a whole number"),
    ],
)
def test_the_environment_is_read_as_strictly_as_the_file(tmp_path: Path, environ: dict[str, str], said: str) -> None:
    assert said in refused(written(tmp_path, ""), **environ)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("500ms", timedelta(milliseconds=500)),
        ("30s", timedelta(seconds=30)),
        ("15m", timedelta(minutes=15)),
        ("1.5h", timedelta(minutes=90)),
        ("30d", timedelta(days=30)),
        ("2w", timedelta(days=14)),
        ("24mo", timedelta(days=730)),
        ("1y", timedelta(days=365)),
    ],
)
def test_durations_are_read(text: str, value: timedelta) -> None:
    assert duration(text) == value


def test_quiet_hours_may_run_over_midnight() -> None:
    night = hours("21:00-09:00")
    assert night == Hours(time(21), time(9))
    assert night is not None
    assert [night.holds(time(hour)) for hour in (20, 21, 3, 9)] == [False, True, True, False]
    assert hours("") is None


def test_lists_are_written_in_the_environment_with_commas() -> None:
    from bot.config_values import convert

    assert convert("en, zh", tuple[str, ...]) == ("en", "zh")
    assert convert(["en"], tuple[str, ...]) == ("en",)


def test_reading_the_settings_loads_no_platform_and_no_web_library() -> None:
    code = "import bot.config as c, sys; c.load(None, {}); print(*sorted(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    heavy = {"pydantic", "starlette", "fastapi", "tortoise", "aiogram", "twilio", "nicegui", "rasa_sdk", "wechatpy"}
    assert heavy.isdisjoint(loaded.stdout.split())
