package extract

import (
	"io"

	"github.com/assay-project/assay/internal/jsonstream"
	"github.com/assay-project/assay/inventory"
)

// readKernelRelease reads the release of the kernel that runs, one line.
// Source: proc_sys_kernel(5), osrelease.
func readKernelRelease(f *file) error {
	return eachLine(io.LimitReader(f.r, maxLine), func(line []byte, _ bool) error {
		if s := clean(line); s != "" && len(s) <= 256 {
			f.out.OS = &inventory.OS{Kernel: s}
		}
		return errDone
	})
}

// readUbuntuPro reads whether a machine is attached to Ubuntu Pro and gets its
// security updates.
// Source: Ubuntu Pro Client documentation, "pro status --format json".
func readUbuntuPro(f *file) error {
	j := jsonstream.New(f.r, f.size)
	attached, enabled := false, false
	err := readFields(j, nil, map[string]func() error{
		"attached": func() error {
			c, err := j.Peek()
			if err != nil || c != 't' && c != 'f' {
				return j.Skip()
			}
			attached, err = j.Bool()
			return err
		},
		"services": func() error {
			if c, err := j.Peek(); err != nil || c != '[' {
				return j.Skip()
			}
			return j.Array(func() error {
				if c, err := j.Peek(); err != nil || c != '{' {
					return j.Skip()
				}
				var name, status string
				err := readFields(j, map[string]*string{"name": &name, "status": &status}, nil)
				if (name == "esm-infra" || name == "esm-apps") && status == "enabled" {
					enabled = true
				}
				return err
			})
		},
	})
	if attached && enabled {
		f.out.OS = &inventory.OS{Pro: true}
	}
	return err
}

// readBottlerocket reads the list of what Bottlerocket was built of: packages
// of RPM, whose database the image does not keep.
// Source: Bottlerocket, "application-inventory.json"; the fields are those of
// the inventory of AWS Systems Manager, AWS:Application.
func readBottlerocket(f *file) error {
	f.out.Database = true
	j := jsonstream.New(f.r, f.size)
	return readFields(j, nil, map[string]func() error{"Content": func() error {
		if c, err := j.Peek(); err != nil || c != '[' {
			return j.Skip()
		}
		return j.Array(func() error {
			if c, err := j.Peek(); err != nil || c != '{' {
				return j.Skip()
			}
			p := inventory.Package{Type: "rpm", Evidence: inventory.Database}
			var release, epoch string
			err := readFields(j, map[string]*string{
				"Name": &p.Name, "Version": &p.Version, "Release": &release, "Epoch": &epoch, "Architecture": &p.Arch,
			}, nil)
			if err != nil || p.Name == "" {
				return err
			}
			if release != "" {
				p.Version += "-" + release
			}
			if epoch != "" && epoch != "0" {
				p.Version = epoch + ":" + p.Version
			}
			f.add(p)
			return f.full()
		})
	}})
}
