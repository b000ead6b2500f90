# Answers lines of a version and a range with 1, 0, or x if a version is not
# valid. The inclusive ends are specifiers of packaging. The exclusive ones are
# not: as a requirement "<2.0" leaves out 2.0rc1, while for an advisory that is
# a version before the repair.
import sys

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version


def holds(version, op, end):
    if op == "-":
        return True
    if op in ("<=", ">="):
        return SpecifierSet(op + end).contains(version, prereleases=True)
    end = Version(end)
    return version < end if op == "<" else Version(version.public if end.local is None else str(version)) > end


for line in sys.stdin:
    v, start, introduced, stop, end = line.rstrip("\n").split("\t")
    try:
        v = Version(v)
        for e in (introduced, end):
            if e:
                Version(e)
        print(int(holds(v, start, introduced) and holds(v, stop, end)))
    except (InvalidVersion, InvalidSpecifier):
        print("x")
