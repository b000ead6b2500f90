# Answers "a TAB b" lines with -1, 0 or 1.
import ctypes
import sys

alpm = ctypes.CDLL("libalpm.so.13")
for line in sys.stdin:
    a, b = line.rstrip("\n").split("\t")
    print(alpm.alpm_pkg_vercmp(a.encode(), b.encode()))
