// Prints "name version" for every package of ./pnpm-lock.yaml, of versions 5
// and 6, as the reader of pnpm 8 sees it. Directories beside the project are
// left out.
const { readWantedLockfile } = require("@pnpm/lockfile-file");
const { nameVerFromPkgSnapshot } = require("@pnpm/lockfile-utils");

readWantedLockfile(process.cwd(), { ignoreIncompatible: false }).then((lock) => {
  for (const [key, entry] of Object.entries(lock.packages)) {
    if (entry.resolution.type === "directory") continue;
    const { name, version } = nameVerFromPkgSnapshot(key, entry);
    console.log(name, version);
  }
});
