// Prints "name version" for every package of ./yarn.lock, of version 1, as
// Yarn's own reader sees it. Directories beside the project are left out, and
// an alias goes by the name of what it stands for.
const { parse } = require("@yarnpkg/lockfile");
const { readFileSync } = require("node:fs");

const split = (s) => [s.slice(0, s.indexOf("@", 1)), s.slice(s.indexOf("@", 1) + 1)];
for (const [pattern, entry] of Object.entries(parse(readFileSync("yarn.lock", "utf8")).object)) {
  let [name, range] = split(pattern);
  if (range.startsWith("npm:")) [name] = split(range.slice(4));
  if (/^(file|link):/.test(range) && !range.endsWith(".tgz")) continue;
  console.log(entry.name ?? name, entry.version);
}
