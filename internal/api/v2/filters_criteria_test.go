package v2

import (
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-project/assay/internal/api/inspector2"
	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/filter"
)

func TestCriteria(t *testing.T) {
	t.Parallel()
	at := time.UnixMilli(1_700_000_000_123).UTC()
	in := &inspector2.FilterCriteria{
		Severity:        []inspector2.StringFilter{{Comparison: "EQUALS", Value: "HIGH"}, {Comparison: "NOT_EQUALS", Value: "LOW"}},
		FirstObservedAt: []inspector2.DateFilter{{StartInclusive: at}, {EndInclusive: at}},
		InspectorScore:  []inspector2.NumberFilter{{LowerInclusive: new(7.5)}},
		PortRange:       []inspector2.PortRangeFilter{{BeginInclusive: new(int32(1)), EndInclusive: new(int32(22))}},
		ResourceTags:    []inspector2.MapFilter{{Comparison: "EQUALS", Key: "a"}, {Comparison: "EQUALS", Key: "b", Value: new("")}},
		VulnerablePackages: []inspector2.PackageFilter{{
			Name: &inspector2.StringFilter{Comparison: "PREFIX", Value: "lib"}, Epoch: &inspector2.NumberFilter{UpperInclusive: new(1.0)},
		}},
	}
	ms := 1_700_000_000_123.0
	want := filter.Criteria{
		"severity":        {{Comparison: "EQUALS", Value: "HIGH"}, {Comparison: "NOT_EQUALS", Value: "LOW"}},
		"firstObservedAt": {{Min: &ms}, {Max: &ms}},
		"inspectorScore":  {{Min: new(7.5)}},
		"portRange":       {{Min: new(1.0), Max: new(22.0)}},
		"resourceTags":    {{Comparison: "EQUALS", Key: "a", AnyValue: true}, {Comparison: "EQUALS", Key: "b"}},
		"vulnerablePackages": {{Package: map[string]filter.Condition{
			"name": {Comparison: "PREFIX", Value: "lib"}, "epoch": {Max: new(1.0)},
		}}},
	}
	got, err := criteria("filterCriteria", in)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	back, err := criteriaOf[inspector2.FilterCriteria](got)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(*in, back); diff != "" {
		t.Error(diff)
	}
}

// TestCriteriaEveryField makes one condition for each member of each type, so
// that none is forgotten when the model grows.
func TestCriteriaEveryField(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		in     any
		fields filter.Fields
		back   func(filter.Criteria) (any, error)
	}{
		{&inspector2.FilterCriteria{}, filter.Finding, backTo[inspector2.FilterCriteria]},
		{&inspector2.CoverageFilterCriteria{}, filter.Coverage, backTo[inspector2.CoverageFilterCriteria]},
		{&inspector2.ResourceFilterCriteria{}, filter.Resource, backTo[inspector2.ResourceFilterCriteria]},
	} {
		for _, field := range reflect.ValueOf(tt.in).Elem().Fields() {
			list := reflect.MakeSlice(field.Type(), 1, 1)
			fill(t, list.Index(0))
			field.Set(list)
		}
		got, err := criteria("filterCriteria", tt.in)
		if err != nil {
			t.Fatal(err)
		}
		if len(got) != len(tt.fields) {
			t.Errorf("%T: %d fields, want %d", tt.in, len(got), len(tt.fields))
		}
		back, err := tt.back(got)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(tt.in, back); diff != "" {
			t.Errorf("%T: %s", tt.in, diff)
		}
	}
}

func backTo[C any](in filter.Criteria) (any, error) {
	out, err := criteriaOf[C](in)
	return &out, err
}

// fill sets every member of a condition to something valid.
func fill(t *testing.T, v reflect.Value) {
	t.Helper()
	switch v.Kind() {
	case reflect.String:
		v.SetString("EQUALS")
	case reflect.Float64:
		v.SetFloat(3)
	case reflect.Int32, reflect.Int64:
		v.SetInt(3)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(t, v.Elem())
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(time.UnixMilli(1_700_000_000_001).UTC()))
			return
		}
		for _, field := range v.Fields() {
			fill(t, field)
		}
	default:
		t.Fatalf("a condition holds a %s", v.Type())
	}
}

func TestCriteriaInvalid(t *testing.T) {
	t.Parallel()
	_, err := criteria("where", &inspector2.FilterCriteria{
		Title:              []inspector2.StringFilter{{Comparison: "PREFIX", Value: "x"}, {Comparison: "LIKE", Value: "x"}},
		VulnerablePackages: []inspector2.PackageFilter{{}},
	})
	e, ok := err.(*fault.Error) //nolint:errorlint // exactly what a handler returns
	if !ok || e.Kind != fault.Invalid {
		t.Fatalf("got %v", err)
	}
	want := []fault.Field{
		{Name: "where.title.2.member.comparison", Message: "Member must satisfy enum value set: [EQUALS, PREFIX, NOT_EQUALS]"},
		{Name: "where.vulnerablePackages.1.member", Message: "Member must have at least one member"},
	}
	if diff := cmp.Diff(want, e.Fields); diff != "" {
		t.Error(diff)
	}
	for _, none := range []any{(*inspector2.FilterCriteria)(nil), &inspector2.CoverageFilterCriteria{}} {
		if c, err := criteria("x", none); err != nil || len(c) != 0 {
			t.Errorf("%T: %v, %v", none, c, err)
		}
	}
}
