package server

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite doc/api.md")

// A state says how far an operation goes.
type state string

const (
	works     state = "works"
	stateOnly state = "state only"
	nothing   state = "nothing yet"
)

// An operation is one of Amazon's, what it does here, and the proof of it.
type operation struct {
	service, name string
	state         state
	what          string // it does here
	remark        string // what a user of Amazon's service may miss; may be empty
	// test calls the operation with a client of Amazon's. Unless the state is
	// nothing, what one operation changes another must show: proven checks that
	// it was so on the wire.
	test func(b *bench)
}

// constant are the operations whose answers no other can change, and why. Their
// tests see that different requests are answered differently.
var constant = map[string]string{
	"inspector2:SearchVulnerabilities": "depends on the advisory database alone",
	"inspector-scan:ScanSbom":          "depends on the advisory database and the request alone",
	"inspector:ListRulesPackages":      "depends on the region alone",
	"inspector:DescribeRulesPackages":  "depends on the region alone",
	"inspector:CreateResourceGroup":    "nothing lists or changes a resource group: its test sees it in a target",
	"inspector:DescribeResourceGroups": "nothing changes a resource group",
}

// operations returns all operations of Amazon's APIs.
func operations() []operation {
	return slices.Concat(
		activation, organisations, findings, savedFilters, reports, coverages, inspection, cis, codeSecurity, connectors,
		sboms, classicSetup, classicRuns,
	)
}

func TestOperations(t *testing.T) {
	t.Parallel()
	shared := start(t, nil, nil)
	for _, o := range operations() {
		t.Run(o.service+"/"+o.name, func(t *testing.T) {
			t.Parallel()
			b := shared.newAccount(t, &trail{})
			func() {
				defer caught(t)
				o.test(b)
			}()
			if t.Skipped() || t.Failed() {
				return
			}
			if err := o.proven(b.trail.all()); err != nil {
				t.Error(err)
			}
		})
	}
}

// proven tells whether a trail shows that the operation does what its state
// says. One that does nothing yet, or is constant, was called. Of any other, either its answer
// to one request changed because of a successful call of another operation, or
// a call of it, and of nothing else, changed the answer of another.
func (o operation) proven(list []exchange) error {
	name := o.service + ":" + o.name
	called := slices.IndexFunc(list, func(x exchange) bool { return x.operation == name })
	if called < 0 {
		return fmt.Errorf("the test does not call %s", o.name)
	}
	if _, ok := constant[name]; ok || o.state == nothing {
		return nil
	}
	for i, before := range list {
		for j := i + 2; j < len(list); j++ {
			after := list[j]
			if after.operation != before.operation || after.request != before.request || after.answer == before.answer {
				continue
			}
			changes := slices.DeleteFunc(slices.Clone(list[i+1:j]), func(x exchange) bool { return x.readOnly || !x.ok })
			switch {
			case len(changes) == 0:
			case before.operation == name && (before.ok || after.ok) && changes[0].operation != name:
				return nil
			case before.operation != name && len(changes) == 1 && changes[0].operation == name:
				return nil
			}
		}
	}
	return fmt.Errorf("no answer changed by %s, and none of %[1]s by another operation", o.name)
}

func TestOperationsAreComplete(t *testing.T) {
	t.Parallel()
	var want, got []string
	for _, s := range services() {
		for _, op := range s.Operations {
			want = append(want, s.Name+" "+op.Name)
		}
	}
	for _, o := range operations() {
		got = append(got, o.service+" "+o.name)
		if o.what == "" || o.test == nil || !slices.Contains([]state{works, stateOnly, nothing}, o.state) {
			t.Errorf("the row of %s is not whole", o.name)
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("operations (-in the API +in the table):\n%s", diff)
	}
}

// document returns doc/api.md.
func document() []byte {
	var w bytes.Buffer
	w.WriteString(`# Amazon's operations

Written by a test from the table that the tests of the operations are made of: do not edit it, but the table in
` + "`internal/server/operations*_test.go`" + `, and run ` + "`go test ./internal/server -run TestOperationsDocument -update`" + `.

* **works**: does what Amazon's documentation says; a test changes something through another operation, with a client of
  Amazon's, and sees the answer change, or sees in another's answer what it changed.
* **state only**: keeps what is set up and tells it again; a test shows that in the same way. What is set up has no effect.
* **nothing yet**: what it tells of does not exist here. It answers what Amazon's does where there is nothing: an empty list,
  or the exception that is documented.
`)
	counts := map[state]int{}
	for _, o := range operations() {
		counts[o.state]++
	}
	fmt.Fprintf(&w, "\n%d operations work, %d keep state only, %d do nothing yet.\n", counts[works], counts[stateOnly], counts[nothing])
	for _, s := range services() {
		rows := slices.DeleteFunc(operations(), func(o operation) bool { return o.service != s.Name })
		slices.SortFunc(rows, func(a, b operation) int { return strings.Compare(a.name, b.name) })
		fmt.Fprintf(&w, "\n## %s\n\n| operation | state | what it does here | remark |\n|---|---|---|---|\n", s.Name)
		for _, o := range rows {
			fmt.Fprintf(&w, "| %s | %s | %s | %s |\n", o.name, o.state, o.what, o.remark)
		}
	}
	return w.Bytes()
}

func TestOperationsDocument(t *testing.T) {
	t.Parallel()
	const path = "../../doc/api.md"
	want := document()
	if *update {
		if err := os.WriteFile(path, want, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("doc/api.md is stale; run go test ./internal/server -run TestOperationsDocument -update:\n%s", diff)
	}
}
