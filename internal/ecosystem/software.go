package ecosystem

import (
	"cmp"
	"slices"
	"strings"
)

// software is one row of the table of generic software.
type software struct {
	name    string
	cpes    string // "vendor:product", separated by spaces; none if advisories by CPE do not name it
	bitnami string // its name in Bitnami's advisories; empty if they have none
	life    string // its name at endoflife.date; empty if that has none
}

// openJDK are the products under which advisories name what all builds of
// OpenJDK have in common.
const openJDK = "oracle:openjdk oracle:java_se oracle:jdk oracle:jre"

// softwares is the table of software that is recognised without a package
// manager, sorted by name.
// Sources: the CPE names that the configurations of NVD use; the Bitnami
// vulnerability database; endoflife.date, "All products".
var softwares = []software{
	{"angie", "", "", ""},
	{"bash", "gnu:bash", "", ""},
	{"bind", "isc:bind isc:bind_9", "", ""},
	{"busybox", "busybox:busybox", "", ""},
	{"cassandra", "apache:cassandra", "cassandra", "apache-cassandra"},
	{"corretto", openJDK, "java", "amazon-corretto"},
	{"curl", "haxx:curl haxx:libcurl curl:curl curl:libcurl", "", ""},
	{"dnsmasq", "thekelleys:dnsmasq dnsmasq:dnsmasq", "", ""},
	{"dovecot", "dovecot:dovecot open-xchange:dovecot", "", "dovecot"},
	{"drupal", "drupal:drupal", "drupal", "drupal"},
	{"elasticsearch", "elastic:elasticsearch elasticsearch:elasticsearch", "elasticsearch", "elasticsearch"},
	{"erlang", `erlang:erlang\/otp`, "", "erlang"},
	{"exim", "exim:exim university_of_cambridge:exim", "", "exim"},
	{"git", "git-scm:git git:git git_project:git", "git", ""},
	{"graalvm", "oracle:graalvm oracle:graalvm_for_jdk oracle:graalvm_enterprise", "", "oracle-graalvm"},
	{"grafana", "grafana:grafana", "grafana", "grafana"},
	{"haproxy", "haproxy:haproxy", "haproxy", "haproxy"},
	{"httpd", "apache:http_server", "apache", "apache-http-server"},
	{"imagemagick", "imagemagick:imagemagick", "", ""},
	{"jenkins", "jenkins:jenkins cloudbees:jenkins", "jenkins", "jenkins"},
	{"jetty", "eclipse:jetty", "", "eclipse-jetty"},
	{"joomla", `joomla:joomla\!`, "joomla", "joomla"},
	{"kafka", "apache:kafka", "kafka", "apache-kafka"},
	{"kibana", "elastic:kibana elasticsearch:kibana", "kibana", "kibana"},
	{"liberica", openJDK, "java", "bellsoft-liberica"},
	{"lighttpd", "lighttpd:lighttpd", "", ""},
	{"linux", "linux:linux_kernel", "", "linux-kernel"},
	{"mariadb", "mariadb:mariadb", "mariadb", "mariadb"},
	{"mediawiki", "mediawiki:mediawiki", "", "mediawiki"},
	{"memcached", "memcached:memcached", "memcached", "memcached"},
	{"microsoft-openjdk", openJDK, "java", "microsoft-build-of-openjdk"},
	{"mosquitto", "eclipse:mosquitto", "", ""}, //nolint:misspell // the broker's name
	{"mysql", "oracle:mysql oracle:mysql_server mysql:mysql", "mysql-client", "mysql"},
	{"nextcloud", "nextcloud:nextcloud_server nextcloud:nextcloud", "nextcloud", "nextcloud"},
	{"nginx", "f5:nginx nginx:nginx f5:nginx_open_source", "nginx", "nginx"},
	{"node", "nodejs:node.js nodejs:nodejs", "node", "nodejs"},
	{"openj9", "eclipse:openj9", "", "ibm-semeru"},
	{"openjdk", openJDK, "java", "openjdk-builds-from-oracle"},
	{"openresty", "openresty:openresty", "openresty", ""},
	{"opensearch", "", "", "opensearch"},
	{"openssh", "openbsd:openssh", "", ""},
	{"openssl", "openssl:openssl", "", "openssl"},
	{"openvpn", "openvpn:openvpn", "", ""},
	{"oracle-jdk", "oracle:jdk oracle:jre oracle:java_se", "", "oracle-jdk"},
	{"perl", "perl:perl shay:perl", "", "perl"},
	{"php", "php:php php_group:php", "php", "php"},
	{"phpmyadmin", "phpmyadmin:phpmyadmin", "phpmyadmin", "phpmyadmin"},
	{"postgresql", "postgresql:postgresql", "postgresql", "postgresql"},
	{"proftpd", "proftpd:proftpd", "", "proftpd"},
	{"python", "python:python python_software_foundation:cpython python:cpython", "python", "python"},
	{"rabbitmq", "vmware:rabbitmq pivotal_software:rabbitmq broadcom:rabbitmq_server", "rabbitmq", "rabbitmq"},
	{"redis", "redis:redis redislabs:redis", "redis", "redis"},
	{"ruby", "ruby-lang:ruby yukihiro_matsumoto:ruby", "ruby", "ruby"},
	{"sapmachine", openJDK, "java", "sapmachine"},
	{"solr", "apache:solr", "solr", "solr"},
	{"sqlite", "sqlite:sqlite", "sqlite", "sqlite"},
	{"squid", "squid-cache:squid squid:squid", "", "squid"},
	{"temurin", openJDK, "java", "eclipse-temurin"},
	{"tomcat", "apache:tomcat", "tomcat", "tomcat"},
	{"unbound", "nlnetlabs:unbound", "", ""},
	{"valkey", "lfprojects:valkey linuxfoundation:valkey valkey-io:valkey", "valkey", "valkey"},
	{"varnish", "varnish_cache_project:varnish_cache", "varnish", "vinyl-cache"},
	{"wordpress", "wordpress:wordpress", "wordpress", "wordpress"},
	{"zookeeper", "apache:zookeeper", "zookeeper", "zookeeper"},
	{"zulu", openJDK, "java", "azul-zulu"},
}

// Software returns what others call the generic software of a name: its CPEs
// as "vendor:product" and its name in Bitnami's advisories; both may be
// empty. ok is false for a name that is not in the table.
func Software(name string) (cpes []string, bitnami string, ok bool) {
	i, ok := slices.BinarySearchFunc(softwares, name, func(s software, name string) int {
		return cmp.Compare(s.name, name)
	})
	if !ok {
		return nil, "", false
	}
	return strings.Fields(softwares[i].cpes), softwares[i].bitnami, true
}

// SoftwareOfCPE returns the names of the generic software that a CPE means,
// given as "vendor:product" in lower case with the escapes of CPE 2.3, sorted;
// none if it is not in the table.
func SoftwareOfCPE(cpe string) []string {
	var names []string
	for _, s := range softwares {
		if !strings.Contains(s.cpes, cpe) {
			continue // faster than to go through the fields
		}
		for c := range strings.FieldsSeq(s.cpes) {
			if c == cpe {
				names = append(names, s.name)
			}
		}
	}
	return names
}

// SoftwareOfProduct returns the name of the generic software that
// endoflife.date calls product, or nothing if it is not in the table.
func SoftwareOfProduct(product string) string {
	i := slices.IndexFunc(softwares, func(s software) bool { return s.life == product })
	if i < 0 || product == "" {
		return ""
	}
	return softwares[i].name
}
