package extract

import (
	"bytes"
	"crypto/sha1" //nolint:gosec // it is the key of the public lists of jars, not a protection
	"encoding/hex"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/assay-project/assay/internal/artifact"
	"github.com/assay-project/assay/internal/inflate"
	"github.com/assay-project/assay/inventory"
)

// Limits of what is read of a jar, in bytes but for the first two.
const (
	maxJarDepth     = 4         // jars inside the file
	maxJarMembers   = 2_000_000 // of a file and the jars inside it
	maxJarHeld      = 128 << 20 // of jars inside jars in memory at one time
	maxJarExpanded  = 1 << 30   // of all jars inside the file
	maxJarMetadata  = 1 << 20   // of a manifest, properties or project file
	maxJarMetadatas = 20_000    // such files in a file and the jars inside it
)

// readJar reads a Java archive and the archives inside it. Each one is the
// packages that its pom.properties files state, of which a shaded jar has many,
// or what its manifest tells, or at least what its name says.
// Source: Java Archive file specification; Apache Maven Archiver, section
// "pom.properties content".
func (s *shared) readJar(f *file) error {
	r := jarReader{f: f, decoders: &s.decoders}
	return r.archive(f.path, f.at, f.size, 0)
}

// jarReader counts over all archives in a file.
type jarReader struct {
	f         *file
	decoders  *inflate.Pool
	members   int
	metadatas int
	held      int64
	expanded  int64
}

// jar is what the members of one archive tell of it.
type jar struct {
	path     string // of the archive
	poms     []mavenID
	projects map[string]artifact.Member // pom.xml by directory
	stated   map[string]bool            // directories with pom.properties
	manifest manifest
}

// mavenID is the identity of a Maven artifact.
type mavenID struct{ group, name, version string }

func (r *jarReader) archive(name string, at io.ReaderAt, size int64, depth int) error {
	z, err := artifact.OpenZip(at, size)
	if err != nil {
		return err
	}
	z.Decoders = r.decoders
	if r.members += len(z.Members()); r.members > maxJarMembers {
		return fmt.Errorf("more than %d members", maxJarMembers)
	}
	j := jar{path: name}
	for _, m := range z.Members() {
		r.member(z, m, &j, depth)
	}
	for dir, m := range j.projects {
		if !j.stated[dir] {
			r.project(z, m, &j)
		}
	}
	r.add(&j, at, size)
	return nil
}

// member reads one member of an archive if it is of interest.
func (r *jarReader) member(z *artifact.Zip, m artifact.Member, j *jar, depth int) {
	base := m.Name[strings.LastIndexByte(m.Name, '/')+1:]
	switch {
	case base == "pom.properties" && strings.Contains(m.Name, "META-INF/maven/"):
		b, ok := r.read(z, m, j.path)
		if !ok {
			return
		}
		if id := parsePomProperties(b); id.name != "" {
			j.poms = append(j.poms, id)
			if j.stated == nil {
				j.stated = make(map[string]bool)
			}
			j.stated[path.Dir(m.Name)] = true
		}
	case base == "pom.xml" && strings.Contains(m.Name, "META-INF/maven/"):
		if j.projects == nil {
			j.projects = make(map[string]artifact.Member)
		}
		j.projects[path.Dir(m.Name)] = m
	case m.Name == "META-INF/MANIFEST.MF":
		if b, ok := r.read(z, m, j.path); ok {
			j.manifest = parseManifest(b)
		}
	case isJar(base):
		inner := j.path + "!/" + clean([]byte(m.Name))
		if err := r.nested(z, m, inner, depth+1); err != nil {
			r.f.problem(inner, err.Error())
		}
	}
}

// isJar tells whether a name is that of a Java archive.
func isJar(base string) bool {
	if len(base) < 5 || base[len(base)-4] != '.' {
		return false
	}
	switch strings.ToLower(base[len(base)-3:]) {
	case "jar", "war", "ear", "jpi", "hpi", "kar", "par":
		return true
	}
	return false
}

// nested reads an archive inside another one. It is held in memory, since
// the end of an archive is read first.
func (r *jarReader) nested(z *artifact.Zip, m artifact.Member, name string, depth int) error {
	switch {
	case m.Size == 0:
		return errors.New("empty archive")
	case depth > maxJarDepth:
		return fmt.Errorf("archives nested more than %d deep", maxJarDepth)
	case m.Size > maxJarHeld-r.held:
		return fmt.Errorf("more than %d bytes of nested archives", int64(maxJarHeld))
	case m.Size > maxJarExpanded-r.expanded:
		return fmt.Errorf("nested archives of more than %d bytes in all", int64(maxJarExpanded))
	}
	r.held += m.Size
	r.expanded += m.Size
	defer func() { r.held -= m.Size }()
	b, err := readMember(z, m)
	if err != nil {
		return err
	}
	return r.archive(name, bytes.NewReader(b), int64(len(b)), depth)
}

// read returns a small member. What cannot be read is a problem.
func (r *jarReader) read(z *artifact.Zip, m artifact.Member, jarPath string) ([]byte, bool) {
	var b []byte
	err := error(nil)
	r.metadatas++
	switch {
	case m.Size > maxJarMetadata:
		err = fmt.Errorf("%d bytes are over the limit of %d", m.Size, maxJarMetadata)
	case r.metadatas == maxJarMetadatas:
		err = fmt.Errorf("more than %d files of metadata", maxJarMetadatas)
	case r.metadatas > maxJarMetadatas:
		return nil, false
	default:
		b, err = readMember(z, m)
	}
	if err != nil {
		r.f.problem(jarPath+"!/"+clean([]byte(m.Name)), err.Error())
		return nil, false
	}
	return b, true
}

// readMember returns the bytes of a member whose size was found to be
// acceptable. The buffer grows with what comes, not with what is announced.
func readMember(z *artifact.Zip, m artifact.Member) ([]byte, error) {
	rc, err := z.Open(m)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	b.Grow(int(min(m.Size, 1032*m.CompressedSize+64, maxJarHeld)) + bytes.MinRead)
	_, err = b.ReadFrom(io.LimitReader(rc, m.Size+1))
	if cerr := rc.Close(); err == nil {
		err = cerr
	}
	return b.Bytes(), err
}

// project reads a project file that no pom.properties stands beside. Its
// directory has the identity, in which the file may leave things to a parent.
func (r *jarReader) project(z *artifact.Zip, m artifact.Member, j *jar) {
	_, where, _ := strings.Cut(path.Dir(m.Name), "META-INF/maven/")
	group, name, ok := strings.Cut(where, "/")
	if !ok || strings.Contains(name, "/") {
		return
	}
	b, ok := r.read(z, m, j.path)
	if !ok {
		return
	}
	var pom struct {
		Version string `xml:"version"`
		Parent  struct {
			Version string `xml:"version"`
		} `xml:"parent"`
	}
	d := xml.NewDecoder(bytes.NewReader(b))
	d.Strict = false
	d.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil }
	if err := d.Decode(&pom); err != nil {
		r.f.problem(j.path+"!/"+clean([]byte(m.Name)), err.Error())
	}
	version := pom.Version
	if version == "" {
		version = pom.Parent.Version
	}
	j.poms = append(j.poms, mavenID{clean([]byte(group)), clean([]byte(name)), stated(version)})
}

// add adds the packages of an archive.
func (r *jarReader) add(j *jar, at io.ReaderAt, size int64) {
	file := jarName(j.path)
	own := -1 // which of the poms is that of the archive itself
	for i, p := range j.poms {
		if len(j.poms) == 1 || p.name == file.name {
			own = i
		}
	}
	if own >= 0 && j.poms[own].version == "" {
		// The properties were not filled in, but the manifest may have been.
		if j.poms[own].version = j.manifest.version(); j.poms[own].version == "" {
			j.poms[own].version = file.version
		}
	}
	for _, p := range j.poms {
		r.f.add(inventory.Package{Type: "maven", Name: p.full(), Version: p.version, Path: j.path})
	}
	if own >= 0 {
		return
	}
	id, evidence := j.manifest.identity(file)
	for _, p := range j.poms {
		if p.name == id.name {
			return
		}
	}
	if id.name == "" {
		return
	}
	p := inventory.Package{Type: "maven", Name: id.full(), Version: id.version, Path: j.path, Evidence: evidence}
	// Only what is not sure of its name needs to be found by its content.
	h := sha1.New() //nolint:gosec // see the import
	if _, err := io.Copy(h, io.NewSectionReader(at, 0, size)); err == nil {
		p.Hash = "sha1:" + hex.EncodeToString(h.Sum(nil))
	}
	r.f.add(p)
}

// full returns group:name, or the name if the group is not known.
func (m mavenID) full() string {
	if m.group == "" {
		return m.name
	}
	return m.group + ":" + m.name
}

// parsePomProperties reads the properties that Maven writes into what it
// builds. Source: java.util.Properties.load for the syntax.
func parsePomProperties(b []byte) mavenID {
	var id mavenID
	for line := range bytes.Lines(b) {
		s := clean(line)
		if s == "" || s[0] == '#' || s[0] == '!' {
			continue
		}
		key, value, ok := strings.Cut(s, "=")
		if !ok {
			key, value, _ = strings.Cut(s, ":")
		}
		value = strings.TrimSpace(strings.NewReplacer(`\:`, ":", `\=`, "=", `\ `, " ").Replace(value))
		switch strings.TrimSpace(key) {
		case "groupId":
			id.group = stated(value)
		case "artifactId":
			id.name = stated(value)
		case "version":
			id.version = stated(value)
		}
	}
	return id
}

// stated returns a value that says something: not one that was to be replaced
// when the artifact was built.
func stated(s string) string {
	s = strings.TrimSpace(s)
	if strings.Contains(s, "${") || strings.HasPrefix(s, "@") && strings.HasSuffix(s, "@") || s == "unspecified" || s == "unknown" {
		return ""
	}
	return s
}
