package server

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// metric is one of those that a server shows.
type metric struct{ name, kind, labels, help string }

// scrape returns the metrics of a server by their names.
func scrape(t *testing.T, r *running) map[string]metric {
	t.Helper()
	out := map[string]metric{}
	label := regexp.MustCompile(`([a-z_]+)="`)
	for line := range strings.Lines(metricsOf(t, r)) {
		line = strings.TrimSuffix(line, "\n")
		word, rest, _ := strings.Cut(strings.TrimPrefix(line, "# "), " ")
		name, text, _ := strings.Cut(rest, " ")
		switch word {
		case "HELP":
			out[name] = metric{name: name, help: text}
		case "TYPE":
			m := out[name]
			m.kind = text
			out[name] = m
		default:
			series, labels, _ := strings.Cut(line[:strings.LastIndexByte(line, ' ')], "{")
			for _, end := range []string{"_bucket", "_sum", "_count"} {
				if base := strings.TrimSuffix(series, end); out[base].kind == "histogram" {
					series = base
				}
			}
			m := out[series]
			var names []string
			for _, found := range label.FindAllStringSubmatch(labels, -1) {
				if found[1] != "le" {
					names = append(names, "`"+found[1]+"`")
				}
			}
			if m.labels = strings.Join(names, ", "); m.name != "" {
				out[series] = m
			}
		}
	}
	return out
}

// everything is a server that has metrics of all kinds: with feeds that were
// looked at, a finding, a sink that took an event, and jobs that have run.
func everything(t *testing.T) map[string]metric {
	t.Helper()
	m, h := newMirrorSite(t, feedFiles(t)), newHearer(t)
	r := startForEvents(t, func(c *Config) { c.Feeds, c.FeedsEvery = []string{m.URL + "/"}, time.Hour })
	r.looked(t, time.Time{})
	var k Sink
	r.mustSink(t, "POST", "", `{"name":"hook","kind":"webhook","place":"`+h.URL+`","secret":"`+sinkSecret+`","events":["finding."]}`, &k)
	r.put(t, of(toldOf[0].res, flawed))
	h.wait(t, 1)
	var all map[string]metric
	until(t, "the event is counted", func() bool {
		all = scrape(t, r)
		return all["assay_events_total"].name != ""
	})
	return all
}

// seriesOf returns what a query may ask for, and of which metric that is.
func seriesOf(all map[string]metric) map[string]string {
	out := map[string]string{}
	for name, m := range all {
		if m.kind != "histogram" {
			out[name] = name
			continue
		}
		for _, end := range []string{"_bucket", "_sum", "_count"} {
			out[name+end] = name
		}
	}
	return out
}

// TestDashboard compares the dashboard for Grafana and the table of metrics
// with what a server shows: each metric that they name is there, and each of
// our own is on a panel and in the table.
func TestDashboard(t *testing.T) {
	t.Parallel()
	all := everything(t)
	t.Run("panels", func(t *testing.T) { checkPanels(t, all) })
	t.Run("table", func(t *testing.T) { checkTable(t, all) })
}

func checkPanels(t *testing.T, all map[string]metric) {
	t.Helper()
	text, err := os.ReadFile(filepath.FromSlash("../../deploy/grafana/assay.json"))
	if err != nil {
		t.Fatal(err)
	}
	var board struct {
		UID    string
		Panels []struct {
			ID                       int
			Type, Title, Description string
			GridPos                  struct{ H, W, X, Y int }
			Targets                  []struct{ Expr string }
		}
	}
	if err := json.Unmarshal(text, &board); err != nil {
		t.Fatal(err)
	}
	if board.UID != "assay" || len(board.Panels) < 20 {
		t.Errorf("the dashboard %q has %d panels", board.UID, len(board.Panels))
	}
	series, shown, ids := seriesOf(all), map[string]bool{}, map[int]bool{}
	names := regexp.MustCompile(`\b(?:assay|go|process)_[a-z_]+`)
	for i, p := range board.Panels {
		if ids[p.ID] || p.GridPos.X+p.GridPos.W > 24 || p.Title == "" {
			t.Errorf("panel %d, %q, has the number of another, or no room, or no title", i, p.Title)
		}
		ids[p.ID] = true
		if p.Type == "row" {
			continue
		}
		if p.Description == "" || len(p.Targets) == 0 {
			t.Errorf("panel %q has no description or asks nothing", p.Title)
		}
		for _, q := range p.Targets {
			if !strings.Contains(q.Expr, "instance=~\"$instance\"") {
				t.Errorf("panel %q does not heed the choice of servers: %s", p.Title, q.Expr)
			}
			for _, name := range names.FindAllString(q.Expr, -1) {
				if series[name] == "" {
					t.Errorf("panel %q asks for %s, which the server does not have", p.Title, name)
				}
				shown[series[name]] = true
			}
		}
	}
	for name := range all {
		if strings.HasPrefix(name, "assay_") && !shown[name] {
			t.Errorf("no panel shows %s", name)
		}
	}
}

// checkTable compares doc/metrics.md; -update rewrites the rows.
func checkTable(t *testing.T, all map[string]metric) {
	t.Helper()
	path := filepath.FromSlash("../../doc/metrics.md")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const begin, end = "|---|---|---|---|\n", "\n## "
	before, rest, ok := strings.Cut(string(text), begin)
	_, after, found := strings.Cut(rest, end)
	if !ok || !found {
		t.Fatalf("%s has no table, or nothing after it", path)
	}
	want := before + begin
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if m := all[name]; strings.HasPrefix(name, "assay_") {
			want += fmt.Sprintf("| `%s` | %s | %s | %s |\n", name, m.kind, m.labels, m.help)
		}
	}
	want += end + after
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if want != string(text) {
		t.Errorf("%s is stale: go test ./internal/server -run TestDashboard -update", path)
	}
}
