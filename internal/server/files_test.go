package server

import (
	"bytes"
	"context"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestFirstWords checks that what the first start prints can be used as it
// stands: a certificate of the server's own is trusted by nobody yet.
func TestFirstWords(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		tls   string
		trust bool
	}{
		{"off", false},
		{"self-signed", true},
	} {
		t.Run(tt.tls, func(t *testing.T) {
			t.Parallel()
			c := Config{
				Data: t.TempDir(), Listen: "127.0.0.1:0", TLS: tt.tls, Region: "us-east-1", DBReload: time.Hour,
				KeepClosed: time.Hour, KeepGone: time.Hour, KeepAudit: time.Hour,
				ReadRate: 1, WriteRate: 1, Workers: 1, LogLevel: "info", LogFormat: "text",
			}
			if err := c.Check(); err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			var said bytes.Buffer
			if err := Run(ctx, c, Outside{
				Advisories: Advisories{Open: known(t), Stamp: func() string { return "" }, Build: buildHere},
				Version:    "test", Stdout: &said, Stderr: io.Discard, Ready: func(string) { cancel() },
			}); err != nil {
				t.Fatal(err)
			}
			words := " ASSAY_SERVER_CA='" + filepath.Join(c.Data, "tls.crt") + "' AWS_CA_BUNDLE='"
			if got := strings.Contains(said.String(), words); got != tt.trust {
				t.Errorf("prints %s, and of the certificate: %t, want %t", said.String(), got, tt.trust)
			}
		})
	}
}
