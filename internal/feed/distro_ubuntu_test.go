package feed

import "testing"

func TestUbuntuRelease(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ distro, want string }{
		{"jammy", "22.04"},
		{"esm-infra/focal", "Pro:20.04"},
		{"esm-apps/jammy", "Pro:22.04"},
		{"esm-infra-legacy/trusty", "Pro:14.04"},
		{"fips/xenial", "Pro:FIPS:16.04"},
		{"fips-updates/jammy", "Pro:FIPS-updates:22.04"},
		{"fips-preview/jammy", "Pro:FIPS-preview:22.04"},
		{"realtime/jammy", "Pro:Realtime:22.04"},
		{"bluefield/jammy", "Nvidia-BlueField:22.04"},
		{"another/jammy", "Pro:another:22.04"},
		{"unheard-of", ""},
	} {
		if got, ok := ubuntuRelease(tt.distro); got != tt.want || ok != (tt.want != "") {
			t.Errorf("%s is %q, %v; want %q", tt.distro, got, ok, tt.want)
		}
	}
}
