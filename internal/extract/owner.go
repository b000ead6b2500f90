package extract

// Owners returns which package of the operating system installed each of the
// paths, as far as the databases of installed files in the layers tell. Paths are
// relative to the root, with slashes. A path that none of them names, or whose
// name is not that of a program, a library or a package, is not in the result.
func Owners(layers []*Layer, paths []string) map[string]string {
	asked := make(map[uint64][]string, len(paths))
	for _, p := range paths {
		h := hashPath(ownedPath(p))
		asked[h] = append(asked[h], p)
	}
	out := map[string]string{}
	for _, l := range layers {
		for i := range l.Files {
			for _, o := range l.Files[i].Owns {
				for _, h := range o.Paths {
					for _, p := range asked[h] {
						if out[p] == "" { // two packages may share a file; the first list wins
							out[p] = o.Package
						}
					}
				}
			}
		}
	}
	return out
}
