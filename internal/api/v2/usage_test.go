package v2

import (
	"fmt"
	"testing"
	"time"

	"github.com/assay-project/assay/internal/api/inspector2"
	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/store"
)

func TestListUsageTotals(t *testing.T) {
	t.Parallel()
	o := organized(t)
	err := o.Store.Update(t.Context(), func(tx *store.Tx) error {
		for _, u := range []struct {
			account org.Account
			kind    string
			amount  float64
		}{{admin, store.ImageInitialScan, 2}, {clerk, store.InstanceHours, 1.5}, {clerk, store.AzureImageRescan, 3}, {alone, store.ImageRescan, 9}} {
			if err := tx.AddUsage(t.Context(), u.account, u.kind, o.now, u.amount); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	of := func(kind string, total float64, cloud string) string {
		return fmt.Sprintf(`{"type":"%s","total":%v,"estimatedMonthlyCost":0,"currency":"USD","cloudProvider":"%s"}`, kind, total, cloud)
	}
	ofAdmin := `{"accountId":"222222222222","usage":[` + of("ECR_INITIAL_SCAN", 2, "AWS") + `]}`
	ofClerk := `{"accountId":"333333333333","usage":[` + of("AZURE_CONTAINER_IMAGE_RESCAN", 3, "AZURE") + `,` + of("EC2_INSTANCE_HOURS", 1.5, "AWS") + `]}`
	list := o.h.ListUsageTotals
	answers(t, o, admin, list, &inspector2.ListUsageTotalsRequest{}, `{"totals":[`+ofAdmin+`,`+ofClerk+`]}`)
	answers(t, o, clerk, list, &inspector2.ListUsageTotalsRequest{}, `{"totals":[`+ofClerk+`]}`)
	answers(t, o, admin, list, &inspector2.ListUsageTotalsRequest{AccountIDs: []string{clerk.String()}}, `{"totals":[`+ofClerk+`]}`)
	answers(t, o, boss, list, &inspector2.ListUsageTotalsRequest{}, `{}`)
	one := int32(1)
	page := ask(t, o, admin, list, &inspector2.ListUsageTotalsRequest{MaxResults: &one})
	answers(t, o, admin, list, &inspector2.ListUsageTotalsRequest{MaxResults: &one, NextToken: page.NextToken}, `{"totals":[`+ofClerk+`]}`)
	if _, err := list(o.as(t, clerk), &inspector2.ListUsageTotalsRequest{AccountIDs: []string{admin.String()}}); fault.KindOf(err) != fault.Denied {
		t.Errorf("the usage of another account: %v", err)
	}
	if _, err := list(o.as(t, clerk), &inspector2.ListUsageTotalsRequest{NextToken: page.NextToken}); fault.KindOf(err) != fault.Invalid {
		t.Errorf("the token of another account: %v", err)
	}
}

func TestFreeTrials(t *testing.T) {
	t.Parallel()
	o := organized(t)
	started := o.now
	trial := func(service, status string) string {
		return fmt.Sprintf(`{"type":"%s","start":%d,"end":%d,"status":"%s","cloudProvider":"AWS"}`,
			service, started.Unix(), started.Add(15*24*time.Hour).Unix(), status)
	}
	all := func(status string) string {
		return trial("EC2", status) + "," + trial("ECR", status) + "," + trial("LAMBDA", status) + "," + trial("CODE_REPOSITORY", status)
	}
	refused := `{"accountId":"444444444444","code":"ACCESS_DENIED","message":"Account 222222222222 has no access to account 444444444444."}`
	in := &inspector2.BatchGetFreeTrialInfoRequest{AccountIDs: []string{clerk.String(), alone.String()}}
	answers(t, o, admin, o.h.BatchGetFreeTrialInfo, in,
		`{"accounts":[{"accountId":"333333333333","freeTrialInfo":[`+all("ACTIVE")+`]}],"failedAccounts":[`+refused+`]}`)
	o.now = started.Add(15 * 24 * time.Hour)
	answers(t, o, clerk, o.h.BatchGetFreeTrialInfo, &inspector2.BatchGetFreeTrialInfoRequest{AccountIDs: []string{clerk.String()}},
		`{"accounts":[{"accountId":"333333333333","freeTrialInfo":[`+all("INACTIVE")+`]}],"failedAccounts":[]}`)
}
