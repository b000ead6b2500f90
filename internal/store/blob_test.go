package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/google/go-cmp/cmp"
)

// realS3 returns the server of test/s3.sh and a new bucket on it.
func realS3(tb testing.TB) (S3, string) {
	tb.Helper()
	c := S3{
		Endpoint: os.Getenv("ASSAY_TEST_S3"), PathStyle: true,
		Credentials: S3Credentials{ID: os.Getenv("ASSAY_TEST_S3_ID"), Secret: os.Getenv("ASSAY_TEST_S3_SECRET")},
	}
	if c.Endpoint == "" {
		tb.Skip("ASSAY_TEST_S3 is not set: run sh test/s3.sh go test")
	}
	bucket := fmt.Sprintf("bucket-%x", rand.Uint64())
	if _, err := c.client().CreateBucket(tb.Context(), &s3.CreateBucketInput{Bucket: &bucket}); err != nil {
		tb.Fatal(err)
	}
	return c, bucket
}

// onBothPlaces runs a test on blobs in a directory, and in a bucket of a real
// server if there is one.
func onBothPlaces(t *testing.T, test func(t *testing.T, b *Blobs)) {
	t.Helper()
	t.Run("directory", func(t *testing.T) {
		t.Parallel()
		b, err := OpenBlobs(filepath.Join(t.TempDir(), "a", "blobs"), S3Credentials{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := b.Close(); err != nil {
				t.Error(err)
			}
		})
		test(t, b)
	})
	t.Run("s3", func(t *testing.T) {
		t.Parallel()
		c, bucket := realS3(t)
		b, err := OpenBlobs(fmt.Sprintf("s3://%s/some/prefix/?endpoint=%s&path-style=true", bucket, url.QueryEscape(c.Endpoint)), c.Credentials)
		if err != nil {
			t.Fatal(err)
		}
		test(t, b)
	})
}

func TestBlobs(t *testing.T) {
	t.Parallel()
	onBothPlaces(t, func(t *testing.T, b *Blobs) {
		random := rand.New(rand.NewPCG(1, 2))
		read := func(name string) []byte {
			t.Helper()
			r, size, err := b.Get(t.Context(), name)
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(r)
			if err := errors.Join(err, r.Close()); err != nil || int64(len(got)) != size {
				t.Fatalf("read %d of %d bytes: %v", len(got), size, err)
			}
			return got
		}
		for _, size := range []int{0, 1, partSize - 1, partSize, partSize + 1, 2 * partSize, 2*partSize + 3} {
			want := make([]byte, size)
			for i := range want {
				want[i] = byte(random.Uint32())
			}
			// A reader of unknown length that gives little at a time.
			if n, err := b.Put(t.Context(), "reports/a.csv", iotest.HalfReader(bytes.NewReader(want))); err != nil || n != int64(size) {
				t.Fatalf("wrote %d of %d bytes: %v", n, size, err)
			}
			if got := read("reports/a.csv"); !bytes.Equal(want, got) {
				t.Fatalf("of %d bytes others came back", size)
			}
		}
		before := read("reports/a.csv")
		broken := errors.New("broken")
		for _, size := range []int64{10, partSize + 10} {
			r := io.MultiReader(io.LimitReader(rand2{random}, size), iotest.ErrReader(broken))
			if _, err := b.Put(t.Context(), "reports/a.csv", r); !errors.Is(err, broken) {
				t.Fatalf("of a broken reader: %v", err)
			}
			if _, err := b.Put(t.Context(), "new", r); !errors.Is(err, broken) {
				t.Fatalf("of a broken reader: %v", err)
			}
		}
		if !bytes.Equal(before, read("reports/a.csv")) {
			t.Error("a failed write changed what was there")
		}
		for _, name := range []string{"new", "reports", "reports/b"} {
			if _, _, err := b.Get(t.Context(), name); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("%s: %v, want fs.ErrNotExist", name, err)
			}
		}
		for range 2 {
			if err := b.Delete(t.Context(), "reports/a.csv"); err != nil {
				t.Fatal(err)
			}
		}
		if _, _, err := b.Get(t.Context(), "reports/a.csv"); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("deleted, it gives %v", err)
		}
		if err := b.Clean(t.Context(), time.Now().Add(time.Hour)); err != nil {
			t.Error(err)
		}
	})
}

// rand2 reads random bytes.
type rand2 struct{ *rand.Rand }

func (r rand2) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(r.Uint32())
	}
	return len(p), nil
}

func TestBlobNames(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	b, err := OpenBlobs(filepath.Join(folder, "blobs"), S3Credentials{})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{
		"", "/", "/a", "a/", "a//b", ".", "..", "../a", "a/../b", "a/..", ".hidden", "a\\b", "a\x00b", "a b", "é", "a.part",
		strings.Repeat("a", 201), strings.Repeat("a/", 8) + "a",
	} {
		if _, err := b.Put(t.Context(), name, strings.NewReader("x")); err == nil {
			t.Errorf("%q was written", name)
		}
		if _, _, err := b.Get(t.Context(), name); err == nil {
			t.Errorf("%q was read", name)
		}
		if err := b.Delete(t.Context(), name); err == nil {
			t.Errorf("%q was deleted", name)
		}
	}
	// A link does not lead out either.
	if err := os.Symlink(folder, filepath.Join(folder, "blobs", "link")); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Put(t.Context(), "link/a", strings.NewReader("x")); err == nil {
		t.Error("a link leads out")
	}
}

func TestBlobClean(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	b, err := OpenBlobs(folder, S3Credentials{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Put(t.Context(), "a/kept", strings.NewReader("x")); err != nil {
		t.Fatal(err)
	}
	part := filepath.Join(folder, "a", "X"+unfinished)
	if err := os.WriteFile(part, []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		before time.Time
		want   int
	}{{time.Now().Add(-time.Hour), 2}, {time.Now().Add(time.Hour), 1}} {
		if err := b.Clean(t.Context(), tt.before); err != nil {
			t.Fatal(err)
		}
		list, err := os.ReadDir(filepath.Join(folder, "a"))
		if err != nil || len(list) != tt.want {
			t.Errorf("%d files are left, want %d: %v", len(list), tt.want, err)
		}
	}
}

func TestOpenBlobs(t *testing.T) {
	t.Parallel()
	for _, place := range []string{
		"s3://", "s3:///prefix", "s3://bucket?path-style=maybe", "s3://bucket?colour=red", "s3://user@bucket", "s3://b/%zz", "/dev/null/x",
	} {
		if _, err := OpenBlobs(place, S3Credentials{}); err == nil {
			t.Errorf("%s was opened", place)
		}
	}
}

// TestS3Clean gives up uploads that were cut off.
func TestS3Clean(t *testing.T) {
	t.Parallel()
	c, bucket := realS3(t)
	key, other := "p/a", "q/a"
	for _, k := range []*string{&key, &other} {
		if _, err := c.client().CreateMultipartUpload(t.Context(), &s3.CreateMultipartUploadInput{Bucket: &bucket, Key: k}); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct {
		before time.Time
		want   int
	}{{time.Now().Add(-time.Hour), 2}, {time.Now().Add(time.Hour), 1}} {
		if err := c.clean(t.Context(), bucket, "p/", tt.before); err != nil {
			t.Fatal(err)
		}
		list, err := c.client().ListMultipartUploads(t.Context(), &s3.ListMultipartUploadsInput{Bucket: &bucket})
		if err != nil {
			t.Fatal(err)
		}
		if got := len(list.Uploads); got != tt.want {
			t.Errorf("%d uploads are left, want %d", got, tt.want)
		}
	}
}

// TestS3Denied asks the real server for what it does not give.
func TestS3Denied(t *testing.T) {
	t.Parallel()
	c, bucket := realS3(t)
	for _, tt := range []struct {
		name   string
		change func(c *S3, d *Destination)
		want   error
	}{
		{"none", func(*S3, *Destination) {}, nil},
		{"bucket", func(_ *S3, d *Destination) { d.Bucket = "there-is-no-such-bucket" }, ErrNoBucket},
		{"secret", func(c *S3, _ *Destination) { c.Credentials.Secret = "wrong" }, ErrDenied},
		{"region", func(c *S3, _ *Destination) { c.Region = "eu-west-3" }, ErrRegion},
	} {
		for _, size := range []int64{1, partSize + 1} {
			t.Run(fmt.Sprint(tt.name, size), func(t *testing.T) {
				t.Parallel()
				c, d := c, Destination{Bucket: bucket, Key: "reports/2026/a.csv"}
				tt.change(&c, &d)
				_, err := c.Put(t.Context(), d, io.LimitReader(rand2{rand.New(rand.NewPCG(1, 1))}, size))
				if !errors.Is(err, tt.want) {
					t.Errorf("got %v, want %v", err, tt.want)
				}
			})
		}
	}
}

// TestS3Headers looks at what is asked of the service, and how its answers are
// understood, as its reference gives them.
func TestS3Headers(t *testing.T) {
	t.Parallel()
	const key = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
	for _, tt := range []struct {
		status int
		code   string
		want   error
	}{
		{200, "", nil},
		{404, "NoSuchBucket", ErrNoBucket},
		{403, "AccessDenied", ErrDenied},
		{403, "InvalidAccessKeyId", ErrDenied},
		{301, "PermanentRedirect", ErrRegion},
		{400, "AuthorizationHeaderMalformed", ErrRegion},
		{400, "KMS.NotFoundException", ErrKMSKey},
		{400, "KMS.DisabledException", ErrKMSKey},
		{400, "InvalidArgument", ErrKMSKey}, // as the message says
		{400, "EntityTooLarge", nil},        // some other error
	} {
		t.Run(fmt.Sprint(tt.status, tt.code), func(t *testing.T) {
			t.Parallel()
			var asked http.Header
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				asked = r.Header.Clone()
				w.WriteHeader(tt.status)
				if tt.code != "" {
					message := "no"
					if tt.code == "InvalidArgument" {
						message = "Server Side Encryption with AWS KMS managed key requires a valid key"
					}
					_, _ = fmt.Fprintf(w, `<?xml version="1.0"?><Error><Code>%s</Code><Message>%s</Message></Error>`, tt.code, message)
				}
			}))
			defer server.Close()
			c := S3{Endpoint: server.URL, PathStyle: true, Region: "eu-west-1", Credentials: S3Credentials{ID: "a", Secret: "b", Token: "t"}}
			_, err := c.Put(t.Context(), Destination{Bucket: "bucket", Key: "a.csv", KMSKey: key, Type: "text/csv"}, strings.NewReader("x"))
			if (err == nil) != (tt.status == 200) || tt.want != nil && !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
			got := map[string]string{}
			for _, h := range []string{
				"X-Amz-Server-Side-Encryption", "X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id", "Content-Type", "X-Amz-Security-Token",
			} {
				got[h] = asked.Get(h)
			}
			if diff := cmp.Diff(map[string]string{
				"X-Amz-Server-Side-Encryption": "aws:kms", "X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id": key,
				"Content-Type": "text/csv", "X-Amz-Security-Token": "t",
			}, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestBlobPutStops(t *testing.T) {
	t.Parallel()
	onBothPlaces(t, func(t *testing.T, b *Blobs) {
		ctx, stop := context.WithCancel(t.Context())
		endless := readerFunc(func(p []byte) (int, error) { stop(); return len(p), nil })
		if _, err := b.Put(ctx, "endless", endless); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	})
}

type readerFunc func(p []byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }
