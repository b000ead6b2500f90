package finding

import "testing"

func TestSplitVersion(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		typ, v           string
		epoch            int
		version, release string
	}{
		{"deb", "1:2.3-4", 1, "2.3", "4"},
		{"deb", "2.36-9+deb12u1", 0, "2.36", "9+deb12u1"},
		{"deb", "1.2-3-4", 0, "1.2-3", "4"},
		{"deb", "20230311", 0, "20230311", ""},
		{"rpm", "0:5.1.8-9.el9", 0, "5.1.8", "9.el9"},
		{"apk", "1.2.4-r2", 0, "1.2.4", "r2"},
		{"apk", "3.0_pre1", 0, "3.0_pre1", ""},
		{"deb", "99999999999:1", 0, "99999999999:1", ""},
		{"npm", "1.0.0-rc.1", -1, "1.0.0-rc.1", ""},
	} {
		epoch, version, release := SplitVersion(tt.typ, tt.v)
		got := -1
		if epoch != nil {
			got = int(*epoch)
		}
		if got != tt.epoch || version != tt.version || release != tt.release {
			t.Errorf("%s %s: %d, %q, %q", tt.typ, tt.v, got, version, release)
		}
	}
}

func TestIsLayerARN(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{
		"arn:aws:lambda:eu-central-1:111122223333:layer:tools:4": true,
		"arn:aws:lambda:eu-central-1:111122223333:layer:tools":   false,
		"layer.zip": false,
		"":          false,
	} {
		if got := IsLayerARN(name); got != want {
			t.Errorf("IsLayerARN(%q) = %v", name, got)
		}
	}
}
