# Answers "a TAB b" lines with -1, 0, 1, or x if a version is not valid.
STDIN.each_line(chomp: true) do |line|
  a, b = line.split("\t")
  puts Gem::Version.correct?(a) && Gem::Version.correct?(b) ? Gem::Version.new(a) <=> Gem::Version.new(b) : "x"
end
