"""The motline command, run as people run it."""

from __future__ import annotations

import json
import re
import socket
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from bot.intake import COLUMNS
from tests.terminal import motline, running

HEAVY = ("aiogram", "twilio.rest", "rasa_sdk", "wechatpy", "sklearn", "aiosmtpd", "aioimaplib")


def test_help_names_every_command(tmp_path: Path) -> None:
    shown = motline(tmp_path, "--help").stdout
    for command in [
        "run",
        "web",
        "worker",
        "migrate",
        "check",
        "simulate",
        "fire",
        "customers",
        "customer",
        "admin",
        "inspect",
        "read",
        "learn",
    ]:
        assert re.search(rf"\b{command}\b", shown), command


def test_a_wrong_setting_is_one_line_and_exit_code_two(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("[telegram]\ntokn = 'sesame'\n", "utf-8")
    for command in (["run"], ["admin", "link", "Ann"]):
        done = motline(tmp_path, *command)
        assert done.returncode == 2
        assert done.stderr == "motline: config.toml:2: telegram.tokn: there is no such setting; did you mean 'token'?\n"
        assert done.stdout == ""


def test_a_database_that_is_gone_at_start_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file where the folder should be", "utf-8")
    done = motline(tmp_path, "run", MOTLINE_SERVER__PORT="0")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    nowhere = motline(
        tmp_path,
        "run",
        MOTLINE_SERVER__PORT="0",
        MOTLINE_DATABASE__URL="postgresql://u:sesame@127.0.0.1:1/x",
        MOTLINE_SECRET_KEY="ab" * 32,
    )
    assert nowhere.returncode == 2
    assert len(nowhere.stderr.splitlines()) == 1
    assert "database.url" in nowhere.stderr
    assert "sesame" not in nowhere.stderr


def test_a_port_in_use_is_one_line_with_the_fix(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = motline(tmp_path, "run", MOTLINE_SERVER__PORT=str(port))
    assert done.returncode == 2
    assert f"server.port = {port}: cannot listen there" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_running_server_has_loaded_no_platform_that_is_off(tmp_path: Path) -> None:
    spy = tmp_path / "sitecustomize.py"
    spy.write_text(
        "import atexit, sys\n"
        "atexit.register(lambda: open('modules.txt', 'w').write('\\n'.join(sorted(sys.modules))))\n",
        "utf-8",
    )
    root = Path(__file__).parents[2]
    with running(tmp_path, PYTHONPATH=f"{tmp_path}:{root}") as (address, _said, _process):
        assert httpx.get(f"{address}/readyz").status_code == 200
        assert httpx.get(f"{address}/chat").status_code == 200
        body = {"id": "a1", "text": "the soup was cold", "visitor": "ab" * 16}
        assert httpx.post(f"{address}/webchat", json=body).status_code == 200
    loaded = set((tmp_path / "modules.txt").read_text("utf-8").split())
    assert "starlette" in loaded
    assert sorted(loaded.intersection(HEAVY)) == []


def test_the_first_thing_said_is_the_address_then_a_sign_in_link_that_works(tmp_path: Path) -> None:
    with running(tmp_path) as (address, said, process):
        first, second = said.splitlines()[:2]
        assert first == f"Motline is at {address}/"
        link = second.rpartition(" ")[2]
        assert link.startswith(f"{address}/sign-in/")
        assert httpx.get(f"{address}/").status_code == 200
        entered = httpx.post(link)
        assert entered.status_code == 303
        console = httpx.get(f"{address}/console/", cookies=entered.cookies)
        assert "Admin" in console.text
        assert "Admin" not in httpx.get(f"{address}/console/").text
        second_process = motline(tmp_path, "run", MOTLINE_SERVER__PORT="0")
        assert second_process.returncode == 2
        assert "PostgreSQL" in second_process.stderr
        assert len(second_process.stderr.splitlines()) == 1
    assert oct((tmp_path / "data" / "secret.key").stat().st_mode)[-3:] == "600"
    assert process.returncode == 0
    with running(tmp_path) as (_address, said, _process):
        assert "/sign-in/" not in said
        assert "motline admin link Admin" in said


def test_commands_work_beside_a_serving_process(tmp_path: Path) -> None:
    (tmp_path / "new.csv").write_text(
        "external_id,name,email,orders,consents,consent_source\nc1,Ann,ann@example.com,3,service;research,shop\n",
        "utf-8",
    )
    with running(tmp_path, MOTLINE_BUSINESS__QUIET_HOURS="") as (address, _said, _process):
        imported = motline(tmp_path, "customers", "import", "new.csv")
        assert (imported.returncode, imported.stdout) == (0, "1 created, 0 updated, 0 refused\n")
        fired = motline(tmp_path, "fire", "order.delivered", "c1", "--data", "store=desk", "--id", "o1")
        assert (fired.returncode, fired.stdout) == (0, "order.delivered for Ann: taken\n")
        assert "was taken before" in motline(tmp_path, "fire", "order.delivered", "c1", "--id", "o1").stdout
        link = motline(tmp_path, "admin", "link", "Ann", MOTLINE_SERVER__PUBLIC_URL="").stdout.strip()
        assert httpx.post(address + "/sign-in/" + link.rpartition("/")[2]).status_code == 303
        store = sqlite3.connect(tmp_path / "data" / "motline.db")
        for _ in range(200):
            if store.execute("SELECT id FROM outbox").fetchall():
                break
            time.sleep(0.05)
        store.close()
        known = json.loads(motline(tmp_path, "customer", "export", "c1").stdout)
        assert "ann@example.com" in json.dumps(known)
        assert "How likely" in json.dumps(known)
        assert motline(tmp_path, "customer", "erase", "c1", "--yes").returncode == 0
        assert motline(tmp_path, "customer", "export", "c1").returncode == 2


def test_a_customer_who_is_not_known_is_named_with_the_fix(tmp_path: Path) -> None:
    assert motline(tmp_path, "migrate").returncode == 0
    assert motline(tmp_path, "migrate").stdout == "nothing to do: the store is up to date\n"
    done = motline(tmp_path, "fire", "order.delivered", "nobody")
    assert done.returncode == 2
    assert "no customer is known as 'nobody'" in done.stderr


def test_a_command_in_the_wrong_folder_says_so_and_makes_nothing(tmp_path: Path) -> None:
    done = motline(tmp_path, "fire", "x", "y")
    assert done.returncode == 2
    assert "there is no store at data/motline.db" in done.stderr
    assert "motline migrate" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_store_that_is_too_old_is_refused_with_the_command(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    sqlite3.connect(tmp_path / "data" / "motline.db").close()
    (tmp_path / "data" / "motline.db").touch()
    done = motline(tmp_path, "fire", "x", "y")
    assert done.returncode == 2
    assert "run: motline migrate" in done.stderr


def test_the_help_of_an_import_names_the_columns_that_are_read(tmp_path: Path) -> None:
    shown = motline(tmp_path, "customers", "import", "--help").stdout
    for column in COLUMNS:
        assert column in shown
    assert "consent_service" not in shown


def test_check_names_file_line_and_fix(tmp_path: Path) -> None:
    (tmp_path / "mine.yml").write_text(
        "dialog: mine\nlanguages: [en]\npurpose: service\nsteps:\n  - collect: nps\n    type: nsp\n    ask: Well?\n",
        "utf-8",
    )
    done = motline(tmp_path, "check", "mine.yml")
    assert done.returncode == 1
    assert "mine.yml:6:" in done.stdout
    assert "'nps'" in done.stdout
    assert motline(tmp_path, "check").returncode == 0
    assert "cannot be read" in motline(tmp_path, "check", "none.yml").stderr


def test_check_says_in_the_language_that_is_asked_for_that_it_cannot_read(tmp_path: Path) -> None:
    (tmp_path / "gbk.yml").write_bytes("title: 回访".encode("gbk"))
    for file, said in (
        ("none.yml", "none.yml：无法读取（没有这个文件），请检查文件名和权限"),
        (".", ".：无法读取（这是文件夹），请检查文件名和权限"),
        ("gbk.yml", "gbk.yml：编码不是 UTF-8，请另存为 UTF-8"),
    ):
        refused = motline(tmp_path, "check", file, "--language", "zh")
        assert refused.returncode == 2
        assert refused.stderr == f"motline: {said}\n"
    english = motline(tmp_path, "check", "none.yml", "--language", "en").stderr
    assert english == "motline: none.yml: cannot be read (No such file or directory); check the name and the rights\n"


def test_check_speaks_the_language_that_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "mine.yml").write_text(
        "dialog: mine\nlanguages: [en]\npurpose: service\nsteps:\n  - collect: nps\n    type: nsp\n    ask: Well?\n",
        "utf-8",
    )
    chinese = "mine.yml:6: “type: nsp”不是可用的写法；是不是想写“nps”？\n检查了 1 份：1 处错误，0 处提醒\n"
    assert motline(tmp_path, "check", "mine.yml", "--language", "zh").stdout == chinese
    assert motline(tmp_path, "check", "mine.yml", LC_ALL="zh_CN.UTF-8").stdout == chinese
    played = motline(tmp_path, "simulate", "mine.yml", "5", LC_ALL="zh_CN.UTF-8")
    assert played.stdout == chinese.partition("\n")[0] + "\n"
    (tmp_path / "config.toml").write_text("[business]\nlanguage = 'en'\n", "utf-8")
    english = "mine.yml:6: 'type: nsp' is not known; did you mean 'nps'?\n1 checked: 1 errors, 0 warnings\n"
    assert motline(tmp_path, "check", "mine.yml", LC_ALL="zh_CN.UTF-8").stdout == english
    refused = motline(tmp_path, "check", "mine.yml", "--language", "fr")
    assert refused.returncode == 2
    assert "'fr' is not one of" in refused.stderr


def test_a_slip_in_one_dialog_is_seen_by_what_another_sets(tmp_path: Path) -> None:
    top = "languages: [en]\npurpose: service\nsteps:\n"
    (tmp_path / "sets.yml").write_text(f"dialog: sets\n{top}  - set: {{profile.favourite: tea}}\n", "utf-8")
    (tmp_path / "says.yml").write_text(f'dialog: says\n{top}  - say: "{{{{ profile.favorite }}}}"\n', "utf-8")
    assert "1 checked: 0 errors, 0 warnings" in motline(tmp_path, "check", "says.yml").stdout
    done = motline(tmp_path, "check", "says.yml", "sets.yml")
    assert done.returncode == 0
    assert "did you mean 'profile.favourite'?" in done.stdout


def test_simulate_plays_a_dialog(tmp_path: Path) -> None:
    done = motline(tmp_path, "simulate", "delivery_checkin", "9", "--language", "zh", "--name", "李华")
    assert done.returncode == 0
    assert "李华" in done.stdout
    assert "nps = 9" in done.stdout
    assert "did you mean 'delivery_checkin'" in motline(tmp_path, "simulate", "delivery_chekin").stderr
    assert "speaks en, zh" in motline(tmp_path, "simulate", "delivery_checkin", "--language", "fr").stderr


@pytest.mark.parametrize("said", ["退订", "stop!", "/stop"])
def test_a_stop_ends_what_simulate_plays(tmp_path: Path, said: str) -> None:
    done = motline(tmp_path, "simulate", "delivery_checkin", "3", said, "STOP")
    assert done.returncode == 0
    end = [
        f"you> {said}",
        "bot> You will get no more service messages from Motline. Reply START to get them again.",
        "   ! stopped",
        "you> STOP",
        "bot> You will get no more messages from Motline. Reply START to get them again.",
    ]
    assert done.stdout.splitlines()[-5:] == end


@pytest.mark.parametrize("module", ["bot.cli", "bot.app"])
def test_importing_the_program_loads_no_platform(module: str) -> None:
    code = f"import {module}, sys; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert sorted(set(loaded.stdout.split()).intersection((*HEAVY, "nicegui", "fastapi"))) == []
