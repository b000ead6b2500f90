package store

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path"
	"regexp"
	"strings"
	"sync"
	"time"
)

// Blobs keeps large things by name, such as reports, in a directory or in a
// bucket of S3. Its methods may be called at the same time.
type Blobs struct{ blobs }

// blobs is where Blobs keeps things. The names it gets are good ones.
type blobs interface {
	put(ctx context.Context, name string, r io.Reader) (int64, error)
	get(ctx context.Context, name string) (io.ReadCloser, int64, error)
	delete(ctx context.Context, name string) error
	clean(ctx context.Context, before time.Time) error
	close() error
}

// S3Credentials are those of the server for S3.
type S3Credentials struct {
	ID, Secret string
	Token      string // empty for those that last
}

// OpenBlobs opens a place for blobs: the path of a directory, which is made if
// it is not there, or
//
//	s3://bucket/prefix?endpoint=http://host:port&region=eu-central-1&path-style=true&kms-key=arn:…
//
// of which only the bucket must be there. The caller closes it.
func OpenBlobs(place string, c S3Credentials) (*Blobs, error) {
	if !strings.HasPrefix(place, "s3://") {
		d, err := openBlobDirectory(place)
		if err != nil {
			return nil, fmt.Errorf("opening the place for blobs: %w", err)
		}
		return &Blobs{d}, nil
	}
	b, err := openBlobBucket(place, c)
	if err != nil {
		return nil, fmt.Errorf("opening the place for blobs: %s: %w", place, err)
	}
	return &Blobs{b}, nil
}

// blobName is what a part of a name may be: no path that leads out, and nothing
// that a file system reads otherwise.
var blobName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}$`) })

// checkName refuses names that are no good.
func checkName(name string) error {
	parts := strings.Split(name, "/")
	for _, p := range parts {
		if !blobName().MatchString(p) || strings.HasSuffix(p, unfinished) {
			return fmt.Errorf("%q is no name for a blob", name)
		}
	}
	if len(name) > 512 || len(parts) > 8 {
		return fmt.Errorf("the name of a blob is too long: %.40s…", name)
	}
	return nil
}

// Put keeps all that r has under a name, in place of what was there, and
// returns its size. If r fails nothing is changed. A name is one to eight parts
// of letters, digits, dots, dashes and underscores, with slashes between.
func (b *Blobs) Put(ctx context.Context, name string, r io.Reader) (int64, error) {
	if err := checkName(name); err != nil {
		return 0, err
	}
	n, err := b.put(ctx, name, r)
	if err != nil {
		return 0, fmt.Errorf("writing blob %s: %w", name, err)
	}
	return n, nil
}

// Get opens what is kept under a name, and returns its size. If there is
// nothing, the error is fs.ErrNotExist. The caller closes it.
func (b *Blobs) Get(ctx context.Context, name string) (io.ReadCloser, int64, error) {
	if err := checkName(name); err != nil {
		return nil, 0, err
	}
	r, n, err := b.get(ctx, name)
	if err != nil {
		return nil, 0, fmt.Errorf("reading blob %s: %w", name, err)
	}
	return r, n, nil
}

// Delete removes what is kept under a name; nothing is removed as well.
func (b *Blobs) Delete(ctx context.Context, name string) error {
	if err := checkName(name); err != nil {
		return err
	}
	if err := b.delete(ctx, name); err != nil {
		return fmt.Errorf("deleting blob %s: %w", name, err)
	}
	return nil
}

// Clean removes what is left of blobs whose writing was cut off, when it began
// before a time.
func (b *Blobs) Clean(ctx context.Context, before time.Time) error {
	if err := b.clean(ctx, before); err != nil {
		return fmt.Errorf("cleaning up blobs: %w", err)
	}
	return nil
}

// Close gives back what OpenBlobs took.
func (b *Blobs) Close() error { return b.close() }

// A blobDirectory keeps blobs as files.
type blobDirectory struct{ root *os.Root } // which no link leads out of

// unfinished ends the name of a file that is being written.
const unfinished = ".part"

func openBlobDirectory(path string) (blobDirectory, error) {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return blobDirectory{}, err
	}
	root, err := os.OpenRoot(path)
	return blobDirectory{root}, err
}

func (d blobDirectory) put(ctx context.Context, name string, r io.Reader) (n int64, err error) {
	if err := d.root.MkdirAll(path.Dir(name), 0o700); err != nil {
		return 0, err
	}
	part := path.Join(path.Dir(name), rand.Text()+unfinished)
	f, err := d.root.OpenFile(part, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return 0, err
	}
	n, err = io.Copy(f, readerOf{ctx, r})
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = d.root.Rename(part, name)
	}
	if err != nil {
		return 0, errors.Join(err, d.root.Remove(part))
	}
	return n, d.sync(path.Dir(name))
}

// sync returns when the names in a folder are on the disk.
func (d blobDirectory) sync(folder string) error {
	f, err := d.root.Open(folder)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// A readerOf reads until a context ends.
type readerOf struct {
	ctx context.Context //nolint:containedctx // lives as long as one copy
	r   io.Reader
}

func (r readerOf) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.r.Read(p)
}

func (d blobDirectory) get(_ context.Context, name string) (io.ReadCloser, int64, error) {
	f, err := d.root.Open(name)
	if err != nil {
		return nil, 0, err
	}
	st, err := f.Stat()
	if err == nil && !st.Mode().IsRegular() {
		err = fs.ErrNotExist
	}
	if err != nil {
		return nil, 0, errors.Join(err, f.Close())
	}
	return f, st.Size(), nil
}

func (d blobDirectory) delete(_ context.Context, name string) error {
	err := d.root.Remove(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return errors.Join(err, d.sync(path.Dir(name)))
}

func (d blobDirectory) clean(ctx context.Context, before time.Time) error {
	return fs.WalkDir(d.root.FS(), ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || ctx.Err() != nil {
			return errors.Join(err, ctx.Err())
		}
		if e.IsDir() || !strings.HasSuffix(name, unfinished) {
			return nil
		}
		st, err := e.Info()
		if err == nil && st.ModTime().Before(before) {
			err = d.root.Remove(name)
		}
		if errors.Is(err, fs.ErrNotExist) { // another node was first
			return nil
		}
		return err
	})
}

func (d blobDirectory) close() error { return d.root.Close() }

// openBlobBucket reads the address of a bucket.
func openBlobBucket(place string, c S3Credentials) (blobBucket, error) {
	u, err := url.Parse(place)
	if err != nil {
		return blobBucket{}, err
	}
	q := u.Query()
	cloud := S3{Endpoint: q.Get("endpoint"), Region: q.Get("region"), Credentials: c}
	switch v := q.Get("path-style"); v {
	case "", "false":
	case "true":
		cloud.PathStyle = true
	default:
		return blobBucket{}, fmt.Errorf("path-style %q: must be true or false", v)
	}
	for k := range q {
		if k != "endpoint" && k != "region" && k != "path-style" && k != "kms-key" {
			return blobBucket{}, fmt.Errorf("unknown setting %s", k)
		}
	}
	if u.Host == "" || u.User != nil || u.Fragment != "" {
		return blobBucket{}, errors.New("want s3://bucket/prefix")
	}
	prefix := strings.Trim(u.Path, "/")
	if prefix != "" {
		prefix += "/"
	}
	return blobBucket{cloud, u.Host, prefix, q.Get("kms-key")}, nil
}

// A blobBucket keeps blobs as objects of S3.
type blobBucket struct {
	cloud  S3
	bucket string
	prefix string // empty, or with a slash at the end
	kmsKey string
}

func (b blobBucket) put(ctx context.Context, name string, r io.Reader) (int64, error) {
	return b.cloud.Put(ctx, Destination{Bucket: b.bucket, Key: b.prefix + name, KMSKey: b.kmsKey}, r)
}

func (b blobBucket) get(ctx context.Context, name string) (io.ReadCloser, int64, error) {
	return b.cloud.get(ctx, b.bucket, b.prefix+name)
}

func (b blobBucket) delete(ctx context.Context, name string) error {
	return b.cloud.delete(ctx, b.bucket, b.prefix+name)
}

func (b blobBucket) clean(ctx context.Context, before time.Time) error {
	return b.cloud.clean(ctx, b.bucket, b.prefix, before)
}

func (b blobBucket) close() error { return nil }

// partReader cuts a stream into parts that can be sent again.
type partReader struct {
	r   io.Reader
	buf []byte
}

// next returns the next part, and whether it is the last; one that is not is
// full. The part is valid until the next call.
func (p *partReader) next() (part *bytes.Reader, last bool, err error) {
	n, err := io.ReadFull(p.r, p.buf)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		last, err = true, nil
	}
	return bytes.NewReader(p.buf[:n]), last, err
}
