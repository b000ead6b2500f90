package feed

import (
	"bytes"
	"cmp"
	"context"
	"strings"
	"time"

	"github.com/assay-project/assay/advisory"
)

// maxTOML is the largest advisory of Bottlerocket in bytes; real ones have
// some 2,000. The decoder calls itself for each level of a value.
const maxTOML = 64 << 10

// brsa is one advisory of Bottlerocket. The version that it gives is that of
// the core kit, from which images of other versions are made; so the version
// of the package counts.
// Source: bottlerocket-core-kit, advisories/README.md.
type brsa struct {
	Advisory struct {
		ID          string `toml:"id"`
		Title       string `toml:"title"`
		CVE         string `toml:"cve"`
		GHSA        string `toml:"ghsa"`
		Severity    string `toml:"severity"`
		Description string `toml:"description"`
		Products    []struct {
			Name    string `toml:"package-name"`
			Patched string `toml:"patched-version"`
			Epoch   string `toml:"patched-epoch"`
		} `toml:"products"`
	} `toml:"advisory"`
	Update struct {
		Issued time.Time `toml:"issue-date"`
		Arches []string  `toml:"arches"`
	} `toml:"updateinfo"`
}

func isBottlerocket(head []byte) bool {
	return bytes.HasPrefix(head, []byte("[advisory]")) && bytes.Contains(head, []byte(`"BRSA-`))
}

func readBottlerocket(ctx context.Context, s Source, yield func(Record, error) bool) {
	eachDocument(ctx, s, yield, parseBRSA)
}

func parseBRSA(doc document) []outcome {
	var b brsa
	if len(doc.data) > maxTOML {
		return refused(doc.name, rejectSize, "")
	}
	if err := fromTOML(doc.data, &b); err != nil {
		return refused(doc.name, rejectTOML, err.Error())
	}
	in := b.Advisory
	rej := rejects{id: cmp.Or(printable(in.ID), doc.name)}
	if !isID(in.ID) {
		return refused(rej.id, rejectNoID, in.ID)
	}
	a := &advisory.Advisory{
		Source:     Bottlerocket,
		ID:         in.ID,
		Summary:    clip(oneLine(in.Title), maxSummary),
		Details:    clip(in.Description, maxDetails),
		Published:  b.Update.Issued.UTC(),
		Severities: label("Bottlerocket", in.Severity),
	}
	for _, id := range []string{in.CVE, in.GHSA} {
		switch {
		case id == "":
		case isID(id):
			a.Upstream = append(a.Upstream, id)
		default:
			rej.add(rejectAlias, id)
		}
	}
	a.Upstream = sortedWithout(a.Upstream, a.ID)
	notice(a)
	arches := []string{""}
	if n := len(b.Update.Arches); n > 0 && n <= maxArches {
		arches = b.Update.Arches
	}
	for _, p := range in.Products {
		version := brsaVersion(p.Patched)
		if !isName(p.Name) || !isName(version) {
			rej.add(rejectUnversioned, p.Name)
			continue
		}
		for _, arch := range arches {
			if len(arch) > maxID || len(a.Affected) >= maxAffected {
				rej.add(rejectMany, "")
				continue
			}
			a.Affected = append(a.Affected, advisory.Affected{
				Ecosystem: advisory.Ecosystem{Type: "rpm", Distro: "bottlerocket"},
				Name:      p.Name, Arches: archList(arch), Ranges: fixedIn(evrOf(p.Epoch, version)),
			})
		}
	}
	a.Affected = join(a.Affected, lastFix)
	return rej.done(a)
}

// brsaVersion returns the version of a package. That of a kernel is given as
// the package of Amazon Linux that it is built from; Bottlerocket's own has
// its version but another release.
func brsaVersion(s string) string {
	if name, evr, ok := nevr(s); ok && strings.HasPrefix(name, "kernel") {
		s, _, _ = strings.Cut(evr, "-")
	}
	return s
}
