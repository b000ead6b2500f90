#!/usr/bin/env python3
"""Compares what Assay lists with what the tools of each ecosystem list.

  truth.py ASSAY TARGETS

TARGETS is the folder with the targets a-d of the benchmarks. The layers of
image b are laid over each other in a temporary directory (1.6 GB; needs root,
for the owners of files) by GNU tar and the rules for whiteouts of the OCI image
specification; what is there is then listed by dpkg-query, by reading every
package.json below a node_modules or Debian's nodejs, by Python's importlib.metadata, by go version
-m and by file names. Nothing of Assay is used on that side. Exit status 1 if
any list differs.
"""
import collections
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile


def inventory(assay, target):
    out = subprocess.run([assay, "sbom", target, "-o", "json", "--cache-dir", "off"], stdout=subprocess.PIPE, check=False)
    if out.returncode not in (0, 3):
        sys.exit(f"assay sbom {target}: exit status {out.returncode}")
    return json.loads(out.stdout)["packages"]


def unpack(archive, root):
    """Lays the layers of a docker archive over each other."""
    with tarfile.open(archive) as t:
        layers = json.load(t.extractfile("manifest.json"))[0]["Layers"]
        for name in layers:
            member = t.getmember(name)
            while member.issym() or member.islnk():
                member = t.getmember(os.path.normpath(os.path.join(os.path.dirname(member.name), member.linkname)))
            with tempfile.NamedTemporaryFile(dir=root + "/..") as f:
                shutil.copyfileobj(t.extractfile(member), f)
                f.flush()
                listing = subprocess.run(["tar", "-tf", f.name], stdout=subprocess.PIPE, check=True, text=True).stdout.splitlines()
                for path in listing:
                    base = os.path.basename(path.rstrip("/"))
                    if base == ".wh..wh..opq":
                        for below in os.listdir(os.path.join(root, os.path.dirname(path))) if os.path.isdir(os.path.join(root, os.path.dirname(path))) else []:
                            remove(os.path.join(root, os.path.dirname(path), below))
                    elif base.startswith(".wh."):
                        remove(os.path.join(root, os.path.dirname(path), base[4:]))
                subprocess.run(["tar", "-xf", f.name, "-C", root, "--exclude=.wh.*", "--overwrite"], check=True)


def remove(path):
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path)
    elif os.path.lexists(path):
        os.remove(path)


def files(root):
    for at, dirs, names in os.walk(root):
        dirs[:] = [d for d in dirs if not (at == root and d in ("proc", "sys", "dev"))]
        for n in names:
            path = os.path.join(at, n)
            if not os.path.islink(path):
                yield path


def npm(root):
    """Every package directory below a node_modules, or where Debian's Node.js looks for them, that states name and version."""
    found = []
    for path in files(root):
        parts = os.path.relpath(path, root).split(os.sep)
        i = max((i for i, p in enumerate(parts) if p == "node_modules" or p == "nodejs" and parts[0] == "usr" and parts[1:i] in (["share"], ["lib"])), default=-1)
        if parts[-1] != "package.json" or i < 0:
            continue
        depth = len(parts) - i - 2
        if depth != (2 if parts[i + 1].startswith("@") else 1):
            continue
        try:
            with open(path, encoding="utf-8") as f:
                d = json.load(f)
        except ValueError:
            continue
        if d.get("name") and d.get("version"):
            found.append((d["name"], d["version"]))
    return found


def python(root):
    from importlib.metadata import PathDistribution
    from pathlib import Path
    found = []
    for path in files(root):
        base, parent = os.path.basename(path), os.path.dirname(path)
        if base == "METADATA" and parent.endswith(".dist-info") or base == "PKG-INFO" and parent.endswith((".egg-info", "EGG-INFO")):
            d = PathDistribution(Path(parent))
        elif path.endswith(".egg-info"):
            with open(path, encoding="utf-8", errors="replace") as f:
                head = f.read()
            found.append((re.search(r"^Name: *(.*)$", head, re.M)[1].strip(), re.search(r"^Version: *(.*)$", head, re.M)[1].strip(), path))
            continue
        else:
            continue
        found.append((d.metadata["Name"], d.version, path))
    return found


def owned(root):
    """Paths of files that dpkg installed, links of merged /usr resolved."""
    out = set()
    info = os.path.join(root, "var/lib/dpkg/info")
    for n in os.listdir(info):
        if n.endswith(".list"):
            with open(os.path.join(info, n), encoding="utf-8") as f:
                for line in f:
                    path = line.rstrip("\n").lstrip("/")
                    parent = os.path.realpath(os.path.join(root, os.path.dirname(path)))
                    out.add(os.path.join(parent, os.path.basename(path)))
    return out


def go(root):
    """Every module of every Go binary; a replaced one under its replacement."""
    found = []
    for path in files(root):
        with open(path, "rb") as f:
            if f.read(4) != b"\x7fELF":
                continue
        out = subprocess.run(["go", "version", "-m", path], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False).stdout
        for line in out.splitlines():
            f = line.split("\t")
            if len(f) >= 4 and f[1] in ("mod", "dep"):
                found.append((f[2], "" if f[3] == "(devel)" else f[3]))
            elif len(f) >= 4 and f[1] == "=>":
                found[-1] = (f[2], f[3])
    return found


def compare(what, want, got):
    want, got = collections.Counter(want), collections.Counter(got)
    missing, extra = want - got, got - want
    print(f"{what:40} truth {sum(want.values()):5} ({len(want)} distinct)  assay {sum(got.values()):5}  missing {sum(missing.values())}  extra {sum(extra.values())}")
    for sign, c in (("-", missing), ("+", extra)):
        for k in sorted(c)[:10]:
            print("   ", sign, *k) if isinstance(k, tuple) else print("   ", sign, k)
    return not missing and not extra


def normal(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def image(assay, targets):
    root = tempfile.mkdtemp(prefix="truth-")
    try:
        tree = os.path.join(root, "root")
        os.mkdir(tree)
        unpack(os.path.join(targets, "b/docker.tar"), tree)
        dpkg = subprocess.run(["dpkg-query", "--admindir", os.path.join(tree, "var/lib/dpkg"), "-W", "-f", "${db:Status-Status}\t${Package}\t${Version}\t${Architecture}\n"], stdout=subprocess.PIPE, text=True, check=True).stdout
        dpkg = [tuple(line.split("\t")[1:]) for line in dpkg.splitlines() if line.startswith("installed\t")]
        eggs, own = python(tree), owned(tree)
        modules = go(tree)
        jars = [os.path.relpath(p, tree) for p in files(tree) if p.endswith((".jar", ".war", ".ear"))]
        npms = npm(tree)
        good = True
        for form in ("oci", "docker.tar"):
            pkgs = inventory(assay, os.path.join(targets, "b", form))
            of = lambda typ: [p for p in pkgs if p["type"] == typ]
            good &= compare(f"b/{form} deb", dpkg, [(p["name"], p["version"], p["arch"]) for p in of("deb")])
            good &= compare(f"b/{form} npm", npms, [(p["name"], p["version"]) for p in of("npm") if p.get("version") and p["evidence"] == "manifest"])
            good &= compare(f"b/{form} pypi", [(normal(n), v) for n, v, _ in eggs], [(normal(p["name"]), p["version"]) for p in of("pypi")])
            good &= compare(f"b/{form} pypi owned by deb", [(normal(n), v) for n, v, p in eggs if p in own], [(normal(p["name"]), p["version"]) for p in of("pypi") if p.get("ownedBy")])
            good &= compare(f"b/{form} go modules", modules, [(p["name"], p.get("version", "")) for p in of("golang") if p["name"] != "stdlib"])
            listed = {p["path"].split("!/")[0] for p in of("maven")}
            good &= compare(f"b/{form} jars", jars, listed)
        return good
    finally:
        shutil.rmtree(root)


def source(assay, targets):
    pkgs = inventory(assay, "source:" + os.path.join(targets, "c"))
    good = True
    with open(os.path.join(targets, "c/npm/package-lock.json"), encoding="utf-8") as f:
        lock = json.load(f)["packages"]
    want = {(v.get("name") or k.rsplit("node_modules/", 1)[1], v["version"]) for k, v in lock.items() if "node_modules/" in k and "version" in v}
    good &= compare("c npm", want, {(p["name"], p["version"]) for p in pkgs if p["type"] == "npm"})
    with open(os.path.join(targets, "c/python/requirements.txt"), encoding="utf-8") as f:
        pins = [line.split("==") for line in f if "==" in line]
    good &= compare("c pypi", [(normal(n.strip()), v.strip()) for n, v in pins], [(normal(p["name"]), p["version"]) for p in pkgs if p["type"] == "pypi"])
    for typ, pattern, path in (
        ("cargo", r'\[\[package\]\]\nname = "([^"]+)"\nversion = "([^"]+)"', "c/rust/Cargo.lock"),
        ("gem", r"^    ([\w.-]+) \(([^)]+)\)$", "c/ruby/Gemfile.lock"),
    ):
        with open(os.path.join(targets, path), encoding="utf-8") as f:
            good &= compare("c " + typ, re.findall(pattern, f.read(), re.M), [(p["name"], p["version"]) for p in pkgs if p["type"] == typ])
    with open(os.path.join(targets, "c/php/composer.lock"), encoding="utf-8") as f:
        lock = json.load(f)
    want = [(p["name"], p["version"].removeprefix("v")) for p in lock["packages"] + lock.get("packages-dev", [])]
    good &= compare("c composer", want, [(p["name"], p["version"].removeprefix("v")) for p in pkgs if p["type"] == "composer"])
    return good


def functions(assay, targets):
    good = True
    for archive, typ, tree in (("function-node.zip", "npm", "node"), ("function-python.zip", "pypi", "py")):
        root = os.path.join(targets, "d", tree)
        want = npm(root) if typ == "npm" else [(normal(n), v) for n, v, _ in python(root)]
        pkgs = inventory(assay, os.path.join(targets, "d", archive))
        good &= compare("d/" + archive, want, [(normal(p["name"]) if typ == "pypi" else p["name"], p["version"]) for p in pkgs if p["type"] == typ and p["evidence"] == "manifest"])
    return good


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    good = [f(sys.argv[1], sys.argv[2]) for f in (functions, source, image)]
    sys.exit(0 if all(good) else 1)


main()
