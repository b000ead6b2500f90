# Answers lines of a version and a range with 1, 0, or x if a version is not
# valid.
STDIN.each_line(chomp: true) do |line|
  version, from, introduced, to, last = line.split("\t", 5)
  ends = [[from, introduced], [to, last]].reject { |op, _| op == "-" }
  if [version, *ends.map(&:last)].all? { |v| Gem::Version.correct?(v) }
    puts Gem::Requirement.new(ends.map { |op, v| "#{op} #{v}" }).satisfied_by?(Gem::Version.new(version)) ? 1 : 0
  else
    puts "x"
  end
end
