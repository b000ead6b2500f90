package resource_test

import (
	"testing"

	"github.com/assay-project/assay/internal/resource"
)

func TestImageARN(t *testing.T) {
	t.Parallel()
	for image, want := range map[string]string{
		"alpine:3.20":                       "alpine",
		"team/app":                          "team/app",
		"registry.example.com:5000/a/b:1.0": "a/b",
		"localhost:5000/app@sha256:00":      "app",
		"./layout":                          "layout",
		"../images/app.tar":                 "images/app.tar",
	} {
		want = "arn:aws:ecr:eu-west-1:123456789012:repository/" + want + "/sha256:1"
		if got := resource.ImageARN("123456789012", "eu-west-1", image, "sha256:1"); got != want {
			t.Errorf("ImageARN of %s = %s, want %s", image, got, want)
		}
	}
}

func TestFunctionARN(t *testing.T) {
	t.Parallel()
	const want = "arn:aws:lambda:us-east-1:000000000000:function:orders:$LATEST"
	if got := resource.FunctionARN("000000000000", "us-east-1", "build/orders.zip"); got != want {
		t.Errorf("FunctionARN = %s, want %s", got, want)
	}
}

func TestPlatform(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ id, version, want string }{
		{"", "12", ""},
		{"debian", "12", "DEBIAN_12"},
		{"alpine", "3.20.1", "ALPINE_3_20_1"},
		{"opensuse-leap", "", "OPENSUSE_LEAP"},
	} {
		if got := resource.Platform(tt.id, tt.version); got != tt.want {
			t.Errorf("Platform(%q, %q) = %q, want %q", tt.id, tt.version, got, tt.want)
		}
	}
}
