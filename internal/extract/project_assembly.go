package extract

import (
	"bytes"
	"encoding/binary"
	"strings"
	"unicode/utf16"

	"github.com/assay-project/assay/inventory"
)

// maxResources is the largest part of the resources of an assembly that is
// searched for its version, in bytes.
const maxResources = 1 << 20

// readAssembly reads the version of a .NET assembly from its resources. The
// compilers write them for each one, and NuGet's packages bear the names of
// their assemblies as a rule.
func readAssembly(f *file, w *window, base int64, resources segment) error {
	if resources.size == 0 || base+resources.offset < w.pos() {
		return nil
	}
	if err := w.advance(base + resources.offset); err != nil {
		return err
	}
	n := min(resources.size, maxResources)
	b, err := w.need(int(n))
	if err != nil {
		return err
	}
	info := versionInfo(b[:min(int64(len(b)), n)])
	if info == nil {
		return nil
	}
	_, file := splitPath(f.path)
	name := assemblyName(file)
	for _, key := range []string{"InternalName", "OriginalFilename"} {
		if n := assemblyName(info[key]); n != info[key] && n != "" {
			name = n
			break
		}
	}
	// Those with nothing but translations belong to another one.
	if name == "" || strings.HasSuffix(name, ".resources") {
		return nil
	}
	version := assemblyVersion(info["ProductVersion"])
	if version == "" {
		version = assemblyVersion(info["FileVersion"])
	}
	f.add(inventory.Package{Type: "nuget", Name: name, Version: version, Evidence: inventory.Binary})
	return nil
}

// assemblyName returns the name of a file without the extension of assemblies.
func assemblyName(file string) string {
	if n := len(file) - 4; n > 0 && (strings.EqualFold(file[n:], ".dll") || strings.EqualFold(file[n:], ".exe")) {
		return file[:n]
	}
	return file
}

// assemblyVersion returns the version that a text begins with: 13.0.1 of
// 13.0.1+ae9fe44, 4.8.3761.0 of "4.8.3761.0 built by: NET48REL1". Since the
// version of NuGet packages is that of the product, the version of the file,
// which has a number of the build in it, is the second choice.
func assemblyVersion(s string) string {
	end := strings.IndexFunc(s, func(c rune) bool {
		return (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && c != '.' && c != '-'
	})
	if end >= 0 {
		s = s[:end]
	}
	if s == "" || s[0] < '0' || s[0] > '9' || !strings.Contains(s, ".") {
		return ""
	}
	return strings.TrimRight(s, ".-")
}

// versionInfo returns the strings of the first version resource in b, nil if
// there is none.
// Source: Microsoft, "VS_VERSIONINFO structure", "String structure".
func versionInfo(b []byte) map[string]string {
	at := bytes.Index(b, wide("VS_VERSION_INFO\x00"))
	if at < 6 {
		return nil
	}
	b = b[at-6:]
	if n := int(binary.LittleEndian.Uint16(b)); n > 38 && n < len(b) {
		b = b[:n]
	}
	info := map[string]string{}
	for _, key := range []string{"InternalName", "OriginalFilename", "ProductVersion", "FileVersion"} {
		k := wide(key + "\x00")
		i := bytes.Index(b, k)
		if i < 6 {
			continue
		}
		size := 2 * int(binary.LittleEndian.Uint16(b[i-4:])) // with the zero at the end
		i += len(k)
		i += -i & 3
		if i >= len(b) {
			continue
		}
		info[key] = narrow(b[i:min(i+size, len(b))])
	}
	return info
}

// wide returns ASCII text in UTF-16.
func wide(s string) []byte {
	b := make([]byte, 0, 2*len(s))
	for i := range len(s) {
		b = append(b, s[i], 0)
	}
	return b
}

// narrow returns the text in UTF-16 up to its first zero.
func narrow(b []byte) string {
	var units []uint16
	for i := 0; i+1 < len(b); i += 2 {
		u := binary.LittleEndian.Uint16(b[i:])
		if u == 0 {
			break
		}
		units = append(units, u)
	}
	return clean([]byte(string(utf16.Decode(units))))
}
