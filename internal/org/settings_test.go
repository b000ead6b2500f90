package org

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var (
	monday  = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	tuesday = monday.AddDate(0, 0, 1)
)

func TestSwitch(t *testing.T) {
	t.Parallel()
	fresh := DefaultSettings(monday)
	for _, tt := range []struct {
		name     string
		settings Settings
		want     []bool // in the order of Services
	}{
		{"zero", Settings{}, []bool{false, false, false, false, false}},
		{"new", fresh, []bool{true, true, true, false, true}},
		{"code", fresh.Switch(true, tuesday, LambdaCode), []bool{true, true, true, true, true}},
		{"no functions", fresh.Switch(true, tuesday, LambdaCode).Switch(false, tuesday, Lambda), []bool{true, true, false, false, true}},
		{"code alone", Settings{}.Switch(true, monday, LambdaCode), []bool{false, false, false, false, false}},
	} {
		var got []bool
		for _, service := range Services() {
			got = append(got, tt.settings.On(service))
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s: %s", tt.name, diff)
		}
	}
	if !fresh.Any() || (Settings{}).Any() {
		t.Error("Any is wrong")
	}
	later := fresh.Switch(true, tuesday, EC2)
	if diff := cmp.Diff(fresh, later); diff != "" {
		t.Errorf("what was on has changed: %s", diff)
	}
	again := fresh.Switch(false, tuesday, EC2).Switch(true, tuesday, EC2)
	want := Activation{On: true, Since: tuesday, Trial: monday}
	if got := again.Services[EC2]; got != want || fresh.Services[EC2].Since != monday {
		t.Errorf("%+v, want %+v", got, want)
	}
}

func TestUnder(t *testing.T) {
	t.Parallel()
	admin := Settings{
		ECR:            &ImageSettings{Rescan: "LIFETIME", Pull: "DAYS_3", PullMode: "LAST_PULL_DATE"},
		DeepInspection: DeepInspection{Paths: []string{"/mine"}, OrgPaths: []string{"/ours"}},
	}
	member := Settings{EC2: &HostSettings{Mode: "EC2_SSM_AGENT_BASED"}, DeepInspection: DeepInspection{Paths: []string{"/own"}}}
	for _, tt := range []struct {
		name           string
		settings, want Settings
	}{
		{"member", member.Under(admin), Settings{
			ECR: admin.ECR, EC2: member.EC2, DeepInspection: DeepInspection{Paths: []string{"/own"}, OrgPaths: []string{"/ours"}},
		}},
		{"alone", Settings{}.Under(Settings{}), Settings{
			ECR: &ImageSettings{Rescan: "DAYS_14", Pull: "DAYS_14", PullMode: "LAST_IN_USE_AT"}, EC2: &HostSettings{Mode: "EC2_HYBRID"},
		}},
	} {
		if diff := cmp.Diff(tt.want, tt.settings); diff != "" {
			t.Errorf("%s: %s", tt.name, diff)
		}
	}
}

// Settings live on as JSON; what is not set takes no room.
func TestSettingsJSON(t *testing.T) {
	t.Parallel()
	doc, err := json.Marshal(Settings{}.Switch(true, monday, EC2).Switch(false, tuesday, EC2))
	if err != nil {
		t.Fatal(err)
	}
	want := `{"services":{"EC2":{"since":"2026-03-03T09:00:00Z","trial":"2026-03-02T09:00:00Z"}}}`
	if string(doc) != want {
		t.Errorf("%s", doc)
	}
	var back Settings
	if err := json.Unmarshal(doc, &back); err != nil || back.Services[EC2].Trial != monday {
		t.Errorf("%+v, %v", back, err)
	}
}
