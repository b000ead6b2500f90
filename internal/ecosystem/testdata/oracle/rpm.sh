# Answers "a TAB b" lines with -1, 0 or 1.
exec rpm --eval '%{lua:
for line in io.stdin:lines() do
	local a, b = string.match(line, "^(.-)\t(.*)$")
	io.stdout:write(rpm.vercmp(a, b), "\n")
end}'
