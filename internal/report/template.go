package report

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"html"
	"io"
	"math"
	"slices"
	"strings"
	"text/template"
)

// maxTemplateOutput bounds what a template writes, in bytes.
const maxTemplateOutput = 1 << 30

// WriteTemplate writes a document by a template of Go. The template sees the
// document as -o json writes it; name and text are the file and what is in it.
// It can call no function but those of Go's templates and templateFunctions,
// which read no file and no environment.
func WriteTemplate(w io.Writer, name, text string, d Document) error {
	t, err := template.New(name).Funcs(templateFunctions).Option("missingkey=zero").Parse(text)
	if err != nil {
		return fmt.Errorf("reading template: %w", err)
	}
	var b bytes.Buffer
	if err := writeJSON(&b, d); err != nil {
		return err
	}
	dec := json.NewDecoder(&b)
	dec.UseNumber()
	var data any
	if err := dec.Decode(&data); err != nil {
		return err
	}
	if err := t.Execute(&bounded{w, maxTemplateOutput}, numbers(data)); err != nil {
		return fmt.Errorf("writing template: %w", err)
	}
	return nil
}

// CheckTemplate tells whether a template can be read.
func CheckTemplate(name, text string) error {
	if _, err := template.New(name).Funcs(templateFunctions).Parse(text); err != nil {
		return fmt.Errorf("reading template: %w", err)
	}
	return nil
}

var errTooLong = errors.New("the template writes too much")

// bounded writes at most left bytes.
type bounded struct {
	w    io.Writer
	left int
}

func (b *bounded) Write(p []byte) (int, error) {
	if b.left -= len(p); b.left < 0 {
		return 0, errTooLong
	}
	return b.w.Write(p)
}

// numbers makes whole numbers int and others float64, so that templates can
// compare and print them.
func numbers(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, inner := range v {
			v[k] = numbers(inner)
		}
	case []any:
		for i, inner := range v {
			v[i] = numbers(inner)
		}
	case json.Number:
		if n, err := v.Int64(); err == nil && n <= math.MaxInt32 && n >= math.MinInt32 {
			return int(n)
		}
		f, _ := v.Float64()
		return f
	}
	return v
}

// templateFunctions are what templates can call besides Go's own. Their last
// argument is what a pipeline hands on. doc/report-json.md describes them.
var templateFunctions = template.FuncMap{
	"upper": strings.ToUpper, "lower": strings.ToLower, "trim": strings.TrimSpace,
	"replace":  func(old, to, s string) string { return strings.ReplaceAll(s, old, to) },
	"split":    func(sep, s string) []string { return strings.Split(s, sep) },
	"contains": func(part, s string) bool { return strings.Contains(s, part) },
	"join":     templateJoin,
	"default":  templateDefault,
	"truncate": func(n int, s string) string { return cut(clean(s), max(n, 0)) },
	"oneLine":  clean,
	"add":      func(a, b int) int { return a + b },
	"where":    templateWhere,
	"json":     templateJSON,
	// Each makes foreign text harmless in one kind of document.
	"escapeHTML":     func(v any) string { return html.EscapeString(textOf(v)) },
	"escapeXML":      templateXML,
	"escapeMarkdown": func(v any) string { return markdownText(clean(textOf(v))) },
	"escapeCSV":      templateCSV,
}

// textOf writes a value; nothing for one that is not there.
func textOf(v any) string {
	if v == nil {
		return ""
	}
	return fmt.Sprint(v)
}

func templateJoin(sep string, list any) string {
	switch list := list.(type) {
	case []string:
		return strings.Join(list, sep)
	case []any:
		var parts []string
		for _, v := range list {
			parts = append(parts, textOf(v))
		}
		return strings.Join(parts, sep)
	}
	return textOf(list)
}

// templateDefault returns a value, or another if it is not there or empty.
func templateDefault(otherwise, v any) any {
	if textOf(v) == "" {
		return otherwise
	}
	return v
}

// templateWhere keeps the elements of a list whose member has one of the values
// that are separated by commas.
func templateWhere(member, values string, list any) []any {
	var out []any
	all, _ := list.([]any)
	for _, v := range all {
		if m, ok := v.(map[string]any); ok && slices.Contains(strings.Split(values, ","), textOf(m[member])) {
			out = append(out, v)
		}
	}
	return out
}

func templateJSON(v any) (string, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	err := enc.Encode(v) // which escapes <, > and &
	return strings.TrimSuffix(b.String(), "\n"), err
}

func templateXML(v any) (string, error) {
	var b bytes.Buffer
	err := xml.EscapeText(&b, []byte(textOf(v)))
	return b.String(), err
}

// templateCSV writes one field, which no spreadsheet runs.
func templateCSV(v any) (string, error) {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	err := w.Write([]string{harmless(textOf(v))})
	w.Flush()
	return strings.TrimSuffix(b.String(), "\n"), err
}
