package export

import (
	"fmt"
	"io"
	"math/rand/v2"
	"testing"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/assay-project/assay/internal/store"
)

// newBucket makes a bucket of a real service.
func newBucket(t *testing.T, c store.S3) string {
	t.Helper()
	client := s3.New(s3.Options{
		Region: "us-east-1", UsePathStyle: true, BaseEndpoint: &c.Endpoint,
		Credentials: credentials.NewStaticCredentialsProvider(c.Credentials.ID, c.Credentials.Secret, ""),
	})
	bucket := fmt.Sprintf("bucket-%x", rand.Uint64())
	if _, err := client.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: &bucket}); err != nil {
		t.Fatal(err)
	}
	return bucket
}

// download returns an object of a place for blobs.
func download(t *testing.T, place string, c store.S3Credentials, name string) string {
	t.Helper()
	b, err := store.OpenBlobs(place, c)
	if err != nil {
		t.Fatal(err)
	}
	r, _, err := b.Get(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
