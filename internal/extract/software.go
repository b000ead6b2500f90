package extract

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/assay-project/assay/internal/artifact"
	"github.com/assay-project/assay/inventory"
)

// softwareFormats is the table of software that no package manager installed
// and whose version stands in a file of its own. What is found in executables
// is in the table of programs.
func softwareFormats() []format {
	s := new(shared)
	rows := []format{
		{"java-release", 1, []string{"release"}, installed, stream, readJavaRelease},
		{"tomcat", 1, []string{"*/lib/catalina.jar"}, installed, random, s.readTomcat},
		{"jenkins", 1, []string{"jenkins.war"}, installed, random, s.readJenkins},
		{"software-jar", 1, []string{
			"elasticsearch-*.jar", "opensearch-*.jar", "kafka_*.jar", "zookeeper-*.jar", "apache-cassandra-*.jar", "solr-core-*.jar",
			"jetty-server-*.jar",
		}, installed, stream, readSoftwareJar},
		{"wordpress-plugin", 1, []string{
			"*/wp-content/plugins/*.php", "*/wp-content/plugins/*/*.php", "*/wp-content/mu-plugins/*.php",
		}, installed, stream, readPlugin},
		{"wordpress-theme", 1, []string{"*/wp-content/themes/*/style.css"}, installed, stream, readTheme},
		{"conda", 1, []string{"conda-meta/*.json", "*/conda-meta/*.json"}, installed, stream, readConda},
		{"linux", 1, []string{"boot/vmlinuz-*"}, installed, stream, readKernel},
	}
	for _, l := range sourceLines() {
		rows = append(rows, format{"software-" + l.name, 1, l.files, installed, stream, l.read})
	}
	return rows
}

// maxHeading is how many bytes of a text are looked at for a version that
// stands near its beginning.
const maxHeading = 64 << 10

// software records a software of the table in package ecosystem.
func (f *file) software(name, version string, evidence inventory.Evidence) {
	f.add(inventory.Package{Type: "generic", Name: name, Version: version, Evidence: evidence})
}

// A sourceLine is software whose version stands behind a text in one of its
// files, up to the mark that would end a value there.
type sourceLine struct {
	name   string
	files  []string
	before string // empty: the version is the first line
}

// sourceLines is the table of such software. Sources: the files named, in the
// releases of the software.
func sourceLines() []sourceLine {
	return []sourceLine{
		{"drupal", []string{"*/core/lib/Drupal.php"}, "const VERSION = '"},
		{"erlang", []string{"*/releases/*/OTP_VERSION"}, ""},
		{"grafana", []string{"*/grafana/VERSION"}, ""},
		{"joomla", []string{"*/administrator/manifests/files/joomla.xml"}, "<version>"},
		{"kibana", []string{"*/kibana/package.json"}, `"version": "`},
		{"mediawiki", []string{"*/includes/Defines.php"}, "define( 'MW_VERSION', '"},
		{"nextcloud", []string{"version.php", "*/nextcloud/version.php", "*/html/version.php"}, "$OC_VersionString = '"},
		{"phpmyadmin", []string{"*/libraries/classes/Version.php", "*/src/Version.php"}, "public const VERSION = '"},
		{"rabbitmq", []string{"*/plugins/rabbit-*/ebin/rabbit.app"}, `{vsn,"`},
		{"wordpress", []string{"*/wp-includes/version.php"}, "$wp_version = '"},
	}
}

// read reads the version.
func (l sourceLine) read(f *file) error {
	return eachLine(io.LimitReader(f.r, maxHeading), func(line []byte, _ bool) error {
		i := bytes.Index(line, []byte(l.before))
		if i < 0 {
			return nil
		}
		v := line[i+len(l.before):]
		if n := bytes.IndexAny(v, `'"<`); n >= 0 {
			v = v[:n]
		}
		if v = bytes.TrimSpace(v); len(v) > 0 && len(v) <= maxMarked && digit(v[0]) && versionLen(v) == len(v) {
			f.software(l.name, clean(v), inventory.Manifest)
		} else if l.before != "" {
			return nil
		}
		return errDone
	})
}

// readJavaRelease reads the file at the root of a Java runtime: assignments of
// a shell, one a line.
// Source: JEP 223 and JDK, make/ReleaseFile.gmk.
func readJavaRelease(f *file) error {
	values := map[string]string{}
	err := eachLine(io.LimitReader(f.r, maxHeading), func(line []byte, _ bool) error {
		name, value, ok := bytes.Cut(line, []byte("="))
		if !ok || len(values) > 100 {
			return errDone // no such file
		}
		if len(value) <= maxMarked*4 {
			values[string(bytes.TrimSpace(name))] = strings.Trim(clean(value), `"`)
		}
		return nil
	})
	version := javaVersion(values["JAVA_VERSION"])
	if version == "" || !digit(version[0]) {
		return err
	}
	f.software(javaName(values), version, inventory.Manifest)
	return err
}

// javaName returns which build of Java it is. GraalVM's own version is not that
// of Java.
func javaName(values map[string]string) string {
	if values["GRAALVM_VERSION"] != "" {
		return "graalvm"
	}
	if values["JVM_VARIANT"] == "Openj9" || values["JVM_VARIANT"] == "OpenJ9" {
		return "openj9"
	}
	if values["BUILD_TYPE"] == "commercial" {
		return "oracle-jdk"
	}
	maker := strings.ToLower(values["IMPLEMENTOR"])
	for _, m := range []struct{ word, name string }{
		{"adoptium", "temurin"},
		{"adoptopenjdk", "temurin"},
		{"amazon", "corretto"},
		{"azul", "zulu"},
		{"bellsoft", "liberica"},
		{"microsoft", "microsoft-openjdk"},
		{"sap ", "sapmachine"},
	} {
		if strings.Contains(maker, m.word) {
			return m.name
		}
	}
	return "openjdk"
}

// javaVersion writes 1.8.0_392 as 8.0.392, as newer versions are written.
// Source: JEP 223, "New Version-String Scheme", section "Motivation".
func javaVersion(v string) string {
	if rest, ok := strings.CutPrefix(v, "1."); ok {
		v = strings.Replace(strings.Replace(rest, ".0_", ".0.", 1), "_", ".", 1)
	}
	return upstream(v)
}

// readSoftwareJar goes by the name of a file alone: kafka_2.13-3.6.0.jar in a
// directory of Kafka. Elsewhere the same file is a library.
func readSoftwareJar(f *file) error {
	dir, base := path.Split(f.path)
	for _, s := range [...]struct{ name, prefix string }{
		{"elasticsearch", "elasticsearch-"},
		{"opensearch", "opensearch-"},
		{"kafka", "kafka_"},
		{"zookeeper", "zookeeper-"},
		{"cassandra", "apache-cassandra-"},
		{"solr", "solr-core-"},
		{"jetty", "jetty-server-"},
	} {
		v, ok := strings.CutPrefix(strings.TrimSuffix(base, ".jar"), s.prefix)
		if !ok || !strings.Contains(dir, s.name) {
			continue
		}
		if s.name == "kafka" {
			_, v, _ = strings.Cut(v, "-") // of Scala
		}
		if v != "" && digit(v[0]) && strings.Trim(v, "0123456789.") == "" {
			f.software(s.name, v, inventory.Filename)
		}
	}
	return nil
}

// member returns the bytes of a member of an archive, or nothing.
func (s *shared) member(f *file, name string) ([]byte, error) {
	z, err := artifact.OpenZip(f.at, f.size)
	if err != nil {
		return nil, err
	}
	z.Decoders = &s.decoders
	for _, m := range z.Members() {
		switch {
		case m.Name != name:
		case m.Size > maxJarMetadata:
			return nil, fmt.Errorf("%s: %w", name, tooLarge(m.Size, maxJarMetadata))
		default:
			return readMember(z, m)
		}
	}
	return nil, nil
}

// readTomcat reads what Tomcat tells of itself: server.info=Apache Tomcat/9.0.83.
// Source: Apache Tomcat, org/apache/catalina/util/ServerInfo.
func (s *shared) readTomcat(f *file) error {
	b, err := s.member(f, "org/apache/catalina/util/ServerInfo.properties")
	for line := range bytes.Lines(b) {
		if v, ok := bytes.CutPrefix(line, []byte("server.info=Apache Tomcat/")); ok && len(v) <= maxMarked {
			f.software("tomcat", clean(v), inventory.Manifest)
			break
		}
	}
	return err
}

// readJenkins reads the version in the manifest of Jenkins.
func (s *shared) readJenkins(f *file) error {
	b, err := s.member(f, "META-INF/MANIFEST.MF")
	for line := range bytes.Lines(b) {
		if v, ok := bytes.CutPrefix(line, []byte("Jenkins-Version: ")); ok && len(v) <= maxMarked {
			f.software("jenkins", clean(v), inventory.Manifest)
			break
		}
	}
	return err
}

// readKernel reads the release of a kernel from its name, and the version from
// its header, if it is one for x86. Without one the release must begin with
// the version of its makers, which that of a distribution need not.
// Source: Linux, Documentation/arch/x86/boot.rst, fields header and
// kernel_version.
func readKernel(f *file) error {
	_, base := path.Split(f.path)
	release := strings.TrimPrefix(base, "vmlinuz-")
	head := make([]byte, 0x8000)
	n, err := io.ReadFull(f.r, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return err
	}
	head, evidence := head[:n], inventory.Filename
	if n > 0x210 && string(head[0x202:0x206]) == "HdrS" {
		if at := 0x200 + (int(head[0x20e]) | int(head[0x20f])<<8); at < n {
			text, _, _ := bytes.Cut(head[at:], []byte{0})
			if first, _, ok := strings.Cut(clean(text), " "); ok && first != "" && len(first) <= 2*maxMarked {
				release, evidence = first, inventory.Binary
			}
		}
	}
	version := release
	if i := strings.IndexAny(version, "-+_~"); i > 0 && !strings.HasPrefix(version[i:], "-rc") {
		version = version[:i]
	}
	if strings.Count(version, ".") < 1 || !digit(version[0]) {
		return nil // vmlinuz-linux is a name for whatever is there
	}
	f.software("linux", version, evidence)
	return nil
}
