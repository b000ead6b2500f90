<?php
// Answers "a TAB b" lines with -1, 0, 1, or x if a version is not valid.
require 'Composer/Semver/autoload.php';

use Composer\Semver\Comparator;
use Composer\Semver\VersionParser;

$parser = new VersionParser();
while (($line = fgets(STDIN)) !== false) {
    try {
        [$a, $b] = array_map([$parser, 'normalize'], explode("\t", rtrim($line, "\n")));
        if (str_starts_with($a, 'dev-') || str_starts_with($b, 'dev-')) {
            echo "x\n";
            continue;
        }
        echo Comparator::greaterThan($a, $b) - Comparator::lessThan($a, $b), "\n";
    } catch (UnexpectedValueException $e) {
        echo "x\n";
    }
}
