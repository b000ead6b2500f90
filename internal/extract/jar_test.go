package extract

import (
	"archive/zip"
	"bytes"
	"crypto/sha1"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-project/assay/inventory"
)

func TestSplitJarName(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ base, name, version string }{
		{"log4j-core-2.17.1.jar", "log4j-core", "2.17.1"},
		{"log4j-1.2-api-2.17.1.jar", "log4j-1.2-api", "2.17.1"},
		{"guava-31.1-jre.jar", "guava", "31.1-jre"},
		{"netty-all-4.1.48.Final.jar", "netty-all", "4.1.48.Final"},
		{"netty-tcnative-2.0.54.Final-linux-x86_64.jar", "netty-tcnative", "2.0.54.Final"},
		{"spring-boot-2.0.0.RELEASE.jar", "spring-boot", "2.0.0.RELEASE"},
		{"a-1.0-SNAPSHOT.jar", "a", "1.0-SNAPSHOT"},
		{"a-1.0-20200101.123456-1.jar", "a", "1.0-20200101.123456-1"},
		{"a-1.0-beta-2-sources.jar", "a", "1.0-beta-2"},
		{"bcprov-jdk15on-1.68.jar", "bcprov-jdk15on", "1.68"},
		{"commons-lang3.jar", "commons-lang3", ""},
		{"app.WAR", "app", ""},
		{"-1.jar", "-1", ""},
		{".jar", ".jar", ""},
		{"1.0.jar", "1.0", ""},
	} {
		t.Run(tt.base, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(mavenID{name: tt.name, version: tt.version}, splitJarName(tt.base), cmp.AllowUnexported(mavenID{})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestGroupOfBundle(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ bundle, name, want string }{
		{"org.apache.maven.core", "maven-core", "org.apache.maven"},
		{"org.apache.logging.log4j.core", "log4j-core", "org.apache.logging.log4j"},
		{"org.apache.commons.lang3", "commons-lang3", "org.apache.commons"},
		{"org.mongodb.bson", "bson", "org.mongodb"},
		{"com.example.two-words", "two-words", "com.example"},
		{"com.example", "other", ""},
		{"log4j", "log4j", ""},
		{"", "x", ""},
	} {
		if got := groupOfBundle(tt.bundle, tt.name); got != tt.want {
			t.Errorf("groupOfBundle(%q, %q) = %q; want %q", tt.bundle, tt.name, got, tt.want)
		}
	}
}

// TestJarHash checks that a jar of uncertain name can be found by its content.
func TestJarHash(t *testing.T) {
	t.Parallel()
	inner := packZip(t, map[string][]byte{"x": []byte("x")})
	f := readBytes("a.war", packZip(t, map[string][]byte{"WEB-INF/lib/some-1.0.jar": inner}))
	sum := sha1.Sum(inner)
	want := inventory.Package{
		Type: "maven", Name: "some", Version: "1.0", Path: "a.war!/WEB-INF/lib/some-1.0.jar",
		Evidence: inventory.Filename, Hash: "sha1:" + hex.EncodeToString(sum[:]),
	}
	if len(f.Packages) != 2 || !cmp.Equal(want, f.Packages[0]) {
		t.Errorf("got %+v; want %+v first, and the archive itself", f.Packages, want)
	}
}

// TestJarLimits hands in archives that would be too much: nothing but a problem
// may come of the part that is.
func TestJarLimits(t *testing.T) {
	t.Parallel()
	bomb := packZip(t, map[string][]byte{"x.jar": make([]byte, 200<<20)})
	manifest := packZip(t, map[string][]byte{"META-INF/MANIFEST.MF": bytes.Repeat([]byte("a: b\n"), maxJarMetadata)})
	many := map[string][]byte{}
	small := packZip(t, map[string][]byte{"x.jar": make([]byte, 15<<20)})
	for _, c := range "abcdefghijklmnopqrstuvwxyz" {
		for _, d := range "abcd" {
			many[string(c)+string(d)+".jar"] = small
		}
	}
	for _, tt := range []struct {
		name string
		data []byte
		want string
	}{
		{"a nested archive larger than allowed", bomb, "problem x.jar!/x.jar: more than 134217728 bytes of nested archives"},
		{"a manifest larger than allowed", manifest, "problem x.jar!/META-INF/MANIFEST.MF: 5242880 bytes are over the limit of 1048576"},
		{"nested archives larger in all", packZip(t, many), "in all"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := describe([]*File{readBytes("x.jar", tt.data)})
			if !strings.Contains(got, tt.want) || !strings.Contains(got, "maven x - filename") {
				t.Errorf("got %s; want %q and the jar itself", got, tt.want)
			}
		})
	}
}

// TestJarStored reads an archive as Spring Boot makes them, with others stored
// inside and a script in front.
func TestJarStored(t *testing.T) {
	t.Parallel()
	inner := packZip(t, map[string][]byte{"META-INF/maven/g/a/pom.properties": []byte("groupId=g\nartifactId=a\nversion=1\n")})
	var b bytes.Buffer
	b.WriteString("#!/bin/sh\nexec java -jar $0\n")
	w := zip.NewWriter(&b)
	w.SetOffset(int64(b.Len()))
	m, err := w.CreateHeader(&zip.FileHeader{Name: "BOOT-INF/lib/a-1.jar", Method: zip.Store})
	if err == nil {
		_, err = m.Write(inner)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	got := describe([]*File{readBytes("boot-2.0.jar", b.Bytes())})
	want := "maven boot 2.0 filename hashed boot-2.0.jar\nmaven g:a 1 manifest boot-2.0.jar!/BOOT-INF/lib/a-1.jar\n"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func FuzzJar(f *testing.F) {
	inner := packZip(f, map[string][]byte{"META-INF/MANIFEST.MF": []byte("Bundle-SymbolicName: a.b.c\nBundle-Version: 1.0\n")})
	f.Add(packZip(f, map[string][]byte{
		"META-INF/maven/g/a/pom.properties": []byte("groupId=g\nartifactId=a\nversion=1\n"),
		"META-INF/maven/g/b/pom.xml":        []byte("<project><version>2</version></project>"),
		"lib/c-1.0.jar":                     inner,
	}))
	f.Add(inner)
	f.Add([]byte("PK\x05\x06"))
	f.Fuzz(func(t *testing.T, b []byte) {
		read := func() *File {
			out := &File{Path: "x-1.0.jar"}
			fl := &file{path: out.Path, size: int64(len(b)), at: bytes.NewReader(b), out: out}
			if err := new(shared).readJar(fl); err != nil {
				fl.problem(fl.path, err.Error())
			}
			return out
		}
		got := read()
		if len(got.Packages) == 0 && len(got.Problems) == 0 {
			t.Error("neither a package nor a problem")
		}
		for _, p := range got.Packages {
			if p.Name == "" || !strings.HasPrefix(p.Path, "x-1.0.jar") {
				t.Errorf("incomplete: %+v", p)
			}
		}
		if diff := cmp.Diff(got, read()); diff != "" {
			t.Errorf("another result the second time:\n%s", diff)
		}
	})
}

func FuzzManifest(f *testing.F) {
	f.Add([]byte("Manifest-Version: 1.0\r\nBundle-SymbolicName: a.b\r\n .c;x=y\r\n\r\nName: x\r\n"), "c-1.0.jar")
	f.Add([]byte("Implementation-Version: ${version}\nImplementation-Vendor-Id: org.x\n"), "app.jar")
	f.Fuzz(func(t *testing.T, b []byte, base string) {
		id, evidence := parseManifest(b).identity(splitJarName(base))
		if evidence == "" || strings.Contains(id.version, "${") && !strings.Contains(base, "${") {
			t.Errorf("got %+v, %q", id, evidence)
		}
	})
}

// BenchmarkJar reads a jar with 2,000 classes; nothing but its directory and
// two small members may be touched.
func BenchmarkJar(b *testing.B) {
	files := map[string][]byte{
		"META-INF/maven/g/a/pom.properties": []byte("groupId=g\nartifactId=a\nversion=1\n"),
		"META-INF/MANIFEST.MF":              []byte("Manifest-Version: 1.0\n"),
	}
	for i := range 2000 {
		files["com/example/Class"+strings.Repeat("x", i%20)+string(rune('a'+i%26))+hex.EncodeToString([]byte{byte(i >> 8), byte(i)})+".class"] = make([]byte, 100)
	}
	data := packZip(b, files)
	b.ReportAllocs()
	for b.Loop() {
		f := &file{path: "a-1.jar", size: int64(len(data)), at: bytes.NewReader(data), out: &File{}}
		if err := new(shared).readJar(f); err != nil || len(f.out.Packages) != 1 {
			b.Fatal(err, f.out.Packages)
		}
	}
}
