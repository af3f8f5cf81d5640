#!/usr/bin/env python3
"""Proves the decoder without the library: encoder.py makes objects, the decoder opens them, and
each rule of docs/FORMAT.md is broken once. Published vectors below tests/vectors run if present.

    selftest.py [VECTORS]
"""

import sys
from pathlib import Path

import selftest_base
from examples import examples
from selftest_blocks import test_backy2, test_blocks, test_v1
from selftest_keys import test_keys
from selftest_kit import test_bad_kit_lines, test_kit, test_kit_line_errors, test_kit_text
from selftest_manifests import test_manifests, test_point
from selftest_origin import test_origin
from selftest_primitives import (
    test_bech32m, test_ecdsa_published, test_hpke, test_passwords_published, test_primitives,
)
from selftest_recipients import (
    test_costs, test_external, test_password_keys, test_password_verdicts, test_passwords,
    test_printable, test_rotation, test_several,
)
from selftest_records import test_records, test_verdicts
from selftest_slots import test_slot_identities, test_slot_refusals, test_slots
from vectors import run_vector


def test_examples():
    """Each kind of vector runs, and a wrong value in one is found."""
    for vector in examples():
        selftest_base.result(f"vector {vector['name']}", run_vector(vector))
        for name, value in vector["intermediate"].items():
            changed = {**vector, "intermediate": {name: [value]}}
            selftest_base.result(f"vector {vector['name']}, another {name}",
                                 None if run_vector(changed) else "it holds")


TESTS = (
    test_primitives, test_passwords_published, test_ecdsa_published, test_bech32m,
    test_blocks, test_v1, test_records, test_verdicts,
    test_passwords, test_password_keys, test_costs, test_printable, test_external, test_several,
    test_password_verdicts, test_rotation, test_slots, test_slot_identities, test_slot_refusals,
    test_manifests, test_origin, test_keys, test_kit, test_kit_text, test_bad_kit_lines,
    test_kit_line_errors, test_point, test_examples,
)


def main():
    vectors = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent.parent / "vectors")
    for test in TESTS:
        test()
    for name, test in (("hpke", test_hpke), ("backy2_v1", test_backy2)):
        if (vectors / name).is_dir():
            test(vectors / name)
        else:
            print(f"skipped: no {name} vectors")
    passed, failed = selftest_base.count["passed"], selftest_base.count["failed"]
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
