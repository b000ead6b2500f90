# Answers lines of a version and a range with 1 or 0. As in dependencies, a
# release that the end of the range does not have is not looked at.
exec rpm --eval '%{lua:
local function holds(version, op, other)
	if op == "-" then return true end
	if not string.find(other, "-", 1, true) then version = string.gsub(version, "%-[^-]*$", "") end
	local c = rpm.vercmp(version, other)
	if op == "<" then return c < 0 elseif op == "<=" then return c <= 0 elseif op == ">" then return c > 0 end
	return c >= 0
end
for line in io.stdin:lines() do
	local v, from, introduced, to, last = string.match(line, "^(.-)\t(.-)\t(.-)\t(.-)\t(.*)$")
	io.stdout:write(holds(v, from, introduced) and holds(v, to, last) and 1 or 0, "\n")
end}'
