<?php
// Answers lines of a version and a range with 1, 0, or x if a version is not
// valid. Comparator is asked and not Semver::satisfies: as a requirement
// "<2.1.0" leaves out 2.1.0-beta1, while for an advisory that is a version
// before the repair.
require 'Composer/Semver/autoload.php';

use Composer\Semver\Comparator;
use Composer\Semver\VersionParser;

$parser = new VersionParser();
while (($line = fgets(STDIN)) !== false) {
    [$version, $from, $introduced, $to, $end] = explode("\t", rtrim($line, "\n"));
    try {
        $version = $parser->normalize($version);
        $in = !str_starts_with($version, 'dev-');
        $answer = 'x';
        if ($in) {
            foreach ([[$from, $introduced], [$to, $end]] as [$op, $other]) {
                $in = ($op === '-' || Comparator::compare($version, $op, $parser->normalize($other))) && $in;
            }
            $answer = $in ? '1' : '0';
        }
        echo $answer, "\n";
    } catch (UnexpectedValueException $e) {
        echo "x\n";
    }
}
