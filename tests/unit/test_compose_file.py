"""compose.yaml: valid, closed to the world, complete, and without a secret that everybody knows."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections import Counter

import pytest
from jsonschema import Draft202012Validator

from nexus.dispatch.models import Dispatcher
from nexus.queues.catalog import NAMES
from tests.support import compose

SECRETS = {
    "SECRET_KEY": "k" * 64,
    "POSTGRES_PASSWORD": "p" * 64,
    "VALKEY_PASSWORD": "v" * 64,
    "FLOWER_BASIC_AUTH": "board:" + "f" * 32,
}
REQUIRED = {**SECRETS, "ALLOWED_HOSTS": "nexus.example.org"}
ENV_EXAMPLE = compose.ROOT / ".env.example"


@pytest.fixture(scope="module")
def written():
    return compose.as_written()


@pytest.fixture(scope="module")
def services(written):
    return compose.filled_in(written, REQUIRED)["services"]


def option(service, name):
    command = service["command"]
    return command[command.index(name) + 1]


def workers(services):
    return {name: service for name, service in services.items() if "worker" in service.get("command", [])}


class TestTheFile:
    def test_is_valid(self, written):
        schema = json.loads((compose.ROOT / "tests/support/compose.schema.json").read_text(encoding="utf-8"))
        Draft202012Validator.check_schema(schema)
        filled = compose.filled_in(written, REQUIRED)
        assert [
            f"{'/'.join(map(str, error.path))}: {error.message}"
            for error in Draft202012Validator(schema).iter_errors(filled)
        ] == []

    def test_names_only_things_that_it_defines(self, written, services):
        for name, service in services.items():
            assert set(service.get("depends_on", {})) <= set(services), name
            assert {volume.partition(":")[0] for volume in service.get("volumes", [])} <= set(written["volumes"]), name
            assert {config["source"] for config in service.get("configs", [])} <= set(written["configs"]), name

    def test_has_every_process_of_the_product(self, services):
        assert {"postgres", "valkey", "migrate", "web", "dispatcher", "flower", "telegram"} <= set(services)

    @pytest.mark.skipif(not shutil.which("docker"), reason="no docker on this machine")
    def test_is_what_docker_compose_accepts(self):
        if subprocess.run(["docker", "compose", "version"], capture_output=True, check=False).returncode:
            pytest.skip("this docker has no compose")
        outcome = subprocess.run(
            ["docker", "compose", "--file", "compose.yaml", "config", "--quiet"],
            cwd=compose.ROOT,
            env={"PATH": "/usr/local/bin:/usr/bin:/bin", **REQUIRED},
            capture_output=True,
            text=True,
            check=False,
        )
        assert outcome.returncode == 0, outcome.stderr


class TestSecrets:
    @pytest.mark.parametrize("missing", sorted(REQUIRED))
    def test_a_missing_one_stops_the_start_with_a_sentence(self, written, missing):
        with pytest.raises(compose.Unset, match=rf"^{missing}: \w+ .+"):
            compose.filled_in(written, {**REQUIRED, missing: ""})

    def test_none_stands_in_the_file(self, written):
        secret = re.compile(r"SECRET|PASSWORD|TOKEN|KEY|AUTH")
        for name, service in written["services"].items():
            told = {key: str(value) for key, value in service.get("environment", {}).items() if secret.search(key)}
            assert {key for key, value in told.items() if not re.fullmatch(r"\$\{\w+:(\?.+|-)\}", value)} == set(), name

    def test_none_stands_in_an_address(self, written):
        for name, service in written["services"].items():
            found = re.findall(r"://[^@/\s]*?:((?:\$\{[^}]*\}|[^@$])*)@", json.dumps(service.get("environment", {})))
            assert [password for password in found if not re.fullmatch(r"\$\{\w+:\?[^}]+\}", password)] == [], name

    def test_none_stands_on_a_command_line(self, services):
        line = json.dumps([service.get("command") for service in services.values()])
        assert [name for name, secret in SECRETS.items() if secret in line] == []

    def test_the_example_names_every_variable_and_fills_in_no_secret(self, written):
        example = dict(
            line.split("=", 1)
            for line in ENV_EXAMPLE.read_text(encoding="utf-8").splitlines()
            if re.match(r"\w+=", line)
        )
        assert set(example) == compose.variables(written)
        assert {name for name in REQUIRED if example[name]} == set()


class TestDoors:
    def test_only_loopback_is_published(self, services):
        ports = [port for service in services.values() for port in service.get("ports", [])]
        assert ports
        assert [port for port in ports if not port.startswith("127.0.0.1:")] == []

    def test_the_servers_publish_nothing(self, services):
        assert [
            name for name in ("postgres", "valkey", "dispatcher", *workers(services)) if "ports" in services[name]
        ] == []

    def test_flower_looks_and_does_not_touch(self, services):
        assert "--read_only=True" in services["flower"]["command"]
        assert services["flower"]["environment"]["FLOWER_BASIC_AUTH"] == REQUIRED["FLOWER_BASIC_AUTH"]

    def test_our_processes_are_nobody_in_particular(self, services):
        ours = {name: service for name, service in services.items() if "build" in service}
        for name, service in ours.items():
            assert service["user"] == "10001:10001", name
            assert service["read_only"], name
            assert service["cap_drop"] == ["ALL"], name


class TestOrder:
    def test_everything_that_stays_up_says_how_it_is(self, services):
        silent = [name for name, service in services.items() if "test" not in service["healthcheck"]]
        assert silent == ["migrate"]
        assert services["migrate"]["restart"] == "no"

    def test_nothing_of_ours_starts_before_the_tables_are_there(self, services):
        ours = {name: service for name, service in services.items() if "build" in service and name != "migrate"}
        for name, service in ours.items():
            assert {server: wait["condition"] for server, wait in service["depends_on"].items()} == {
                "postgres": "service_healthy",
                "valkey": "service_healthy",
                "migrate": "service_completed_successfully",
            }, name

    def test_work_is_given_time_to_be_handed_back(self, services):
        assert {service["stop_grace_period"] for service in services.values()} == {"2m"}


class TestQueues:
    def test_each_is_served_by_exactly_one_worker(self, services):
        served = Counter(queue for worker in workers(services).values() for queue in option(worker, "-Q").split(","))
        assert served == Counter(NAMES)

    def test_a_worker_answers_to_the_name_its_health_check_asks_for(self, services):
        for worker in workers(services).values():
            assert option(worker, "-n") == f"{worker['environment']['WORKER']}@%h"

    def test_a_dispatcher_is_asked_about_in_the_table_where_it_signs(self, services):
        assert f"FROM {Dispatcher._meta.db_table} " in services["dispatcher"]["healthcheck"]["test"][-1]


class TestServers:
    def test_valkey_keeps_what_it_was_told(self, written):
        config = compose.filled_in(written["configs"]["valkey"]["content"], REQUIRED).splitlines()
        assert {"appendonly yes", "maxmemory-policy noeviction", f"requirepass {REQUIRED['VALKEY_PASSWORD']}"} <= set(
            config
        )

    def test_postgres_keeps_its_data_where_the_image_looks_since_18(self, services):
        assert services["postgres"]["image"] == "postgres:18"
        assert services["postgres"]["volumes"] == ["postgres:/var/lib/postgresql"]
