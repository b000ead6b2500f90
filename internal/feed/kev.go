package feed

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/assay-project/assay/advisory"
)

// kevEntry is one vulnerability of CISA's catalogue.
// Source: CISA, known_exploited_vulnerabilities_schema.json.
type kevEntry struct {
	CVE         string `json:"cveID"`
	Name        string `json:"vulnerabilityName"`
	Description string `json:"shortDescription"`
	Added       string `json:"dateAdded"`
	Due         string `json:"dueDate"`
	Ransomware  string `json:"knownRansomwareCampaignUse"` // Known or Unknown
	CWEs        []text `json:"cwes"`
}

func isKEV(keys map[string]string) bool {
	if _, ok := keys["catalogVersion"]; !ok {
		_, added := keys["dateAdded"] // of an entry alone
		return added && isCVE(keys["cveID"])
	}
	_, entries := keys["vulnerabilities"]
	_, date := keys["dateReleased"]
	return entries || date
}

func readKEV(ctx context.Context, s Source, yield func(Record, error) bool) {
	entry := func(data []byte, i int) bool { return send(yield, parseKEV(data, i)) }
	err := readOne(s, func(r *bufio.Reader) error {
		if head, _ := r.Peek(headSize); bytes.Contains(head, []byte(`"cveID"`)) && !bytes.Contains(head, []byte(`"vulnerabilities"`)) {
			var raw json.RawMessage
			if err := json.NewDecoder(io.LimitReader(r, int64(s.in.max.record))).Decode(&raw); err != nil {
				return err
			}
			entry(raw, 0)
			return nil
		}
		return eachListed(ctx, r, s.in.max.record, entry)
	})
	if err != nil && !errors.Is(err, errStopped) {
		yield(Record{}, fmt.Errorf("reading %s: %w", s.Path, err))
	}
}

// eachListed goes through the keys of an object to its vulnerabilities, which are
// read one at a time, and given to use with their number.
func eachListed(ctx context.Context, r io.Reader, limit int, use func(data []byte, i int) bool) error {
	limited := &elementReader{r: r, max: limit}
	dec := json.NewDecoder(limited)
	if open, err := dec.Token(); err != nil || open != json.Delim('{') {
		return errors.Join(errors.New("not a JSON object"), err)
	}
	for dec.More() {
		limited.n = 0
		key, err := dec.Token()
		if err != nil {
			return err
		}
		if key != "vulnerabilities" {
			var skipped json.RawMessage
			if err := dec.Decode(&skipped); err != nil {
				return err
			}
			continue
		}
		if open, err := dec.Token(); err != nil || open != json.Delim('[') {
			return errors.Join(errors.New("vulnerabilities is no array"), err)
		}
		for i := 0; dec.More(); i++ {
			limited.n = 0
			if err := ctx.Err(); err != nil {
				return err
			}
			var raw json.RawMessage
			if err := dec.Decode(&raw); err != nil {
				return err
			}
			if !use(raw, i) {
				return errStopped
			}
		}
		if _, err := dec.Token(); err != nil {
			return err
		}
	}
	_, err := dec.Token()
	return err
}

func parseKEV(data []byte, i int) []outcome {
	var e kevEntry
	if err := json.Unmarshal(data, &e); err != nil {
		return refused(fmt.Sprintf("entry %d", i), rejectJSON, err.Error())
	}
	if !isCVE(e.CVE) {
		return refused(fmt.Sprintf("entry %d", i), rejectCVE, e.CVE)
	}
	rej := rejects{id: e.CVE}
	var weaknesses []string
	for _, id := range e.CWEs {
		weaknesses = append(weaknesses, string(id))
	}
	en := &advisory.Enrichment{
		CVE:         e.CVE,
		Title:       clip(oneLine(e.Name), maxSummary),
		Description: clip(e.Description, maxDescription),
		CWEs:        cweIDs(weaknesses),
		KEV: &advisory.KEV{
			Added:      rej.date(e.Added),
			Due:        rej.date(e.Due),
			Ransomware: e.Ransomware == "Known",
		},
	}
	return rej.outcomes(outcome{record: Record{Enrichment: en}})
}
