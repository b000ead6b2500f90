package cvss

import (
	"math"
	"testing"
)

// The first three are the worked figures of one flaw seen from ever nearer;
// the rest are of the specifications' temporal equations by hand.
func TestWith(t *testing.T) {
	t.Parallel()
	const full = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
	for _, tt := range []struct {
		name, vector string
		set          []Metric
		want         string
		score        float64
	}{
		{"nothing", full, nil, full, 9.8},
		{"adjacent", full, []Metric{{"AV", "A"}}, "CVSS:3.1/AV:A/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 8.8},
		{"local", full, []Metric{{"AV", "L"}}, "CVSS:3.1/AV:L/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 8.4},
		{"unproven", full, []Metric{{"E", "U"}}, full + "/E:U", 9},                                    // 9.8 x 0.91 = 8.918
		{"complex", full, []Metric{{"AC", "H"}}, "CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:H/I:H/A:H", 8.1}, // CVE-2024-6387
		{"the publisher's temporal metrics", full + "/E:P/RL:O/RC:C/MAV:L", []Metric{{"AC", "H"}}, "CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:H/I:H/A:H", 8.1},
		{"3.0", "CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N", []Metric{{"E", "U"}}, "CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N/E:U", 6.9}, // 7.5 x 0.91 = 6.825
		{"2.0", "(AV:N/AC:L/Au:N/C:P/I:N/A:N)", []Metric{{"E", "U"}}, "AV:N/AC:L/Au:N/C:P/I:N/A:N/E:U/RL:ND/RC:ND", 4.3},                       // 5.0 x 0.85 = 4.25
		{
			"4.0", "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N",
			[]Metric{{"E", "U"}},
			"CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N/E:U", 8.1,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, score, err := With(tt.vector, tt.set...)
			if err != nil || got != tt.want || score != tt.score {
				t.Errorf("With = %s, %v, %v; want %s, %v", got, score, err, tt.want, tt.score)
			}
		})
	}
	for _, set := range []Metric{{"AV", "Q"}, {"ZZ", "N"}} {
		if got, _, err := With(full, set); err == nil {
			t.Errorf("With(%v) = %s, want an error", set, got)
		}
	}
}

func TestValue(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ vector, name, want string }{
		{"CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:U/C:H/I:H/A:H", "UI", "R"},
		{"CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:U/C:H/I:H/A:H", "E", ""},
		{"CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:U/C:H/I:H/A:H/E:P", "E", "P"},
		{"AV:N/AC:L/Au:N/C:P/I:N/A:N", "UI", ""},
		{"AV:N/AC:L/Au:N/C:P/I:N/A:N/E:ND/RL:OF/RC:C", "E", ""},
		{"AV", "AV", ""},
	} {
		if got := Value(tt.vector, tt.name); got != tt.want {
			t.Errorf("Value(%q, %s) = %q, want %q", tt.vector, tt.name, got, tt.want)
		}
	}
}

// Whatever a publisher writes, a changed vector can be read again, with the
// score that was given for it and the metric that was set.
func FuzzWith(f *testing.F) {
	f.Add("AV:N/AC:L/Au:N/C:N/I:N/A:C/E:H/RL:OF/RC:C", "E", "U")
	f.Add("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H/MAV:P", "AV", "A")
	f.Add("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H/E:A", "AC", "H")
	f.Fuzz(func(t *testing.T, vector, name, value string) {
		changed, score, err := With(vector, Metric{name, value})
		if err != nil {
			return
		}
		if score < 0 || score > 10 || math.IsNaN(score) {
			t.Errorf("With(%q, %s:%s) has the score %v", vector, name, value, score)
		}
		again, same, err := With(changed, Metric{name, value})
		if err != nil || again != changed || same != score {
			t.Errorf("With(%q) = %q, %v and then %q, %v, %v", vector, changed, score, again, same, err)
		}
		if got := Value(changed, name); got != value && got != "" {
			t.Errorf("%s of %q is %q, want %q", name, changed, got, value)
		}
	})
}
