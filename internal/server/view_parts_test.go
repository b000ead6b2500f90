package server

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/assay-project/assay/internal/api"
	"github.com/assay-project/assay/internal/api/inspector2"
	"github.com/assay-project/assay/internal/export"
	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/store"
)

// TestViewParts asks who sees which parts of the views: what somebody may not see
// is not there, and no error.
func TestViewParts(t *testing.T) {
	t.Parallel()
	onBothYards(t, func(t *testing.T, y *yard) {
		t.Helper()
		viewed(y)
		member := org.Account(777788889999)
		err := y.store.Update(t.Context(), func(tx *store.Tx) error {
			o, err := tx.Organization(t.Context())
			if err != nil {
				return err
			}
			if err := tx.CreateAccount(t.Context(), store.Account{ID: member, Name: "member", Created: y.at}); err != nil {
				return err
			}
			o.Admin = y.account
			return tx.SetOrganization(t.Context(), o)
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, tt := range []struct {
			view    string
			role    org.Role
			account org.Account
			want    string
		}{
			{"accounts", org.Admin, y.account, "accounts administrators members organization states"},
			{"accounts", org.Reader, y.account, "administrators members organization states"},
			{"accounts", org.Admin, member, "accounts administrators members states"},
			{"accounts", org.Scanner, y.account, ""},
			{"usage", org.Admin, y.account, "accounts trials usage"},
			{"usage", org.Reader, member, "trials usage"},
			{"start", org.Reader, y.account, "machine start"},
			{"start", org.Reader, member, "start"},
			{"scanning", org.Reader, member, "configuration inspection"},
			{"filters", org.Reader, member, "filters"},
			{"filters", org.Scanner, member, ""},
		} {
			var out map[string]json.RawMessage
			if err := y.askAs(tt.role, tt.account, "GET views/"+tt.view, "", &out); err != nil {
				t.Fatalf("%s of %s: %v", tt.view, tt.role, err)
			}
			if got := strings.Join(slices.Sorted(maps.Keys(out)), " "); got != tt.want {
				t.Errorf("%s of a %s of %s: %s, want %s", tt.view, tt.role, tt.account, got, tt.want)
			}
		}
		var accounts struct {
			Accounts struct{ Accounts []Account }
			States   struct {
				Accounts []struct {
					AccountID     string
					ResourceState map[string]struct{ Status string }
				}
			}
		}
		if err := y.askAs(org.Admin, y.account, "GET views/accounts", "", &accounts); err != nil {
			t.Fatal(err)
		}
		if states := accounts.States.Accounts; len(accounts.Accounts.Accounts) != 2 || len(states) != 1 || states[0].AccountID != y.account.String() ||
			states[0].ResourceState["ecr"].Status != "ENABLED" {
			t.Errorf("%+v", accounts)
		}
	})
}

// TestViewPages asks for more than one page of an operation has.
func TestViewPages(t *testing.T) {
	t.Parallel()
	onBothYards(t, func(t *testing.T, y *yard) {
		t.Helper()
		ctx := api.WithCaller(t.Context(), api.Caller{Account: y.account, Scope: org.Only(y.account), Role: org.Admin})
		for i := range 120 {
			name := "view " + string(rune('a'+i%26)) + strings.Repeat("x", i/26)
			if _, err := y.views.lists().all.CreateFilter(ctx, &inspector2.CreateFilterRequest{Name: name, Action: inspector2.FilterActionNone}); err != nil {
				t.Fatal(err)
			}
		}
		var out struct {
			Filters struct{ Filters []json.RawMessage }
		}
		if err := y.ask(y.account, "GET views/filters", "", &out); err != nil || len(out.Filters.Filters) != 120 {
			t.Errorf("%d filters, %v", len(out.Filters.Filters), err)
		}
	})
}

// TestExportView reads a report with what was asked for.
func TestExportView(t *testing.T) {
	t.Parallel()
	onBothYards(t, func(t *testing.T, y *yard) {
		t.Helper()
		ctx := api.WithCaller(t.Context(), api.Caller{Account: y.account, Scope: org.Only(y.account), Role: org.Admin})
		all := y.views.lists().all
		bucket := inspector2.Destination{BucketName: export.Own}
		report, err := all.CreateFindingsReport(ctx, &inspector2.CreateFindingsReportRequest{ReportFormat: inspector2.ReportFormatCsv, S3Destination: bucket})
		if err != nil {
			t.Fatal(err)
		}
		sboms, err := all.CreateSbomExport(ctx, &inspector2.CreateSbomExportRequest{ReportFormat: inspector2.SbomReportFormatSpdx23, S3Destination: bucket})
		if err != nil {
			t.Fatal(err)
		}
		for _, id := range []string{report.ReportID, sboms.ReportID} {
			var out struct {
				Report ReportLinks
				Order  struct{ ReportID string }
			}
			if err := y.ask(y.account, "GET views/exports/"+id, "", &out); err != nil || out.Report.ID != id || out.Order.ReportID != id {
				t.Errorf("%s: %+v, %v", id, out, err)
			}
			if err := y.ask(stranger, "GET views/exports/"+id, "", &out); fault.KindOf(err) != fault.NotFound {
				t.Errorf("%s of another account: %v", id, err)
			}
		}
	})
}
