package extract

import (
	"strings"

	"github.com/assay-project/assay/internal/ecosystem"
)

// readWorkflow reads the actions and workflows of others that a workflow of
// GitHub Actions uses, or an action that is made of steps. What lies in the same
// repository, and images, are none.
//
// The reference behind the "@" is a version if it looks like one. A commit is
// none, but by custom the comment behind it names the version whose commit it
// is; without that, and for a branch, the version is not known.
// Sources: GitHub Docs, "Workflow syntax for GitHub Actions", jobs.<job_id>.uses
// and jobs.<job_id>.steps[*].uses; "Metadata syntax", runs.steps[*].uses;
// "Secure use reference", "Pin actions to a full-length commit SHA".
func readWorkflow(f *file) error {
	set := newLockSet(f, "github")
	return readHandYAML(f.r, func(v yamlValue) error {
		if v.key != "uses" || !v.in("jobs", "*", "steps", "-") && !v.in("jobs", "*") && !v.in("runs", "steps", "-") {
			return nil
		}
		use, ref, ok := strings.Cut(v.text, "@")
		if !ok || strings.HasPrefix(use, ".") || strings.Contains(use, ":") {
			return nil
		}
		// What follows is a directory of the repository, which has one version.
		owner, rest, _ := strings.Cut(use, "/")
		repo, _, _ := strings.Cut(rest, "/")
		if owner == "" || repo == "" {
			return nil
		}
		version := actionVersion(ref)
		if isCommit(ref) {
			version = actionVersion(actionNote(v.note))
		}
		return set.add(owner+"/"+repo, version, "")
	})
}

// isCommit tells whether a reference is the full name of a commit.
func isCommit(ref string) bool {
	return (len(ref) == 40 || len(ref) == 64) && strings.Trim(strings.ToLower(ref), "0123456789abcdef") == ""
}

// actionNote returns what the comment behind a commit names: its first word,
// without what some tools write before it, as in "tag=v1.2.3" and
// "pin@v1.2.3".
func actionNote(note string) string {
	word, _, _ := strings.Cut(strings.TrimSpace(note), " ")
	word = word[strings.LastIndexAny(word, "=@")+1:]
	return strings.TrimRight(word, ",;")
}

// maxMajor is the number of digits up to which a number alone is taken for a
// version; longer ones are dates and the beginnings of commits.
const maxMajor = 4

// actionVersion returns a reference if it is a version: numbers with an optional
// "v" before them, and a suffix only behind all three. The name of a branch may
// begin like one, such as 4-stable.
func actionVersion(ref string) string {
	core := strings.TrimPrefix(ref, "v")
	end := strings.IndexFunc(core, func(r rune) bool { return r != '.' && (r < '0' || r > '9') })
	if end < 0 {
		end = len(core)
	}
	parts := 1 + strings.Count(core[:end], ".")
	if end < len(core) && parts < 3 || parts == 1 && end > maxMajor {
		return ""
	}
	if _, err := ecosystem.Compare("github", ref, ref); err != nil {
		return ""
	}
	return ref
}
