"""An operator of a service who has it move a pair of labs."""
import pathlib

from harness import equal
from service import OPERATOR, answer_json, until


def admin(pair, side):
    password = pathlib.Path(pair.env[f"{side.upper()}_PASSWORD_FILE"])
    return {"url": pair.env[f"{side.upper()}_URL"],
            "user": pair.env[f"{side.upper()}_ADMIN"],
            "password": password.read_text().strip()}


class Operator:
    def __init__(self, service, name=OPERATOR):
        self.service, self.cookie = service, service.cookie(name)

    def ask(self, status, method, path, body=None):
        got = self.service.ask(method, f"/api/v1{path}", body,
                               cookie=self.cookie)
        equal(got.status, status, f"{method} {path}: {got.text}")
        return got

    def get(self, path):
        return answer_json(self.ask(200, "GET", path))

    def begin(self, pair):
        self.ask(201, "POST", "/migrations", {
            "name": "m", "import": pair.admin_csv.read_text(
                encoding="utf-8-sig"),
            "options": {"doubt-wait": 1}, "source": admin(pair, "source"),
            "destination": admin(pair, "destination")})
        self.ask(200, "POST", "/migrations/1/actions",
                 {"action": "start", "pass": "full"})

    def move(self, pair):
        self.begin(pair)
        until("ended", lambda: not {"queued", "running"} & set(
            self.get("/migrations/1")["jobs"]))
