#!/usr/bin/env python3
"""The list of what a Debian package of signinwatch is made of: SPDX 2.3 as JSON, beside the package.

    deploy/debian/spdx.py build/release/signinwatch_0.1.0-1~deb12_amd64.deb BUILD_PACKAGE... > FILE

What the program loads when it starts is read from the package (its Depends, which dpkg-shlibdeps has
written), with the versions that are installed here, which it was built and tested with. What it was
built with is named on the command line. The same package on the same machine gives the same list.
"""
import hashlib
import json
import os
import re
import subprocess
import sys
import time


def output_of(*command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def installed(names):
    """{name: (version, source package)} of those that are installed."""
    found = {}
    for name in names:
        answer = subprocess.run(
            ["dpkg-query", "-W", "-f", "${Version}\t${source:Package}\n", name],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        if answer.returncode == 0 and answer.stdout.strip():
            version, source = answer.stdout.splitlines()[0].split("\t")
            found[name] = (version, source)
    return found


def depended_on(depends):
    """Names of `Depends`; of alternatives the first."""
    names = []
    for entry in depends.split(","):
        name = re.match(r"[a-z0-9][a-z0-9+.-]*", entry.split("|")[0].strip())
        if name:
            names.append(name.group())
    return names


def spdx_id(name):
    return "SPDXRef-" + re.sub(r"[^A-Za-z0-9.-]", "-", name)


def document(control, sha256, runtime, build, created):
    """`control`: fields of the package; `runtime`, `build`: {name: (version, source)}."""
    name = control["Package"]
    own = spdx_id(name)
    packages = [{
        "SPDXID": own,
        "name": name,
        "versionInfo": control["Version"],
        "supplier": "Organization: " + control["Maintainer"].split(" <")[0],
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False,
        "licenseConcluded": "Apache-2.0",
        "licenseDeclared": "Apache-2.0",
        "copyrightText": "NOASSERTION",
        "primaryPackagePurpose": "APPLICATION",
        "checksums": [{"algorithm": "SHA256", "checksumValue": sha256}],
    }]
    relationships = [{
        "spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES",
        "relatedSpdxElement": own}]
    for other, (version, source) in sorted({**build, **runtime}.items()):
        packages.append({
            "SPDXID": spdx_id(other),
            "name": other,
            "versionInfo": version,
            "supplier": "Organization: Debian",
            "downloadLocation": "NOASSERTION",
            "filesAnalyzed": False,
            "licenseConcluded": "NOASSERTION",
            "licenseDeclared": "NOASSERTION",
            "copyrightText": "NOASSERTION",
            "sourceInfo": "source package " + source,
            "externalRefs": [{
                "referenceCategory": "PACKAGE-MANAGER",
                "referenceType": "purl",
                "referenceLocator": f"pkg:deb/debian/{other}@{version}"
                                    f"?arch={control['Architecture']}"}],
        })
        if other in runtime:
            relationships.append({
                "spdxElementId": own, "relationshipType": "DEPENDS_ON",
                "relatedSpdxElement": spdx_id(other)})
        else:
            relationships.append({
                "spdxElementId": spdx_id(other), "relationshipType": "BUILD_DEPENDENCY_OF",
                "relatedSpdxElement": own})
    return {
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": f"{name}-{control['Version']}",
        "documentNamespace": f"https://signinwatch.example/spdx/{name}-{sha256}",
        "creationInfo": {
            "created": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(created)),
            "creators": ["Tool: deploy/debian/spdx.py"]},
        "packages": packages,
        "relationships": relationships,
    }


def main(arguments):
    if not arguments:
        sys.exit("usage: spdx.py PACKAGE.deb [BUILD_PACKAGE ...]")
    deb, build = arguments[0], arguments[1:]
    fields = {}
    for line in output_of("dpkg-deb", "-f", deb).splitlines():
        key, colon, value = line.partition(": ")
        if colon and not line.startswith(" "):
            fields[key] = value
    with open(deb, "rb") as file:
        sha256 = hashlib.sha256(file.read()).hexdigest()
    wanted = depended_on(fields.get("Depends", ""))
    runtime = installed(wanted)
    missing = sorted(set(wanted) - set(runtime) - {"systemd", "systemd-standalone-sysusers"})
    if missing:
        sys.exit("spdx.py: not installed here, so no version is known: " + ", ".join(missing))
    created = int(os.environ.get("SOURCE_DATE_EPOCH", "0"))
    json.dump(document(fields, sha256, runtime, installed(build), created), sys.stdout, indent=1)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main(sys.argv[1:])
