package extract

import (
	"bytes"
	"strings"

	"github.com/assay-project/assay/inventory"
)

// manifest has the main attributes of META-INF/MANIFEST.MF by their names in
// lower case.
type manifest map[string]string

// parseManifest reads the main section: "Name: value" lines, which go on in
// lines that begin with a space, up to the first empty line.
// Source: Java Archive file specification, section "Notes on Manifest and
// Signature Files".
func parseManifest(b []byte) manifest {
	m := make(manifest)
	b = trimBOM(b)
	b = bytes.ReplaceAll(b, []byte("\r\n"), []byte("\n"))
	b = bytes.ReplaceAll(b, []byte("\r"), []byte("\n"))
	if main, _, ok := bytes.Cut(b, []byte("\n\n")); ok && len(bytes.TrimSpace(main)) > 0 {
		b = main
	}
	b = bytes.ReplaceAll(b, []byte("\n "), nil)
	for line := range bytes.Lines(b) {
		key, value, ok := bytes.Cut(line, []byte(":"))
		if k := strings.ToLower(clean(key)); ok && m[k] == "" {
			m[k] = stated(clean(value))
		}
	}
	return m
}

// version returns the version that the manifest states, most exact first: OSGi
// versions are bent into four numbers and come last.
// Source: OSGi Core, section 3.2.5 "Version".
func (m manifest) version() string {
	for _, key := range []string{"plugin-version", "implementation-version", "bundle-version", "specification-version"} {
		if v := m[key]; v != "" && v[0] >= '0' && v[0] <= '9' && !strings.ContainsAny(v, " \t/:") {
			return v
		}
	}
	return ""
}

// identity returns the Maven artifact that a jar without pom.properties is, as
// well as its manifest and its name let us know, and how well that is.
func (m manifest) identity(file mavenID) (mavenID, inventory.Evidence) {
	if g, n := m["group-id"], m["short-name"]; g != "" && n != "" {
		// A plugin of Jenkins.
		return mavenID{g, n, m.version()}, inventory.Manifest
	}
	id := file
	symbolic, _, _ := strings.Cut(m["bundle-symbolicname"], ";")
	symbolic = strings.TrimSpace(symbolic)
	title, vendor := m["implementation-title"], m["implementation-vendor-id"]
	if !mavenName(title) {
		title = ""
	}
	switch {
	case symbolic != "" && strings.HasPrefix(file.name, symbolic+"_"):
		// Eclipse names the files of bundles so.
		id = mavenID{name: symbolic, version: file.name[len(symbolic)+1:]}
	case file.name == "" || file.name == "app" || file.name == "lib":
		id.name = title
	}
	if id.name == "" {
		id.name = symbolic[strings.LastIndexByte(symbolic, '.')+1:]
	}
	if id.group == "" {
		id.group = mavenGroups[id.name]
	}
	if id.group == "" {
		id.group = groupByPrefix(id.name)
	}
	// Maven Archiver, section "Manifest": the vendor's id is the group.
	if id.group == "" && strings.Contains(vendor, ".") && mavenName(vendor) {
		id.group = vendor
	}
	for _, name := range []string{symbolic, m["automatic-module-name"]} {
		if id.group == "" {
			id.group = groupOfBundle(name, id.name)
		}
	}
	evidence := inventory.Filename
	if v := m.version(); v != "" {
		evidence = inventory.Manifest
		// The bundle's version is the last choice: 31.1.0.jre for 31.1-jre. But
		// of log4j-1.2-1.2.17 it tells which part of the name is the version.
		exact := v != m["bundle-version"] && v != m["specification-version"] && v != id.version+"-SNAPSHOT"
		if id.version == "" || exact || strings.HasSuffix(id.version, "-"+v) {
			id.version = v
		}
	}
	if symbolic == "" && title == "" && vendor == "" && m["automatic-module-name"] == "" {
		evidence = inventory.Filename
	}
	return id, evidence
}

// mavenName tells whether s could be a group or an artifact of Maven.
// Source: Maven, DefaultModelValidator, pattern of identifiers.
func mavenName(s string) bool {
	for _, c := range s {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '.', c == '-', c == '_':
		default:
			return false
		}
	}
	return s != ""
}

// groupOfBundle returns the group for which the name of a bundle is computed
// from group and artifact: group.artifact, but the artifact without the last
// part of the group if it begins with that, and just the group if it is equal
// to it. Empty if the name does not fit.
// Source: Apache Felix, maven-bundle-plugin, section "Default Behavior".
func groupOfBundle(bundle, name string) string {
	dotted := func(s string) string { return strings.ReplaceAll(s, "-", ".") }
	for i := range len(name) {
		if name[i] != '-' && name[i] != '.' {
			continue
		}
		// org.apache.maven + maven-core = org.apache.maven.core
		last, rest := name[:i], name[i+1:]
		for _, r := range []string{rest, dotted(rest)} {
			if group, ok := strings.CutSuffix(bundle, "."+r); ok && strings.HasSuffix(group, "."+last) {
				return group
			}
		}
	}
	for _, n := range []string{name, dotted(name)} {
		if group, ok := strings.CutSuffix(bundle, "."+n); ok && strings.Contains(group, ".") {
			return group
		}
	}
	return ""
}

// splitJarName splits name-version.jar. The version begins at the first dash
// before a digit after which no other part of a name comes, and goes on over
// qualifiers, but not over a classifier.
func splitJarName(base string) mavenID {
	base = clean([]byte(base))
	if isJar(base) {
		base = base[:len(base)-4]
	}
	parts := strings.Split(base, "-")
	last := 0 // the last part that begins with a digit
	for i, p := range parts {
		if i > 0 && p != "" && p[0] >= '0' && p[0] <= '9' {
			last = i
		}
	}
	if last == 0 {
		return mavenID{name: base}
	}
	first := last
	for first > 1 && isVersionPart(parts[first-1]) {
		first--
	}
	for first < last && (parts[first] == "" || parts[first][0] < '0' || parts[first][0] > '9') {
		first++
	}
	end := last + 1
	for end < len(parts) && isVersionPart(parts[end]) {
		end++
	}
	if first == 1 && parts[0] == "" {
		return mavenID{name: base}
	}
	return mavenID{name: strings.Join(parts[:first], "-"), version: strings.Join(parts[first:end], "-")}
}

// jarName returns what the path of a jar tells: its name, and its group if it
// lies in a repository as Maven keeps them, which is group/name/version/file
// with the parts of the group as directories.
// Source: Maven, "Maven2 Repository Layout".
func jarName(p string) mavenID {
	if i := strings.LastIndex(p, "!/"); i >= 0 {
		p = p[i+2:]
	}
	dirs := strings.Split(clean([]byte(p)), "/")
	n := len(dirs) - 1
	file := splitJarName(dirs[n])
	if n < 3 || !strings.HasPrefix(dirs[n], dirs[n-2]+"-"+dirs[n-1]) {
		return file
	}
	id := mavenID{name: dirs[n-2], version: dirs[n-1]}
	for i := n - 3; i >= 0; i-- {
		if dirs[i] == "repository" || dirs[i] == "maven-repo" {
			id.group = strings.Join(dirs[i+1:n-2], ".")
			return id
		}
	}
	return file
}

// isVersionPart tells whether a part between dashes is one of a version.
func isVersionPart(s string) bool {
	if s == "" {
		return false
	}
	if s[0] >= '0' && s[0] <= '9' {
		return true
	}
	word := strings.ToLower(strings.TrimRight(s, "0123456789."))
	switch word {
	case "alpha", "beta", "rc", "cr", "m", "milestone", "ga", "final", "release", "snapshot", "sp", "jre", "android", "jdk", "incubating", "b", "pre", "dev", "ea", "redhat":
		return true
	}
	return false
}

// groupByPrefix returns the group of artifacts that belong to a family whose
// names begin alike.
func groupByPrefix(name string) string {
	for _, g := range mavenFamilies {
		if strings.HasPrefix(name, g.prefix) {
			return g.group
		}
	}
	return ""
}

// mavenFamilies are groups whose artifacts share a prefix that nobody else
// uses, longest first. Source: Maven Central.
var mavenFamilies = []struct{ prefix, group string }{
	{"spring-boot-", "org.springframework.boot"},
	{"spring-cloud-", "org.springframework.cloud"},
	{"spring-security-", "org.springframework.security"},
	{"spring-data-", "org.springframework.data"},
	{"jackson-dataformat-", "com.fasterxml.jackson.dataformat"},
	{"jackson-datatype-", "com.fasterxml.jackson.datatype"},
	{"jackson-module-", "com.fasterxml.jackson.module"},
	{"log4j-", "org.apache.logging.log4j"},
	{"netty-", "io.netty"},
	{"tomcat-embed-", "org.apache.tomcat.embed"},
	{"tomcat-", "org.apache.tomcat"},
	{"jetty-", "org.eclipse.jetty"},
	{"shiro-", "org.apache.shiro"},
	{"struts2-", "org.apache.struts"},
	{"xwork-", "org.apache.struts.xwork"},
	{"lucene-", "org.apache.lucene"},
	{"logback-", "ch.qos.logback"},
	{"slf4j-", "org.slf4j"},
	{"undertow-", "io.undertow"},
	{"vertx-", "io.vertx"},
	{"kafka-", "org.apache.kafka"},
	{"hadoop-", "org.apache.hadoop"},
	{"zookeeper-", "org.apache.zookeeper"},
	{"activemq-", "org.apache.activemq"},
	{"cxf-", "org.apache.cxf"},
	{"camel-", "org.apache.camel"},
	{"wildfly-", "org.wildfly"},
	{"hibernate-validator-", "org.hibernate.validator"},
	{"asm-", "org.ow2.asm"},
	{"guice-", "com.google.inject.extensions"},
	{"commons-logging-", "commons-logging"},
	{"bcprov-", "org.bouncycastle"},
	{"bcpkix-", "org.bouncycastle"},
	{"bcutil-", "org.bouncycastle"},
	{"bcmail-", "org.bouncycastle"},
	{"bcpg-", "org.bouncycastle"},
	{"bctls-", "org.bouncycastle"},
}

// mavenGroups are the groups of artifacts that are found without metadata of
// Maven and whose names of bundles do not tell it. Source: Maven Central.
var mavenGroups = map[string]string{
	"ant":                           "org.apache.ant",
	"antlr":                         "antlr",
	"antlr4-runtime":                "org.antlr",
	"aopalliance":                   "aopalliance",
	"asm":                           "org.ow2.asm",
	"aspectjrt":                     "org.aspectj",
	"aspectjweaver":                 "org.aspectj",
	"avro":                          "org.apache.avro",
	"bcprov":                        "org.bouncycastle",
	"byte-buddy":                    "net.bytebuddy",
	"c3p0":                          "com.mchange",
	"cglib":                         "cglib",
	"commons-beanutils":             "commons-beanutils",
	"commons-cli":                   "commons-cli",
	"commons-codec":                 "commons-codec",
	"commons-collections":           "commons-collections",
	"commons-collections3":          "commons-collections",
	"commons-collections4":          "org.apache.commons",
	"commons-compress":              "org.apache.commons",
	"commons-configuration":         "commons-configuration",
	"commons-configuration2":        "org.apache.commons",
	"commons-dbcp":                  "commons-dbcp",
	"commons-dbcp2":                 "org.apache.commons",
	"commons-digester":              "commons-digester",
	"commons-email":                 "org.apache.commons",
	"commons-fileupload":            "commons-fileupload",
	"commons-httpclient":            "commons-httpclient",
	"commons-io":                    "commons-io",
	"commons-jxpath":                "commons-jxpath",
	"commons-lang":                  "commons-lang",
	"commons-lang3":                 "org.apache.commons",
	"commons-logging":               "commons-logging",
	"commons-net":                   "commons-net",
	"commons-pool":                  "commons-pool",
	"commons-pool2":                 "org.apache.commons",
	"commons-text":                  "org.apache.commons",
	"commons-validator":             "commons-validator",
	"derby":                         "org.apache.derby",
	"dom4j":                         "org.dom4j",
	"ehcache":                       "net.sf.ehcache",
	"fastjson":                      "com.alibaba",
	"freemarker":                    "org.freemarker",
	"groovy":                        "org.codehaus.groovy",
	"groovy-all":                    "org.codehaus.groovy",
	"gson":                          "com.google.code.gson",
	"guava":                         "com.google.guava",
	"guice":                         "com.google.inject",
	"h2":                            "com.h2database",
	"hamcrest":                      "org.hamcrest",
	"hibernate-core":                "org.hibernate",
	"hibernate-validator":           "org.hibernate.validator",
	"hsqldb":                        "org.hsqldb",
	"httpclient":                    "org.apache.httpcomponents",
	"httpcore":                      "org.apache.httpcomponents",
	"itextpdf":                      "com.itextpdf",
	"jackson-annotations":           "com.fasterxml.jackson.core",
	"jackson-core":                  "com.fasterxml.jackson.core",
	"jackson-core-asl":              "org.codehaus.jackson",
	"jackson-databind":              "com.fasterxml.jackson.core",
	"jackson-mapper-asl":            "org.codehaus.jackson",
	"javassist":                     "org.javassist",
	"jaxen":                         "jaxen",
	"jdom":                          "org.jdom",
	"jdom2":                         "org.jdom",
	"jersey-server":                 "org.glassfish.jersey.core",
	"json":                          "org.json",
	"json-smart":                    "net.minidev",
	"jsr305":                        "com.google.code.findbugs",
	"jsch":                          "com.jcraft",
	"jsoup":                         "org.jsoup",
	"jstl":                          "javax.servlet",
	"junit":                         "junit",
	"jython":                        "org.python",
	"log4j":                         "log4j",
	"mariadb-java-client":           "org.mariadb.jdbc",
	"mysql-connector-j":             "com.mysql",
	"mysql-connector-java":          "mysql",
	"netty":                         "io.netty",
	"nimbus-jose-jwt":               "com.nimbusds",
	"objenesis":                     "org.objenesis",
	"ojdbc8":                        "com.oracle.database.jdbc",
	"okhttp":                        "com.squareup.okhttp3",
	"okio":                          "com.squareup.okio",
	"pdfbox":                        "org.apache.pdfbox",
	"poi":                           "org.apache.poi",
	"poi-ooxml":                     "org.apache.poi",
	"postgresql":                    "org.postgresql",
	"protobuf-java":                 "com.google.protobuf",
	"quartz":                        "org.quartz-scheduler",
	"rhino":                         "org.mozilla",
	"servlet-api":                   "javax.servlet",
	"javax.servlet-api":             "javax.servlet",
	"snakeyaml":                     "org.yaml",
	"snappy-java":                   "org.xerial.snappy",
	"solr-core":                     "org.apache.solr",
	"spring-aop":                    "org.springframework",
	"spring-aspects":                "org.springframework",
	"spring-beans":                  "org.springframework",
	"spring-context":                "org.springframework",
	"spring-context-support":        "org.springframework",
	"spring-core":                   "org.springframework",
	"spring-expression":             "org.springframework",
	"spring-instrument":             "org.springframework",
	"spring-jcl":                    "org.springframework",
	"spring-jdbc":                   "org.springframework",
	"spring-jms":                    "org.springframework",
	"spring-messaging":              "org.springframework",
	"spring-orm":                    "org.springframework",
	"spring-oxm":                    "org.springframework",
	"spring-test":                   "org.springframework",
	"spring-tx":                     "org.springframework",
	"spring-web":                    "org.springframework",
	"spring-webflux":                "org.springframework",
	"spring-webmvc":                 "org.springframework",
	"spring-websocket":              "org.springframework",
	"stax2-api":                     "org.codehaus.woodstox",
	"tika-core":                     "org.apache.tika",
	"tika-parsers":                  "org.apache.tika",
	"velocity":                      "org.apache.velocity",
	"velocity-engine-core":          "org.apache.velocity",
	"woodstox-core":                 "com.fasterxml.woodstox",
	"xalan":                         "xalan",
	"xercesImpl":                    "xerces",
	"xml-apis":                      "xml-apis",
	"xmlgraphics-commons":           "org.apache.xmlgraphics",
	"xmlsec":                        "org.apache.santuario",
	"xstream":                       "com.thoughtworks.xstream",
	"zookeeper":                     "org.apache.zookeeper",
	"batik-all":                     "org.apache.xmlgraphics",
	"bsh":                           "org.beanshell",
	"elasticsearch":                 "org.elasticsearch",
	"hazelcast":                     "com.hazelcast",
	"jenkins-core":                  "org.jenkins-ci.main",
	"jettison":                      "org.codehaus.jettison",
	"jetty":                         "org.mortbay.jetty",
	"ognl":                          "ognl",
	"openjpa":                       "org.apache.openjpa",
	"jcl-over-slf4j":                "org.slf4j",
	"jul-to-slf4j":                  "org.slf4j",
	"wss4j":                         "org.apache.ws.security",
	"axis":                          "org.apache.axis",
	"myfaces-api":                   "org.apache.myfaces.core",
	"org.apache.servicemix.bundles": "org.apache.servicemix.bundles",
}
