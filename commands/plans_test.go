package commands_test

import (
	"strings"
	"testing"

	"outrider/commands"
)

func TestPlansFromAFile(t *testing.T) {
	t.Parallel()
	plans, err := commands.PlansFrom([]byte(`{"starter": {"seats": 3}, "solo": {"mailboxes": 2}}`))
	if err != nil {
		t.Fatal(err)
	}
	starter := commands.Plans()["starter"]
	starter.Seats = 3
	if plans["starter"] != starter {
		t.Errorf("a plan that is named has %+v, want the defaults where the file says nothing: %+v", plans["starter"], starter)
	}
	solo := commands.Plans()["enterprise"]
	solo.Mailboxes = 2
	if plans["solo"] != solo {
		t.Errorf("a new plan has %+v, want no limit where the file says nothing: %+v", plans["solo"], solo)
	}
	if plans["growth"] != commands.Plans()["growth"] || len(plans) != len(commands.Plans())+1 {
		t.Errorf("plans that the file doesn't name are %+v", plans)
	}
	for file, want := range map[string]string{
		`[]`:                                  "read plans",
		`{"starter": 7}`:                      "read plan starter",
		`{"starter": {"seats": -2}}`:          "seats must be -1",
		`{"solo": {"leads_per_month": -2}}`:   "leads_per_month must be -1",
		`{"solo": {"ai_budget_micros": -10}}`: "ai_budget_micros must be -1",
	} {
		if _, err := commands.PlansFrom([]byte(file)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s is read: %v", file, err)
		}
	}
}
