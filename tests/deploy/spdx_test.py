#!/usr/bin/env python3
"""The list of parts beside the package: what deploy/debian/spdx.py makes of a package's fields."""
import importlib.util
import pathlib
import unittest

PATH = pathlib.Path(__file__).resolve().parents[2] / "deploy/debian/spdx.py"
SPEC = importlib.util.spec_from_file_location("spdx", PATH)
spdx = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(spdx)

CONTROL = {
    "Package": "signinwatch", "Version": "0.1.0-1~deb12", "Architecture": "amd64",
    "Maintainer": "The signinwatch maintainers <maintainers@signinwatch.example>"}


class SpdxTest(unittest.TestCase):
    def test_depends_are_read_as_dpkg_writes_them(self):
        self.assertEqual(
            spdx.depended_on("libc6 (>= 2.36), libstdc++6 (>= 12), systemd | systemd-sysusers"),
            ["libc6", "libstdc++6", "systemd"])
        self.assertEqual(spdx.depended_on(""), [])

    def test_each_part_is_there_once_with_its_relation(self):
        made = spdx.document(
            CONTROL, "ab" * 32, {"librdkafka1": ("2.0.2-1", "librdkafka")},
            {"librdkafka1": ("2.0.2-1", "librdkafka"), "libcli11-dev": ("2.1.2-1", "cli11")}, 0)
        self.assertEqual(made["spdxVersion"], "SPDX-2.3")
        self.assertEqual(made["creationInfo"]["created"], "1970-01-01T00:00:00Z")
        self.assertEqual([p["name"] for p in made["packages"]],
                         ["signinwatch", "libcli11-dev", "librdkafka1"])
        self.assertEqual(
            [(r["spdxElementId"], r["relationshipType"], r["relatedSpdxElement"])
             for r in made["relationships"]],
            [("SPDXRef-DOCUMENT", "DESCRIBES", "SPDXRef-signinwatch"),
             ("SPDXRef-libcli11-dev", "BUILD_DEPENDENCY_OF", "SPDXRef-signinwatch"),
             ("SPDXRef-signinwatch", "DEPENDS_ON", "SPDXRef-librdkafka1")])

    def test_ids_have_only_what_spdx_allows(self):
        made = spdx.document(CONTROL, "ab" * 32, {"libstdc++6": ("12.2.0-14", "gcc-12")}, {}, 0)
        for package in made["packages"]:
            self.assertRegex(package["SPDXID"], r"^SPDXRef-[A-Za-z0-9.-]+$")
        self.assertEqual(made["packages"][1]["name"], "libstdc++6")
        self.assertIn("pkg:deb/debian/libstdc++6@12.2.0-14",
                      made["packages"][1]["externalRefs"][0]["referenceLocator"])

    def test_names_that_differ_have_ids_that_differ(self):
        # libstdc++6 and libstdc--6 would be one; no such pair is in Debian, and a list that had one
        # would be refused here.
        names = ["libc6", "libstdc++6", "g++", "gcc"]
        self.assertEqual(len({spdx.spdx_id(name) for name in names}), len(names))


if __name__ == "__main__":
    unittest.main()
