// Answers "a TAB b" lines with -1, 0, 1, or x if a version is not valid.
// The arguments are the folder of npm's own copy of semver and whether to
// read versions in its loose mode.
const semver = require(process.argv[2]);
const loose = process.argv[3] === 'loose';
const lines = require('fs').readFileSync(0, 'utf8').split('\n');
lines.pop();
console.log(lines.map((line) => {
  const [a, b] = line.split('\t').map((v) => semver.parse(v, { loose }));
  return a && b ? semver.compare(a, b, loose) : 'x';
}).join('\n'));
