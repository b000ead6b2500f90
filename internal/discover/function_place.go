package discover

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// maxFiles bounds the files of a place, those of other kinds included.
const maxFiles = 200_000

// File is a file of a place.
type File struct {
	Name    string // with slashes, relative to the place
	Size    int64
	Changed time.Time
	Stamp   string // changes when the file does
}

// Place is where packages of functions lie: a folder, or a bucket of an
// S3-compatible service.
type Place interface {
	// List returns all manifests and archives.
	List(ctx context.Context) ([]File, error)
	// Open opens a file, and returns what it is at that moment. The error is
	// fs.ErrNotExist if there is none, and fs.ErrPermission if it may not be
	// read. The caller closes it.
	Open(ctx context.Context, name string) (io.ReadCloser, File, error)
	Close() error
}

// PlaceOptions say how to reach a place.
type PlaceOptions struct {
	Place     string // path of a folder, or s3://bucket/prefix
	Endpoint  string // address of the service of the bucket; empty: Amazon's own
	Region    string // of the bucket; empty: us-east-1
	PathStyle bool   // the bucket stands in the path, not in the name of the host
	Key       string // id of the access key
	Secret    string
}

// OpenPlace opens a place. A bucket is not asked before it is listed.
func OpenPlace(o PlaceOptions) (Place, error) {
	if !strings.HasPrefix(o.Place, "s3://") {
		if !filepath.IsAbs(o.Place) {
			return nil, fmt.Errorf("opening %s: want the whole path of a folder, or s3://bucket/prefix", o.Place)
		}
		root, err := os.OpenRoot(o.Place)
		if err != nil {
			return nil, fmt.Errorf("opening the folder of functions: %w", err)
		}
		return folder{root}, nil
	}
	u, err := url.Parse(o.Place)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, fmt.Errorf("opening %s: want s3://bucket/prefix", o.Place)
	}
	prefix := strings.Trim(u.Path, "/")
	if prefix != "" {
		prefix += "/"
	}
	so := s3.Options{
		Region: cmp.Or(o.Region, "us-east-1"), UsePathStyle: o.PathStyle,
		Credentials:                credentials.NewStaticCredentialsProvider(o.Key, o.Secret, ""),
		RequestChecksumCalculation: aws.RequestChecksumCalculationWhenRequired,
		ResponseChecksumValidation: aws.ResponseChecksumValidationWhenRequired,
	}
	if o.Endpoint != "" {
		so.BaseEndpoint = aws.String(o.Endpoint)
	}
	return bucket{s3.New(so), u.Host, prefix}, nil
}

// wanted tells whether a file is one of those that make a package.
func wanted(name string) bool {
	return strings.HasSuffix(name, ".json") || strings.HasSuffix(name, ".zip")
}

var errManyFiles = fmt.Errorf("there are more than %d files", maxFiles)

// A folder has packages as files. Links are not followed, and nothing outside of
// it is read.
type folder struct{ root *os.Root }

// List walks the folder.
func (f folder) List(ctx context.Context) ([]File, error) {
	var out []File
	n := 0
	err := fs.WalkDir(f.root.FS(), ".", func(name string, e fs.DirEntry, err error) error {
		if err == nil {
			err = ctx.Err()
		}
		if errors.Is(err, fs.ErrNotExist) && name != "." {
			return nil // gone since its folder was read
		}
		if err != nil {
			return err
		}
		if n++; n > maxFiles {
			return errManyFiles
		}
		if name != "." && strings.HasPrefix(path.Base(name), ".") {
			if e.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if !e.Type().IsRegular() || !wanted(name) {
			return nil
		}
		info, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		out = append(out, fileOf(name, info))
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("listing the folder of functions: %w", err)
	}
	return out, nil
}

func fileOf(name string, info fs.FileInfo) File {
	return File{name, info.Size(), info.ModTime(), fmt.Sprintf("%d-%d", info.ModTime().UnixNano(), info.Size())}
}

// Open opens a file of the folder.
func (f folder) Open(_ context.Context, name string) (io.ReadCloser, File, error) {
	// What is no regular file could keep whoever opens it waiting.
	info, err := f.root.Lstat(name)
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s is no regular file: %w", name, fs.ErrNotExist)
	}
	if err != nil {
		return nil, File{}, fmt.Errorf("opening %s: %w", name, err)
	}
	r, err := f.root.Open(name)
	if err != nil {
		return nil, File{}, fmt.Errorf("opening %s: %w", name, err)
	}
	if info, err = r.Stat(); err != nil {
		return nil, File{}, errors.Join(fmt.Errorf("opening %s: %w", name, err), r.Close())
	}
	return r, fileOf(name, info), nil
}

// Close closes the folder.
func (f folder) Close() error { return f.root.Close() }

// A bucket has packages as objects.
type bucket struct {
	client *s3.Client
	name   string
	prefix string // empty, or with a slash at the end
}

// List lists the objects below the prefix.
func (b bucket) List(ctx context.Context) ([]File, error) {
	var out []File
	n := 0
	p := s3.NewListObjectsV2Paginator(b.client, &s3.ListObjectsV2Input{Bucket: &b.name, Prefix: &b.prefix})
	for p.HasMorePages() {
		page, err := p.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("listing bucket %s: %w", b.name, meaning(err))
		}
		for _, o := range page.Contents {
			if n++; n > maxFiles {
				return nil, fmt.Errorf("listing bucket %s: %w", b.name, errManyFiles)
			}
			name, ok := strings.CutPrefix(aws.ToString(o.Key), b.prefix)
			if !ok || !wanted(name) || !plainName(name) {
				continue
			}
			size := aws.ToInt64(o.Size)
			out = append(out, File{name, size, aws.ToTime(o.LastModified), stamp(o.ETag, size)})
		}
	}
	return out, nil
}

func stamp(etag *string, size int64) string {
	return fmt.Sprintf("%s-%d", strings.Trim(aws.ToString(etag), `"`), size)
}

// Open asks for an object.
func (b bucket) Open(ctx context.Context, name string) (io.ReadCloser, File, error) {
	out, err := b.client.GetObject(ctx, &s3.GetObjectInput{Bucket: &b.name, Key: aws.String(b.prefix + name)})
	if err != nil {
		return nil, File{}, fmt.Errorf("opening %s of bucket %s: %w", name, b.name, meaning(err))
	}
	size := aws.ToInt64(out.ContentLength)
	return out.Body, File{name, size, aws.ToTime(out.LastModified), stamp(out.ETag, size)}, nil
}

// Close has nothing to do.
func (bucket) Close() error { return nil }

// meaning adds to an error of the service whether there is no such thing, or it
// may not be read.
// Source: Amazon S3 API Reference, "Error responses".
func meaning(err error) error {
	code, status := "", 0
	if e, ok := errors.AsType[smithy.APIError](err); ok {
		code = e.ErrorCode()
	}
	if e, ok := errors.AsType[*smithyhttp.ResponseError](err); ok {
		status = e.HTTPStatusCode()
	}
	switch {
	case code == "NoSuchKey" || code == "NoSuchBucket":
		return fmt.Errorf("%w: %w", fs.ErrNotExist, err)
	case status == 401 || status == 403:
		return fmt.Errorf("%w: %w", fs.ErrPermission, err)
	}
	return err
}
