# Answers "a TAB b" lines with -1, 0, 1, or x if a version is not valid.
use Dpkg::Version;
$| = 0;
while (<STDIN>) {
    chomp;
    my ($a, $b) = map { Dpkg::Version->new($_) } split /\t/;
    print $a->is_valid && $b->is_valid ? ($a <=> $b) : 'x', "\n";
}
