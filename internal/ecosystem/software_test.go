package ecosystem

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The table is searched by halves, and is read by people.
func TestSoftwareTable(t *testing.T) {
	t.Parallel()
	for i, s := range softwares {
		if i > 0 && softwares[i-1].name >= s.name {
			t.Errorf("%s stands after %s", s.name, softwares[i-1].name)
		}
		if s.name != strings.ToLower(s.name) || s.cpes != strings.ToLower(s.cpes) {
			t.Errorf("%s is not in lower case", s.name)
		}
		for c := range strings.FieldsSeq(s.cpes) {
			if strings.Count(c, ":") != 1 {
				t.Errorf("%s: %q is not vendor:product", s.name, c)
			}
			if !slices.Contains(SoftwareOfCPE(c), s.name) {
				t.Errorf("%s is not what %s means", s.name, c)
			}
		}
		if s.life != "" && SoftwareOfProduct(s.life) != s.name {
			t.Errorf("%s and another software are both %s", s.name, s.life)
		}
	}
}

func TestSoftware(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, bitnami string
		cpes          []string
		ok            bool
	}{
		{"nginx", "nginx", []string{"f5:nginx", "nginx:nginx", "f5:nginx_open_source"}, true},
		{"httpd", "apache", []string{"apache:http_server"}, true},
		{"node", "node", []string{"nodejs:node.js", "nodejs:nodejs"}, true},
		{"Nginx", "", nil, false},
		{"", "", nil, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			cpes, bitnami, ok := Software(tt.name)
			if bitnami != tt.bitnami || ok != tt.ok || !slices.Equal(cpes, tt.cpes) {
				t.Errorf("Software(%q) = %q, %q, %t; want %q, %q, %t", tt.name, cpes, bitnami, ok, tt.cpes, tt.bitnami, tt.ok)
			}
		})
	}
	if diff := cmp.Diff([]string(nil), SoftwareOfCPE("microsoft:windows")); diff != "" {
		t.Error(diff)
	}
	if got := SoftwareOfProduct("nodejs"); got != "node" {
		t.Errorf("nodejs is %q, want node", got)
	}
	if got := SoftwareOfProduct(""); got != "" {
		t.Errorf("no product is %q", got)
	}
}
