package cvss

import (
	"math"
	"testing"
)

// The vectors are those of the specifications' own examples and of well-known
// CVEs, with the scores that NVD publishes.
func TestBase(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		vector, version string
		score           float64
	}{
		{"AV:N/AC:L/Au:N/C:N/I:N/A:C", "2.0", 7.8},
		{"(AV:N/AC:L/Au:N/C:P/I:N/A:N)", "2.0", 5.0}, // CVE-2014-0160
		{"CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "3.0", 9.8},
		{"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H", "3.1", 10.0}, // CVE-2021-44228
		{"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N", "3.1", 7.5},
		{"CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:N/I:N/A:N", "3.1", 0},
		{"CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H", "4.0", 10.0},
		{"CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:N/SC:N/SI:N/SA:N", "4.0", 0},
	} {
		t.Run(tt.vector, func(t *testing.T) {
			t.Parallel()
			version, score, err := Base(tt.vector)
			if err != nil || version != tt.version || score != tt.score {
				t.Errorf("Base = %s, %v, %v; want %s, %v", version, score, err, tt.version, tt.score)
			}
		})
	}
}

func FuzzBase(f *testing.F) {
	f.Add("AV:N/AC:L/Au:N/C:N/I:N/A:C")
	f.Add("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H")
	f.Add("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H")
	f.Add("CVSS:3.1/AV:")
	f.Fuzz(func(t *testing.T, vector string) {
		_, score, err := Base(vector)
		if score < 0 || score > 10 || math.IsNaN(score) || err != nil && score != 0 {
			t.Errorf("Base(%q) = %v, %v", vector, score, err)
		}
	})
}
