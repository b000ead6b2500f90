package v2

import (
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/assay-project/assay/internal/api/inspector2"
	"github.com/assay-project/assay/internal/filter"
	"github.com/assay-project/assay/internal/store"
)

// criteria returns the criteria of a request. They come as a pointer to one of
// the generated types FilterCriteria, CoverageFilterCriteria and
// ResourceFilterCriteria; nil selects everything. The name is what they are
// called in the request; the fault for criteria that are not valid is Invalid
// and names the parts by it.
func criteria(name string, in any) (filter.Criteria, error) {
	out := filter.Criteria{}
	v := reflect.ValueOf(in)
	if v.IsNil() {
		return out, nil
	}
	fields, err := fieldsOf(in)
	if err != nil {
		return nil, err
	}
	v = v.Elem()
	for i := range v.NumField() {
		list := v.Field(i)
		if list.Len() == 0 {
			continue
		}
		field := fieldName(v.Type().Field(i))
		out[field] = make([]filter.Condition, list.Len())
		for j := range list.Len() {
			if out[field][j], err = condition(list.Index(j).Interface()); err != nil {
				return nil, err
			}
		}
	}
	return out, store.CriteriaFault(filter.Validate(fields, name, out))
}

// FindingCriteria returns what a request asks of findings; nil asks for all. The
// fault for criteria that are not valid is Invalid.
func FindingCriteria(in *inspector2.FilterCriteria) (filter.Criteria, error) {
	return criteria("filterCriteria", in)
}

// fieldsOf returns the fields that criteria of a type may name.
func fieldsOf(in any) (filter.Fields, error) {
	switch in.(type) {
	case *inspector2.FilterCriteria:
		return filter.Finding, nil
	case *inspector2.CoverageFilterCriteria:
		return filter.Coverage, nil
	case *inspector2.ResourceFilterCriteria:
		return filter.Resource, nil
	}
	return nil, fmt.Errorf("%T are no criteria", in)
}

// fieldName returns what a member of a generated structure is called in JSON.
func fieldName(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("wire"), " ")
	return strings.TrimSuffix(name, "*")
}

// condition returns what one element of criteria asks.
func condition(in any) (filter.Condition, error) {
	switch c := in.(type) {
	case inspector2.StringFilter:
		return filter.Condition{Comparison: filter.Comparison(c.Comparison), Value: c.Value}, nil
	case inspector2.CoverageStringFilter:
		return filter.Condition{Comparison: filter.Comparison(c.Comparison), Value: c.Value}, nil
	case inspector2.ResourceStringFilter:
		return filter.Condition{Comparison: filter.Comparison(c.Comparison), Value: c.Value}, nil
	case inspector2.MapFilter:
		out := filter.Condition{Comparison: filter.Comparison(c.Comparison), Key: c.Key, AnyValue: c.Value == nil}
		if c.Value != nil {
			out.Value = *c.Value
		}
		return out, nil
	case inspector2.CoverageMapFilter: // here a value is never empty
		return filter.Condition{Comparison: filter.Comparison(c.Comparison), Key: c.Key, Value: c.Value, AnyValue: c.Value == ""}, nil
	case inspector2.ResourceMapFilter:
		return filter.Condition{Comparison: filter.Comparison(c.Comparison), Key: c.Key, Value: c.Value, AnyValue: c.Value == ""}, nil
	case inspector2.NumberFilter:
		return filter.Condition{Min: c.LowerInclusive, Max: c.UpperInclusive}, nil
	case inspector2.CoverageNumberFilter:
		return filter.Condition{Min: real64(c.LowerInclusive), Max: real64(c.UpperInclusive)}, nil
	case inspector2.PortRangeFilter:
		return filter.Condition{Min: real64(c.BeginInclusive), Max: real64(c.EndInclusive)}, nil
	case inspector2.DateFilter:
		return filter.Between(c.StartInclusive, c.EndInclusive), nil
	case inspector2.CoverageDateFilter:
		return filter.Between(c.StartInclusive, c.EndInclusive), nil
	case inspector2.PackageFilter:
		return packageCondition(c), nil
	}
	return filter.Condition{}, fmt.Errorf("%T is no condition", in)
}

func packageCondition(in inspector2.PackageFilter) filter.Condition {
	out := filter.Condition{Package: map[string]filter.Condition{}}
	for name, part := range packageTexts(&in) {
		if p := *part; p != nil {
			out.Package[name] = filter.Condition{Comparison: filter.Comparison(p.Comparison), Value: p.Value}
		}
	}
	if n := in.Epoch; n != nil {
		out.Package["epoch"] = filter.Condition{Min: n.LowerInclusive, Max: n.UpperInclusive}
	}
	return out
}

// packageTexts returns where the conditions on the parts of a package stand
// that are texts.
func packageTexts(p *inspector2.PackageFilter) map[string]**inspector2.StringFilter {
	return map[string]**inspector2.StringFilter{
		"name": &p.Name, "version": &p.Version, "release": &p.Release, "architecture": &p.Architecture,
		"sourceLayerHash": &p.SourceLayerHash, "sourceLambdaLayerArn": &p.SourceLambdaLayerARN, "filePath": &p.FilePath,
	}
}

func real64[N int32 | int64](n *N) *float64 {
	if n == nil {
		return nil
	}
	f := float64(*n)
	return &f
}

func whole[N int32 | int64](f *float64) *N {
	if f == nil {
		return nil
	}
	n := N(*f)
	return &n
}

// criteriaOf is the reverse of criteria. C is one of the types of criteria;
// conditions on what is no field of it are left out.
func criteriaOf[C any](in filter.Criteria) (C, error) {
	var out C
	v := reflect.ValueOf(&out).Elem()
	for i := range v.NumField() {
		conditions := in[fieldName(v.Type().Field(i))]
		if len(conditions) == 0 {
			continue
		}
		list := reflect.MakeSlice(v.Field(i).Type(), len(conditions), len(conditions))
		for j, c := range conditions {
			if err := element(list.Index(j).Addr().Interface(), c); err != nil {
				return out, err
			}
		}
		v.Field(i).Set(list)
	}
	return out, nil
}

// element is the reverse of condition.
func element(out any, c filter.Condition) error {
	switch out := out.(type) {
	case *inspector2.StringFilter:
		*out = inspector2.StringFilter{Comparison: inspector2.StringComparison(c.Comparison), Value: c.Value}
	case *inspector2.CoverageStringFilter:
		*out = inspector2.CoverageStringFilter{Comparison: inspector2.CoverageStringComparison(c.Comparison), Value: c.Value}
	case *inspector2.ResourceStringFilter:
		*out = inspector2.ResourceStringFilter{Comparison: inspector2.ResourceStringComparison(c.Comparison), Value: c.Value}
	case *inspector2.MapFilter:
		*out = inspector2.MapFilter{Comparison: inspector2.MapComparison(c.Comparison), Key: c.Key}
		if !c.AnyValue {
			out.Value = &c.Value
		}
	case *inspector2.CoverageMapFilter:
		*out = inspector2.CoverageMapFilter{Comparison: inspector2.CoverageMapComparison(c.Comparison), Key: c.Key, Value: c.Value}
	case *inspector2.ResourceMapFilter:
		*out = inspector2.ResourceMapFilter{Comparison: inspector2.ResourceMapComparison(c.Comparison), Key: c.Key, Value: c.Value}
	case *inspector2.NumberFilter:
		*out = inspector2.NumberFilter{LowerInclusive: c.Min, UpperInclusive: c.Max}
	case *inspector2.CoverageNumberFilter:
		*out = inspector2.CoverageNumberFilter{LowerInclusive: whole[int64](c.Min), UpperInclusive: whole[int64](c.Max)}
	case *inspector2.PortRangeFilter:
		*out = inspector2.PortRangeFilter{BeginInclusive: whole[int32](c.Min), EndInclusive: whole[int32](c.Max)}
	case *inspector2.DateFilter:
		*out = inspector2.DateFilter{StartInclusive: instant(c.Min), EndInclusive: instant(c.Max)}
	case *inspector2.CoverageDateFilter:
		*out = inspector2.CoverageDateFilter{StartInclusive: instant(c.Min), EndInclusive: instant(c.Max)}
	case *inspector2.PackageFilter:
		*out = packageFilter(c)
	default:
		return fmt.Errorf("%T is no condition", out)
	}
	return nil
}

func packageFilter(c filter.Condition) inspector2.PackageFilter {
	var out inspector2.PackageFilter
	for name, part := range packageTexts(&out) {
		if p, ok := c.Package[name]; ok {
			*part = &inspector2.StringFilter{Comparison: inspector2.StringComparison(p.Comparison), Value: p.Value}
		}
	}
	if p, ok := c.Package["epoch"]; ok {
		out.Epoch = &inspector2.NumberFilter{LowerInclusive: p.Min, UpperInclusive: p.Max}
	}
	return out
}

// instant is the reverse of what filter.Between does with a time.
func instant(ms *float64) time.Time {
	if ms == nil {
		return time.Time{}
	}
	return time.UnixMilli(int64(*ms)).UTC()
}
