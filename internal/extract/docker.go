package extract

import (
	"github.com/assay-project/assay/internal/dockerfile"
	"github.com/assay-project/assay/inventory"
)

// dockerFormats are the files that images are built by. They hold no packages.
func dockerFormats() []format {
	return []format{
		{"dockerfile", 1, []string{"Dockerfile", "Containerfile", "*.Dockerfile", "*.dockerfile", "Dockerfile.*", "*.Containerfile"}, resolved, whole, readDockerfile},
	}
}

// maxDockerfile is the size in bytes beyond which a file of that name is none.
const maxDockerfile = 1 << 20

func readDockerfile(f *file) error {
	if len(f.data) > maxDockerfile {
		f.problem(f.path, "larger than a Dockerfile may be")
		return nil
	}
	for _, i := range dockerfile.Check(f.data) {
		f.out.Issues = append(f.out.Issues, inventory.Issue{Rule: i.Rule, First: i.First, Last: i.Last})
	}
	return nil
}
