package artifact

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// maxHashed is up to which size the digest of a function's archive is computed:
// a tenth of a second of work. A function may have 250 MB in all.
// Source: AWS Lambda Developer Guide, "Lambda quotas".
const maxHashed = 256 << 20

// openFunction opens the code of a function, a zip archive or a directory, on
// top of its layers.
func openFunction(ctx context.Context, t target, opt Options) (*Artifact, error) {
	a := &Artifact{Kind: Function, Name: t.name}
	for i, name := range append(append([]string(nil), opt.Layers...), t.path) {
		info, err := os.Stat(name)
		if err == nil && info.IsDir() && i == len(opt.Layers) {
			tr, err := openTree(t.name, t.path, Function)
			if err != nil {
				return nil, errors.Join(err, a.Close())
			}
			a.Layers = append(a.Layers, tr.Layers...)
			continue
		}
		l, f, err := openFunctionZip(ctx, name)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("opening %s: %w", name, err), a.Close())
		}
		a.closers = append(a.closers, f)
		a.Layers = append(a.Layers, l)
	}
	a.Digest = a.Layers[len(a.Layers)-1].Digest
	return a, nil
}

// openFunctionZip opens one archive. Its file is to be closed.
func openFunctionZip(ctx context.Context, name string) (Layer, *os.File, error) {
	f, err := openRegular(name)
	if err != nil {
		return Layer{}, nil, err
	}
	info, err := f.Stat()
	if err != nil {
		return Layer{}, nil, errors.Join(err, f.Close())
	}
	z, err := OpenZip(f, info.Size())
	if err != nil {
		return Layer{}, nil, errors.Join(err, f.Close())
	}
	l := Layer{Name: filepath.Base(name), Size: info.Size()}
	if info.Size() <= maxHashed {
		v := &verifier{ctx: ctx, r: f, hash: sha256.New()}
		if l.Digest, err = v.digest(); err != nil {
			return Layer{}, nil, errors.Join(err, f.Close())
		}
	}
	l.walk = func(ctx context.Context, visit func(*Entry) error) error { return z.walk(ctx, visit) }
	return l, f, nil
}

// walk visits the members of a zip archive in the order of its directory.
func (z *Zip) walk(ctx context.Context, visit func(*Entry) error) error {
	e := Entry{}
	c := &zipEntry{z: z}
	e.content = c
	for i, m := range z.members {
		if i%64 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		e.Path, e.Err = cleanBytes([]byte(m.Name))
		if e.Path == "." && e.Err == nil {
			continue
		}
		e.Type, e.Target = m.Mode.Type(), ""
		if n := len(m.Name); n > 0 && m.Name[n-1] == '/' {
			e.Type = fs.ModeDir
		}
		c.m = m
		if e.Type == fs.ModeSymlink {
			// A link is stored as a file that holds its target.
			// Source: Info-ZIP's unzip, extract.c.
			if e.Target, e.Err = z.target(m); e.Err != nil {
				e.Type = fs.ModeIrregular
			}
		}
		if err := visit(&e); err != nil {
			return err
		}
	}
	return nil
}

// target returns the target of a symbolic link.
func (z *Zip) target(m Member) (string, error) {
	if m.Size > maxPath {
		return "", fmt.Errorf("link of %d bytes is over the limit of %d", m.Size, maxPath)
	}
	r, err := z.Open(m)
	if err != nil {
		return "", err
	}
	defer r.Close()
	b, err := io.ReadAll(r)
	return string(b), err
}

// zipEntry is the content of a member.
type zipEntry struct {
	z *Zip
	m Member
}

func (c *zipEntry) size() (int64, error) { return c.m.Size, nil }

// executable is true of all files of an archive that was made on a system
// without permissions: what runs is not known.
func (c *zipEntry) executable() (bool, error) { return c.m.Mode == 0 || c.m.Mode&0o111 != 0, nil }

func (c *zipEntry) open() (File, error) {
	if c.m.Mode.Type() != 0 {
		return nil, fmt.Errorf("opening %s: not a regular file", c.m.Name)
	}
	return c.z.Open(c.m)
}
