# Answers lines of a version and a range with 1 if it is inside, 0 if it is
# not, x if a version is not valid. See boundary_test.go for the columns.
use Dpkg::Version;
while (<STDIN>) {
    chomp;
    my ($version, $from, $introduced, $to, $end) = split /\t/;
    my $v = Dpkg::Version->new($version);
    my ($ok, $in) = ($v->is_valid, 1);
    for ([$from, $introduced], [$to, $end]) {
        my ($op, $other) = @$_;
        next if $op eq '-';
        my $o = Dpkg::Version->new($other);
        $ok &&= $o->is_valid;
        $op = { '<' => REL_LT, '<=' => REL_LE, '>=' => REL_GE, '>' => REL_GT }->{$op};
        $in &&= version_compare_relation($v, $op, $o) if $ok;
    }
    print $ok ? ($in ? 1 : 0) : 'x', "\n";
}
