package v2

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"unicode/utf8"

	"github.com/assay-project/assay/internal/api"
	"github.com/assay-project/assay/internal/api/inspector2"
	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/store"
)

// taggable are the kinds of things that may have tags, by what their ARNs call
// them. They are objects of that kind, whose id is the end of the ARN, but for
// filters.
// Source: Amazon Inspector API, TagResource.
var taggable = []struct {
	kind  string
	owned bool // the owner stands in the ARN
}{
	{"filter", true},
	{"cis-configuration", true},
	{"codesecurity-configuration", true},
	{"codesecurity-integration", false},
	{"connector", false},
}

// A thing is what an ARN names.
type thing struct {
	kind, id string
	account  org.Account
}

// thingOf takes the ARN of a thing with tags apart: false if it is none.
func thingOf(arn, region string) (thing, bool) {
	parts := strings.SplitN(arn, ":", 6)
	if !isText(arn) || len(parts) != 6 || parts[0] != "arn" || parts[2] != "inspector2" || parts[3] != region {
		return thing{}, false
	}
	account, err := org.ParseAccount(parts[4])
	if err != nil {
		return thing{}, false
	}
	for _, t := range taggable {
		rest := parts[5]
		if t.owned {
			owned, ok := strings.CutPrefix(rest, "owner/")
			if !ok {
				continue
			}
			_, rest, _ = strings.Cut(owned, "/")
		}
		if rest, ok := strings.CutPrefix(rest, t.kind+"/"); ok && rest != "" {
			return thing{t.kind, rest[strings.LastIndexByte(rest, '/')+1:], account}, true
		}
	}
	return thing{}, false
}

// A holder is a store or a transaction, in which things are looked up.
type holder interface {
	Object(ctx context.Context, scope org.Scope, kind, id string) (store.Object, error)
	SavedFilter(ctx context.Context, scope org.Scope, arn string) (store.SavedFilter, error)
}

// tagged makes sure that there is the thing that an ARN names, in the scope of
// the caller, and returns whose it is.
func (o Operations) tagged(ctx context.Context, in holder, arn string) (org.Account, error) {
	missing := fault.New(fault.NotFound, "There is no resource %s.", arn)
	t, ok := thingOf(arn, o.Region)
	if !ok {
		return 0, missing
	}
	caller, found := api.CallerOf(ctx), arn
	var err error
	if t.kind == "filter" {
		_, err = in.SavedFilter(ctx, filterScope(caller), arn)
	} else {
		var object store.Object
		if object, err = in.Object(ctx, caller.Scope.Narrow(t.account), t.kind, t.id); err == nil {
			var doc struct {
				ARN string `json:"arn"`
			}
			err = object.Decode(&doc)
			found = doc.ARN
		}
	}
	if fault.KindOf(err) == fault.NotFound || err == nil && found != arn {
		return 0, missing
	}
	return t.account, err
}

// mayTag returns what is wrong with tags that a thing is to have; nil if nothing
// is. Too many of them are a BadRequestException.
// Source: Amazon Inspector API, TagResource, errors.
func mayTag(tags map[string]string) error {
	if len(tags) > maxTags {
		return &inspector2.BadRequestException{Message: fmt.Sprintf("A resource may have at most %d tags.", maxTags)}
	}
	return checkTags(tags)
}

// isText tells whether a database keeps the text as it is.
func isText(s string) bool { return utf8.ValidString(s) && !strings.Contains(s, "\x00") }

// tagResource adds tags to those that a thing has, or replaces them.
func (o Operations) tagResource(ctx context.Context, in *inspector2.TagResourceRequest) (*inspector2.TagResourceResponse, error) {
	if err := mayTag(in.Tags); err != nil {
		return nil, err
	}
	err := o.changeTags(ctx, in.ResourceARN, func(tags map[string]string) { maps.Copy(tags, in.Tags) })
	if err != nil {
		return nil, err
	}
	return &inspector2.TagResourceResponse{}, nil
}

// untagResource removes the tags of these keys; those that are not there are no
// fault.
func (o Operations) untagResource(ctx context.Context, in *inspector2.UntagResourceRequest) (*inspector2.UntagResourceResponse, error) {
	err := o.changeTags(ctx, in.ResourceARN, func(tags map[string]string) {
		for _, k := range in.TagKeys {
			delete(tags, k)
		}
	})
	if err != nil {
		return nil, err
	}
	return &inspector2.UntagResourceResponse{}, nil
}

// changeTags changes the tags of a thing as f does.
func (o Operations) changeTags(ctx context.Context, arn string, f func(tags map[string]string)) error {
	return o.Store.Update(ctx, func(tx *store.Tx) error {
		account, err := o.tagged(ctx, tx, arn)
		if err != nil {
			return err
		}
		if err := tx.Hold(ctx, account); err != nil {
			return err
		}
		tags, err := tx.Tags(ctx, org.Only(account), arn)
		if err != nil {
			return err
		}
		f(tags)
		if err := mayTag(tags); err != nil {
			return err
		}
		return tx.SetTags(ctx, account, arn, tags)
	})
}

// listTags returns the tags of a thing.
func (o Operations) listTags(ctx context.Context, in *inspector2.ListTagsForResourceRequest) (*inspector2.ListTagsForResourceResponse, error) {
	account, err := o.tagged(ctx, o.Store, in.ResourceARN)
	if err != nil {
		return nil, err
	}
	tags, err := o.Store.Tags(ctx, org.Only(account), in.ResourceARN)
	if err != nil {
		return nil, err
	}
	return &inspector2.ListTagsForResourceResponse{Tags: tags}, nil
}
