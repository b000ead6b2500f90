package main

import (
	"bufio"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/term"

	"github.com/assay-project/assay/internal/report"
)

// output is one report to be written.
type output struct {
	format string
	file   string // empty for standard output

	template, text string // of format template: the file, and what is in it
}

// templateFormat is the one that needs a file: template=FILE[=OUTPUT].
const templateFormat = "template"

func formatNames() []string {
	var names []string
	for _, f := range report.Formats {
		names = append(names, f.Name)
	}
	return append(names, templateFormat)
}

// inventoryFormats are those that say something of packages alone. The others
// would say that nothing is vulnerable, where nobody has looked.
func inventoryFormats() []string {
	var names []string
	for _, f := range report.Formats {
		if f.Inventory {
			names = append(names, f.Name)
		}
	}
	return append(names, templateFormat)
}

// parseOutputs reads FORMAT and FORMAT=FILE, before anything else is done. The
// format is one of the known ones. No two of the files, others among them, are
// the same: the last would take the place of the first.
func parseOutputs(flags []string, standard string, known []string, others ...string) ([]output, error) {
	if len(flags) == 0 {
		flags = []string{standard}
	}
	var out []output
	toStdout := 0
	for _, f := range flags {
		name, file, hasFile := strings.Cut(f, "=")
		if !slices.Contains(known, name) {
			return nil, fmt.Errorf("output format %q must be one of %s", name, strings.Join(known, ", "))
		}
		if hasFile && file == "" {
			return nil, fmt.Errorf("output %q names no file after the equals sign", f)
		}
		o := output{format: name, file: file}
		if name == templateFormat {
			var err error
			if o, err = templateOutput(file); err != nil {
				return nil, err
			}
		}
		if o.file == "" {
			toStdout++
		} else if err := checkPlace(o.file); err != nil {
			return nil, err
		}
		others = append(others, o.file)
		out = append(out, o)
	}
	if toStdout > 1 {
		return nil, fmt.Errorf("only one output can go to standard output: give the others a file, as in -o sarif=scan.sarif")
	}
	return out, checkDistinct(others)
}

// checkDistinct refuses files of which two are the same. What is no file, such
// as a pipe or a device, may be written to again.
func checkDistinct(files []string) error {
	seen := map[string]string{}
	for _, f := range files {
		info, err := os.Stat(f)
		if f == "" || err == nil && !info.Mode().IsRegular() {
			continue
		}
		path := f
		if dir, err := filepath.EvalSymlinks(filepath.Dir(f)); err == nil {
			path = filepath.Join(dir, filepath.Base(f))
		}
		if real, err := filepath.EvalSymlinks(path); err == nil {
			path = real
		}
		if path, err = filepath.Abs(path); err != nil {
			return fmt.Errorf("writing %s: %w", f, err)
		}
		if first, ok := seen[path]; ok {
			return fmt.Errorf("two outputs would be written to one file: %s and %s", first, f)
		}
		seen[path] = f
	}
	return nil
}

// checkPlace tells whether a file may come to be at a path, so that this is
// known before a scan and not after it.
func checkPlace(path string) error {
	dir := filepath.Dir(path)
	if info, err := os.Stat(dir); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	} else if !info.IsDir() {
		return fmt.Errorf("writing %s: %s is no folder", path, dir)
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return fmt.Errorf("writing %s: this is a folder; name a file in it", path)
	}
	return nil
}

// maxTemplate bounds a template, in bytes.
const maxTemplate = 4 << 20

// templateOutput reads FILE or FILE=OUTPUT.
func templateOutput(value string) (output, error) {
	file, to, hasOutput := strings.Cut(value, "=")
	if file == "" || hasOutput && to == "" {
		return output{}, errors.New("output format template needs a file: -o template=FILE, or -o template=FILE=OUTPUT")
	}
	f, err := os.Open(file)
	if err != nil {
		return output{}, fmt.Errorf("reading template: %w", err)
	}
	text, err := io.ReadAll(io.LimitReader(f, maxTemplate+1))
	if err = errors.Join(err, f.Close()); err != nil {
		return output{}, fmt.Errorf("reading template %s: %w", file, err)
	}
	if len(text) > maxTemplate {
		return output{}, fmt.Errorf("template %s is longer than %d bytes", file, maxTemplate)
	}
	return output{templateFormat, to, file, string(text)}, report.CheckTemplate(filepath.Base(file), string(text))
}

// write writes one report.
func (o output) write(w io.Writer, d report.Document) error {
	if o.format == templateFormat {
		return report.WriteTemplate(w, filepath.Base(o.template), o.text, d)
	}
	return report.Write(w, o.format, d)
}

// writeOutputs writes every report.
func writeOutputs(e edge, outputs []output, doc report.Document) error {
	return writeEach(e, outputs, func(o output, w io.Writer) error {
		d := doc
		d.Color, d.Width = false, 0
		if o.file == "" {
			d.Color, d.Width = terminal(e)
		}
		return o.write(w, d)
	})
}

// writeEach has every output written; a file appears whole or not at all.
func writeEach(e edge, outputs []output, write func(output, io.Writer) error) error {
	for _, o := range outputs {
		if o.file != "" {
			if err := writeFile(o.file, func(w io.Writer) error { return write(o, w) }); err != nil {
				return err
			}
			continue
		}
		w := bufio.NewWriterSize(e.stdout, 64<<10)
		if err := write(o, w); err != nil {
			return err
		}
		if err := w.Flush(); err != nil {
			return fmt.Errorf("writing to standard output: %w", err)
		}
	}
	return nil
}

// writeFile writes a file beside its place and then moves it there. A link goes
// on pointing to its file, and what is no file, such as a pipe or a device, is
// written where it is.
func writeFile(path string, write func(io.Writer) error) (err error) {
	mode := fs.FileMode(0o644) // a report is for others too, as far as the user's mask lets it
	if info, err := os.Stat(path); err == nil {
		if !info.Mode().IsRegular() {
			return writeInPlace(path, write)
		}
		if path, err = filepath.EvalSymlinks(path); err != nil {
			return fmt.Errorf("writing %s: %w", path, err)
		}
		mode = info.Mode().Perm()
	}
	f, err := os.OpenFile(filepath.Join(filepath.Dir(path), ".assay-"+rand.Text()), os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	err = fill(f, path, write)
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}

func writeInPlace(path string, write func(io.Writer) error) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return fill(f, path, write)
}

// fill writes an opened file and closes it. path is for messages.
func fill(f *os.File, path string, write func(io.Writer) error) error {
	w := bufio.NewWriterSize(f, 64<<10)
	err := write(w)
	if err == nil {
		err = w.Flush()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return nil
}

// terminal tells whether standard output shows colours, and its width.
// Source: no-color.org for NO_COLOR.
func terminal(e edge) (color bool, width int) {
	f, ok := e.stdout.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return false, 0
	}
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		width = 0
	}
	return e.getenv("NO_COLOR") == "" && e.getenv("TERM") != "dumb", width
}

// progress returns a function that shows what goes on in one line of standard
// error, and one that clears the line. The first is nil if standard error is no
// terminal or quiet is set.
func progress(e edge, quiet bool) (show func(format string, args ...any), stop func()) {
	f, ok := e.stderr.(*os.File)
	if quiet || !ok || !term.IsTerminal(int(f.Fd())) {
		return nil, func() {}
	}
	show = func(format string, args ...any) { fmt.Fprintf(f, "\r\x1b[K"+format, args...) }
	return show, func() { fmt.Fprint(f, "\r\x1b[K") }
}

// layerProgress shows how many layers of a target are read.
func layerProgress(show func(format string, args ...any), target string) func(done, total int) {
	if show == nil {
		return nil
	}
	return func(done, total int) {
		if total == 1 {
			show("reading %.60s", target)
			return
		}
		show("reading layers: %d of %d", done, total)
	}
}

// statedTime is the time that machine formats state: SOURCE_DATE_EPOCH if it is
// set, else the given one.
// Source: reproducible-builds.org, SOURCE_DATE_EPOCH specification.
func statedTime(e edge, otherwise time.Time) (time.Time, error) {
	s := e.getenv("SOURCE_DATE_EPOCH")
	if s == "" {
		return otherwise, nil
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return time.Time{}, fmt.Errorf("SOURCE_DATE_EPOCH is %q: it must be a number of seconds", s)
	}
	return time.Unix(n, 0).UTC(), nil
}
