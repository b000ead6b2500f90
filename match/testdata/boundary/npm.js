// Answers lines of a version and a range with 1, 0, or x if a version is not
// valid. The arguments are the folder of npm's own copy of semver and whether to
// read versions in its loose mode.
const semver = require(process.argv[2]);
const loose = process.argv[3] === 'loose';
const lines = require('fs').readFileSync(0, 'utf8').split('\n');
lines.pop();
console.log(lines.map((line) => {
  const [version, from, introduced, to, last] = line.split('\t');
  const ends = [[from, introduced], [to, last]].filter(([op]) => op !== '-').map(([op, v]) => [op, semver.parse(v, { loose })]);
  const v = semver.parse(version, { loose });
  if (!v || ends.some(([, e]) => !e)) return 'x';
  const range = ends.map(([op, e]) => op + e.version).join(' ') || '*';
  return semver.satisfies(v, range, { loose, includePrerelease: true }) ? 1 : 0;
}).join('\n'));
