#!/usr/bin/env python3
"""Times commands against each other as whole processes.

  compare.py [--runs N] NAME=COMMAND NAME=COMMAND ...

Runs the commands in turn, N times each, after one run that is not counted, and
prints the median of CPU time (user and system, with children), wall time and
peak memory, and the ratio of each command's CPU time to that of the first,
taken run by run. Output of the commands is thrown away; a status other than 0,
1 and 3 ends the comparison.
"""
import os
import statistics
import subprocess
import sys
import time


def run(command):
    """Returns CPU seconds, wall seconds and peak MiB of one run."""
    start = time.monotonic()
    child = subprocess.Popen(["/bin/sh", "-c", "exec " + command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, use = os.wait4(child.pid, 0)
    wall = time.monotonic() - start
    code = os.waitstatus_to_exitcode(status)
    child.returncode = code
    if code not in (0, 1, 3):
        sys.exit(f"exit status {code}: {command}")
    return use.ru_utime + use.ru_stime, wall, use.ru_maxrss / 1024


def main(args):
    runs = 5
    if args[:1] == ["--runs"]:
        runs, args = int(args[1]), args[2:]
    if not args or any("=" not in a for a in args):
        sys.exit(__doc__)
    commands = [a.split("=", 1) for a in args]
    for _, command in commands:
        run(command)
    taken = {name: [] for name, _ in commands}
    for _ in range(runs):
        for name, command in commands:
            taken[name].append(run(command))
    first = taken[commands[0][0]]
    print(f"{'':24} {'CPU s':>8} {'wall s':>8} {'MiB':>7} {'CPU ratio':>10}")
    for name, _ in commands:
        cpu, wall, peak = (statistics.median(c) for c in zip(*taken[name]))
        ratio = statistics.median(a[0] / b[0] for a, b in zip(taken[name], first) if b[0] > 0) if any(b[0] for b in first) else 0
        print(f"{name:24} {cpu:8.3f} {wall:8.3f} {peak:7.0f} {ratio:10.3f}")


main(sys.argv[1:])
