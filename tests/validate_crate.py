"""Validate a crate without a network: python validate_crate.py CRATE PROFILE CONTEXT.

It runs where roc-validator is installed, whose own needs are others than the project's. The one
document that it would fetch is CONTEXT, the JSON-LD context of RO-Crate 1.1.
"""

import sys
from pathlib import Path

from rocrate_validator import services
from rocrate_validator.models import Severity
from rocrate_validator.utils.http import HttpRequester

URL = "https://w3id.org/ro/crate/1.1/context"


class Answer:
    """What the address of the context would answer."""

    status_code, ok = 200, True
    headers = {"Content-Type": "application/ld+json"}  # noqa: RUF012
    from_cache = True

    def __init__(self, text):
        self.text, self.content = text, text.encode()

    def json(self):
        import json

        return json.loads(self.text)

    def raise_for_status(self):
        pass


def main(crate, profile, context):
    answer = Answer(Path(context).read_text(encoding="utf-8"))

    def get(self, url, **_):
        if url != URL:
            raise OSError(f"no network: {url}")
        return answer

    HttpRequester.get = get
    result = services.validate(
        services.ValidationSettings(
            rocrate_uri=crate, profile_identifier=profile, requirement_severity=Severity.REQUIRED
        )
    )
    for issue in result.get_issues():
        print(f"{issue.severity.name}: {issue.check.identifier}: {issue.message}")
    print(f"{profile}: {len(result.executed_checks)} checks")
    return 0 if result.passed() else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
