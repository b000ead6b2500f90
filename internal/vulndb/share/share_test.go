package share

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/static"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/assay-project/assay/internal/artifact"
)

// registries are one in this process, and a real one if there is one.
func registries(t *testing.T) map[string]string {
	t.Helper()
	srv := httptest.NewServer(registry.New(registry.Logger(slog.NewLogLogger(slog.DiscardHandler, slog.LevelError))))
	t.Cleanup(srv.Close)
	all := map[string]string{"in process": srv.Listener.Addr().String()}
	if real := os.Getenv("ASSAY_TEST_REGISTRY"); real != "" {
		all["real"] = real
	}
	return all
}

func keys(tb testing.TB) (ed25519.PrivateKey, ed25519.PublicKey) {
	tb.Helper()
	private, public, err := NewKeys()
	if err != nil {
		tb.Fatal(err)
	}
	key, err := ParsePrivate(private)
	if err != nil {
		tb.Fatal(err)
	}
	pub, err := ParsePublic(public)
	if err != nil {
		tb.Fatal(err)
	}
	return key, pub
}

// parcel is two files with content.
func parcel(tb testing.TB) Parcel {
	tb.Helper()
	dir := tb.TempDir()
	p := Parcel{Database: filepath.Join(dir, "a.db"), Enrichment: filepath.Join(dir, "a.db.enrich"), Header: Header{
		Format: 7, Built: time.Unix(1e9, 0).UTC(), Label: "test", Digest: "sha256:0", Advisories: 3, Names: 2,
	}}
	for name, text := range map[string]string{p.Database: strings.Repeat("database ", 10_000), p.Enrichment: strings.Repeat("enrichment ", 10_000)} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			tb.Fatal(err)
		}
	}
	return p
}

func TestPushPull(t *testing.T) {
	t.Parallel()
	key, pub := keys(t)
	_, stranger := keys(t)
	for which, host := range registries(t) {
		t.Run(which, func(t *testing.T) {
			t.Parallel()
			ref := host + "/test/" + strings.ToLower(strings.ReplaceAll(t.Name(), "/", "-")) + ":latest"
			p := parcel(t)
			digest, err := Push(t.Context(), ref, p, key, artifact.Options{})
			if err != nil {
				t.Fatal(err)
			}
			again, err := Push(t.Context(), ref, p, key, artifact.Options{})
			if err != nil || again != digest {
				t.Errorf("the same again is %s, %v; want %s", again, err, digest)
			}
			f, err := Look(t.Context(), ref, pub, artifact.Options{})
			if err != nil {
				t.Fatal(err)
			}
			want := p.Header
			want.Database, want.Enrichment = f.Header.Database, f.Header.Enrichment
			if diff := cmp.Diff(want, f.Header); diff != "" || f.Digest != digest || f.Header.Database.Bytes != 90_000 || f.Header.Enrichment.Bytes != 110_000 {
				t.Errorf("%+v (-want +got):\n%s", f, diff)
			}
			to := filepath.Join(t.TempDir(), "b.db")
			if err := f.Get(to, to+".enrich"); err != nil {
				t.Fatal(err)
			}
			for got, want := range map[string]string{to: p.Database, to + ".enrich": p.Enrichment} {
				a, _ := os.ReadFile(got)
				b, _ := os.ReadFile(want)
				if !bytes.Equal(a, b) || len(a) == 0 {
					t.Errorf("%s has %d bytes, want %d", got, len(a), len(b))
				}
			}
			if err := f.Get(to, to+".enrich"); err == nil {
				t.Error("a file that is there is written over")
			}
			if _, err := Look(t.Context(), ref, stranger, artifact.Options{}); err == nil || !strings.Contains(err.Error(), "it is refused") {
				t.Errorf("signed by another: %v", err)
			}
			if _, err := Look(t.Context(), ref, nil, artifact.Options{}); err == nil || !strings.Contains(err.Error(), "it is refused") {
				t.Errorf("without a key: %v", err)
			}
			if _, err := Look(t.Context(), host+"/test/none:latest", pub, artifact.Options{}); err == nil || !strings.Contains(err.Error(), "no such artifact") {
				t.Errorf("nothing there: %v", err)
			}
		})
	}
}

// TestRefused pushes what an attacker could: each part exchanged for another.
func TestRefused(t *testing.T) {
	t.Parallel()
	key, pub := keys(t)
	host := registries(t)["in process"]
	genuine := host + "/db:genuine"
	if _, err := Push(t.Context(), genuine, parcel(t), key, artifact.Options{}); err != nil {
		t.Fatal(err)
	}
	at := func(ref string) name.Reference {
		r, err := name.ParseReference(ref)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	img, err := remote.Image(at(genuine))
	if err != nil {
		t.Fatal(err)
	}
	layers, err := img.Layers()
	if err != nil || len(layers) != 4 {
		t.Fatalf("%d layers, %v", len(layers), err)
	}
	head, err := layers[0].Compressed()
	if err != nil {
		t.Fatal(err)
	}
	var h Header
	if err := json.NewDecoder(head).Decode(&h); err != nil {
		t.Fatal(err)
	}
	h.Built = h.Built.AddDate(9, 0, 0)
	newer, err := json.Marshal(h)
	if err != nil {
		t.Fatal(err)
	}
	other, _, err := pack(parcel(t).Enrichment, filepath.Join(t.TempDir(), "x"), databaseType)
	if err != nil {
		t.Fatal(err)
	}
	for i, tt := range []struct {
		change map[int]v1.Layer
		err    string
	}{
		{map[int]v1.Layer{0: static.NewLayer(newer, headerType)}, "signature is not that of the key"},
		{map[int]v1.Layer{0: static.NewLayer(make([]byte, 2<<20), headerType)}, "no usable layer"},
		{map[int]v1.Layer{1: static.NewLayer(make([]byte, 64), signatureType)}, "signature is not that of the key"},
		{map[int]v1.Layer{1: static.NewLayer(nil, signatureType)}, "signature is not that of the key"},
		{map[int]v1.Layer{1: static.NewLayer([]byte("x"), "other/type")}, "no usable layer"},
		{map[int]v1.Layer{2: other}, "does not hold what the header says"},
		{map[int]v1.Layer{2: static.NewLayer([]byte("no zstd"), databaseType)}, "getting the layer"},
		{map[int]v1.Layer{3: static.NewLayer([]byte("x"), "other/type")}, "no usable layer"},
	} {
		forged := mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), ArtifactType)
		for n, l := range layers {
			if c, ok := tt.change[n]; ok {
				l = c
			}
			media, err := l.MediaType()
			if err != nil {
				t.Fatal(err)
			}
			if forged, err = mutate.Append(forged, mutate.Addendum{Layer: l, MediaType: media}); err != nil {
				t.Fatal(err)
			}
		}
		ref := fmt.Sprintf("%s/db:forged-%d", host, i)
		if err := remote.Write(at(ref), forged); err != nil {
			t.Fatal(err)
		}
		f, err := Look(t.Context(), ref, pub, artifact.Options{})
		if err == nil {
			to := filepath.Join(t.TempDir(), "b.db")
			err = f.Get(to, to+".enrich")
		}
		if err == nil || !strings.Contains(err.Error(), tt.err) {
			t.Errorf("%d: %v, want %q", i, err, tt.err)
		}
	}
	image, err := random.Image(10, 1)
	if err != nil {
		t.Fatal(err)
	}
	if err := remote.Write(at(host+"/db:image"), image); err != nil {
		t.Fatal(err)
	}
	if _, err := Look(t.Context(), host+"/db:image", pub, artifact.Options{}); err == nil || !strings.Contains(err.Error(), "it is no advisory database") {
		t.Errorf("an image: %v", err)
	}
}

func TestKeys(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "key")
	if err := WriteKeys(file); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if err := WriteKeys(file); err == nil {
		t.Error("a key is written over")
	}
	half := filepath.Join(t.TempDir(), "half")
	if err := os.WriteFile(half+".pub", []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := WriteKeys(half); err == nil {
		t.Error("a public key is written over")
	}
	if _, err := os.Stat(half); err == nil {
		t.Error("a private key without its public one is left")
	}
	private, _ := os.ReadFile(file)
	public, _ := os.ReadFile(file + ".pub")
	if _, err := ParsePrivate(private); err != nil {
		t.Error(err)
	}
	if _, err := ParsePublic(public); err != nil {
		t.Error(err)
	}
	for _, text := range [][]byte{nil, public, []byte("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")} {
		if _, err := ParsePrivate(text); err == nil {
			t.Errorf("%q is a private key", text)
		}
	}
	for _, text := range [][]byte{nil, private, []byte("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n")} {
		if _, err := ParsePublic(text); err == nil {
			t.Errorf("%q is a public key", text)
		}
	}
}

// FuzzKeys reads what should be keys.
func FuzzKeys(f *testing.F) {
	private, public, err := NewKeys()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(private)
	f.Add(public)
	f.Fuzz(func(t *testing.T, text []byte) {
		if k, err := ParsePrivate(text); err == nil && len(k) != ed25519.PrivateKeySize {
			t.Errorf("a private key of %d bytes", len(k))
		}
		if k, err := ParsePublic(text); err == nil && len(k) != ed25519.PublicKeySize {
			t.Errorf("a public key of %d bytes", len(k))
		}
	})
}
