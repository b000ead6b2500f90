package vex

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// csaf is what a CSAF document has of products and of the status of
// vulnerabilities in them.
// Source: CSAF 2.0, sections 3.2.2 "Product Tree" and 3.2.3 "Vulnerabilities".
type csaf struct {
	Document struct {
		Category  string `json:"category"`
		Publisher struct {
			Name string `json:"name"`
		} `json:"publisher"`
		Tracking struct {
			Current string `json:"current_release_date"`
			Initial string `json:"initial_release_date"`
		} `json:"tracking"`
	} `json:"document"`
	Tree            csafTree            `json:"product_tree"`
	Vulnerabilities []csafVulnerability `json:"vulnerabilities"`
}

type csafTree struct {
	Branches      []csafBranch   `json:"branches"`
	Products      []csafProduct  `json:"full_product_names"`
	Relationships []csafRelation `json:"relationships"`
	Groups        []struct {
		ID       string   `json:"group_id"`
		Products []string `json:"product_ids"`
	} `json:"product_groups"`
}

type csafRelation struct {
	Product csafProduct `json:"full_product_name"`
	Inner   string      `json:"product_reference"`
	Outer   string      `json:"relates_to_product_reference"`
}

// maxChain is how many products a product is part of: a package, a module, a
// release.
const maxChain = 4

type csafBranch struct {
	Branches []csafBranch `json:"branches"`
	Product  *csafProduct `json:"product"`
}

type csafProduct struct {
	ID     string `json:"product_id"`
	Name   string `json:"name"`
	Helper struct {
		PURL   string   `json:"purl"`
		PURLs  []string `json:"purls"` // CSAF 2.1
		CPE    string   `json:"cpe"`
		Hashes []struct {
			Files []struct {
				Algorithm string `json:"algorithm"`
				Value     string `json:"value"`
			} `json:"file_hashes"`
		} `json:"hashes"`
	} `json:"product_identification_helper"`
}

type csafVulnerability struct {
	CVE string `json:"cve"`
	IDs []struct {
		Text string `json:"text"`
	} `json:"ids"`
	Release string              `json:"release_date"`
	Status  map[string][]string `json:"product_status"`
	Flags   []struct {
		csafScope
		Label string `json:"label"`
		Date  string `json:"date"`
	} `json:"flags"`
	Threats []struct {
		csafScope
		Category string `json:"category"`
		Details  string `json:"details"`
		Date     string `json:"date"`
	} `json:"threats"`
}

// csafScope is which products a remark is about.
type csafScope struct {
	Products []string `json:"product_ids"`
	Groups   []string `json:"group_ids"`
}

// csafStatuses are the statuses of products, in the order in which statements
// are made of them.
// Source: CSAF 2.0, section 3.2.3.9. first_affected, last_affected,
// first_fixed and recommended name versions of which the others speak too.
var csafStatuses = []struct {
	name   string
	status Status
}{
	{"known_affected", Affected},
	{"under_investigation", UnderInvestigation},
	{"known_not_affected", NotAffected},
	{"fixed", Fixed},
	{"first_fixed", Fixed},
}

func readCSAF(doc []byte) ([]Statement, error) {
	var d csaf
	if err := decode(doc, &d); err != nil {
		return nil, err
	}
	if !strings.HasPrefix(d.Document.Category, "csaf_") {
		return nil, fmt.Errorf("document.category is %.40q, which is none of CSAF", d.Document.Category)
	}
	products, err := d.Tree.products()
	if err != nil {
		return nil, err
	}
	groups := map[string][]string{}
	for _, g := range d.Tree.Groups {
		groups[g.ID] = g.Products
	}
	var out []Statement
	for i := range d.Vulnerabilities {
		place := fmt.Sprintf("vulnerabilities[%d]", i)
		list, err := d.Vulnerabilities[i].statements(products, groups, cmp.Or(d.Document.Tracking.Current, d.Document.Tracking.Initial))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", place, err)
		}
		for j := range list {
			list[j].Place, list[j].Author = place+"."+list[j].Place, d.Document.Publisher.Name
		}
		if out = append(out, list...); len(out) > maxStatements {
			return nil, fmt.Errorf("more than %d statements", maxStatements)
		}
	}
	return out, nil
}

// products returns what each product id of the tree stands for.
func (t *csafTree) products() (map[string]Product, error) {
	out := map[string]Product{}
	for _, p := range t.Products {
		out[p.ID] = Product{Identity: p.identity()}
	}
	if err := walk(out, t.Branches, 0); err != nil {
		return nil, err
	}
	// A relationship may stand before those that it is made of.
	rest := t.Relationships
	for range maxChain {
		var later []csafRelation
		for _, r := range rest {
			_, inner := out[r.Inner]
			if _, outer := out[r.Outer]; inner && outer {
				out[r.Product.ID] = r.product(out[r.Inner], out[r.Outer])
			} else {
				later = append(later, r)
			}
		}
		rest = later
	}
	for _, r := range rest {
		out[r.Product.ID] = r.product(out[r.Inner], out[r.Outer]) // of what the tree does not have
	}
	return out, nil
}

// product returns what one product inside of another is.
func (r *csafRelation) product(inner, outer Product) Product {
	components := []Identity{inner.Identity}
	if len(inner.Components) > 0 {
		components = inner.Components
	}
	if own := r.Product.identity(); len(own.PURLs) > 0 {
		components = []Identity{own}
	}
	// Of a package inside a module inside a platform, the platform counts, and
	// the stream of the module.
	for _, o := range outer.Components {
		components = ofModule(components, o)
	}
	return Product{Identity: outer.Identity, Components: components}
}

// ofModule returns components with the module of rpm packages that they are part
// of, if it is one and they do not name theirs.
// Source: Red Hat, CSAF documents, whose modules are
// pkg:rpmmod/redhat/nodejs@18:9040020240301111035:rhel9.
func ofModule(components []Identity, module Identity) []Identity {
	i := slices.IndexFunc(module.PURLs, func(s string) bool { return strings.HasPrefix(s, "pkg:rpmmod/") })
	if i < 0 {
		return components
	}
	rest, _, _ := strings.Cut(module.PURLs[i], "?")
	name, stream, _ := strings.Cut(rest[strings.LastIndexByte(rest, '/')+1:], "@")
	out := slices.Clone(components)
	for j := range out {
		out[j].PURLs = slices.Clone(out[j].PURLs)
		for k, s := range out[j].PURLs {
			if !strings.HasPrefix(s, "pkg:rpm/") || strings.Contains(s, "rpmmod=") {
				continue
			}
			before := "?"
			if strings.Contains(s, "?") {
				before = "&"
			}
			out[j].PURLs[k] = s + before + "rpmmod=" + name + ":" + stream
		}
	}
	return out
}

func walk(into map[string]Product, list []csafBranch, depth int) error {
	if depth > maxBranches {
		return fmt.Errorf("product_tree.branches are nested more than %d deep", maxBranches)
	}
	for i := range list {
		if p := list[i].Product; p != nil {
			into[p.ID] = Product{Identity: p.identity()}
		}
		if err := walk(into, list[i].Branches, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// identity returns how a product is named: by its name only if there is nothing
// else, since a name is no identity of a package.
func (p *csafProduct) identity() Identity {
	var out Identity
	out.add(p.Helper.PURL)
	for _, s := range p.Helper.PURLs {
		out.add(s)
	}
	for _, h := range p.Helper.Hashes {
		for _, f := range h.Files {
			out.Digests = append(out.Digests, digest(f.Algorithm, f.Value))
		}
	}
	out.add(p.Helper.CPE)
	if out.empty() && p.Name != "" {
		out.Names = []string{p.Name}
	}
	return out
}

// set returns the products that a remark is about; nil for all, which a remark
// without products is about.
func (s *csafScope) set(groups map[string][]string) map[string]bool {
	if len(s.Products)+len(s.Groups) == 0 {
		return nil
	}
	out := map[string]bool{}
	for _, id := range s.Products {
		out[id] = true
	}
	for _, g := range s.Groups {
		for _, id := range groups[g] {
			out[id] = true
		}
	}
	return out
}

// A remark is why products have a status: a flag or a threat.
type remark struct {
	text, date string
	of         map[string]bool // nil for all
}

// about returns the first remark on a product.
func about(list []remark, id string) remark {
	for _, r := range list {
		if r.of == nil || r.of[id] {
			return r
		}
	}
	return remark{}
}

// maxScoped bounds how often remarks are compared with products.
const maxScoped = 50_000_000

// statements makes one statement of the products that share a status and its
// reason.
func (v *csafVulnerability) statements(products map[string]Product, groups map[string][]string, dated string) ([]Statement, error) {
	base := Statement{Vulnerability: v.CVE}
	for _, id := range v.IDs {
		base.Aliases = append(base.Aliases, id.Text)
	}
	if base.Vulnerability == "" && len(base.Aliases) > 0 {
		base.Vulnerability, base.Aliases = base.Aliases[0], base.Aliases[1:]
	}
	if base.Vulnerability == "" {
		return nil, errors.New("names no vulnerability")
	}
	var flags, threats []remark
	for i := range v.Flags {
		flags = append(flags, remark{v.Flags[i].Label, v.Flags[i].Date, v.Flags[i].set(groups)})
	}
	for i := range v.Threats {
		if h := &v.Threats[i]; h.Category == "impact" {
			threats = append(threats, remark{h.Details, h.Date, h.set(groups)})
		}
	}
	type key struct{ status, label, text, date string }
	at := map[key]int{}
	work := 0
	var out []Statement
	for _, st := range csafStatuses {
		for _, id := range v.Status[st.name] {
			if work += 1 + len(v.Flags) + len(v.Threats); work > maxScoped {
				return nil, errors.New("too many flags and threats for its products")
			}
			p, ok := products[id]
			if !ok {
				return nil, fmt.Errorf("product_status.%s: product_tree has no product %.100q", st.name, id)
			}
			flag, threat := about(flags, id), about(threats, id)
			k := key{st.name, flag.text, threat.text, cmp.Or(threat.date, flag.date, dated)}
			i, seen := at[k]
			if !seen {
				s := base
				s.Status, s.Text, s.Place = st.status, k.text, "product_status."+st.name
				if st.status == NotAffected {
					s.Justification = k.label
				}
				var err error
				if s.Time, err = timeOf(k.date, v.Release); err != nil {
					return nil, err
				}
				i = len(out)
				at[k] = i
				out = append(out, s)
			}
			out[i].Products = append(out[i].Products, p)
		}
	}
	return out, nil
}
