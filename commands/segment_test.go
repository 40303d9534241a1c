package commands_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/es/estest"
)

func TestSegments(t *testing.T) {
	t.Parallel()
	ref, second := events.SegmentRef{SegmentID: uuid.MustParse("01990000-0000-7000-8000-0000000000e1")}, events.SegmentRef{SegmentID: uuid.MustParse("01990000-0000-7000-8000-0000000000e2")}
	warm := events.SegmentFilter{Country: "Germany", Custom: map[string]string{"size": "large"}}
	saved := events.SegmentSaved{SegmentRef: ref, Version: 1, Name: "Warm", Filter: warm}
	changed := events.SegmentSaved{SegmentRef: ref, Version: 2, Name: "Warm", Filter: events.SegmentFilter{Suppressed: ptr(false)}}
	removed := events.SegmentRemoved{SegmentRef: ref}
	create := commands.CreateSegment{SegmentRef: ref, Name: saved.Name, Filter: warm}
	change := commands.ChangeSegment{SegmentRef: ref, Name: changed.Name, Filter: changed.Filter, IfVersion: ptr(1)}
	many := map[string]string{}
	for i := range 21 {
		many[strings.Repeat("x", i+1)] = "y"
	}
	kit().Run(t, map[string]estest.Case{
		"a filter is saved":           {Given: given(), When: create, Then: facts{saved}, Again: estest.NothingToDo()},
		"an id isn't used again":      {Given: given(saved), When: commands.CreateSegment{SegmentRef: ref, Name: "Other", Filter: warm}, Refused: "already_exists"},
		"nor is a name":               {Given: given(saved), When: commands.CreateSegment{SegmentRef: second, Name: "WARM", Filter: warm}, Refused: "already_exists"},
		"it has an id":                {Given: given(), When: commands.CreateSegment{Name: "A", Filter: warm}, Refused: "invalid"},
		"it has a name":               {Given: given(), When: commands.CreateSegment{SegmentRef: ref, Name: " ", Filter: warm}, Refused: "invalid"},
		"it narrows something":        {Given: given(), When: commands.CreateSegment{SegmentRef: ref, Name: "A", Filter: events.SegmentFilter{Custom: map[string]string{}}}, Refused: "invalid"},
		"by a few fields":             {Given: given(), When: commands.CreateSegment{SegmentRef: ref, Name: "A", Filter: events.SegmentFilter{Custom: many}}, Refused: "invalid"},
		"that have values":            {Given: given(), When: commands.CreateSegment{SegmentRef: ref, Name: "A", Filter: events.SegmentFilter{Custom: map[string]string{"a": ""}}}, Refused: "invalid"},
		"of some length":              {Given: given(), When: commands.CreateSegment{SegmentRef: ref, Name: "A", Filter: events.SegmentFilter{Tag: strings.Repeat("x", 101)}}, Refused: "invalid"},
		"it is changed":               {Given: given(saved), When: change, Then: facts{changed}, Again: estest.NothingToDo()},
		"not what was changed before": {Given: given(saved, changed), When: commands.ChangeSegment{SegmentRef: ref, Name: "x", Filter: warm, IfVersion: ptr(1)}, Refused: "version_conflict"},
		"what isn't there isn't":      {Given: given(), When: change, Refused: "not_found"},
		"it is removed":               {Given: given(saved), When: commands.RemoveSegment{SegmentRef: ref}, Then: facts{removed}, Again: estest.RefusedAs("not_found")},
		"and its name is free":        {Given: given(saved, removed), When: commands.CreateSegment{SegmentRef: second, Name: "Warm", Filter: warm}, Then: facts{events.SegmentSaved{SegmentRef: second, Version: 1, Name: "Warm", Filter: warm}}, Again: estest.NothingToDo()},
	})
}

func TestReplyUndo(t *testing.T) {
	t.Parallel()
	set := events.OrganizationReplyUndoSet{OrganizationRef: events.OrganizationRef{OrganizationID: org}, Seconds: 30}
	kit().Run(t, map[string]estest.Case{
		"it is set":               {Given: given(), When: commands.SetReplyUndo{Seconds: 30}, Then: facts{set}, Again: estest.NothingToDo()},
		"ten seconds is usual":    {Given: given(), When: commands.SetReplyUndo{Seconds: 10}, Noop: true},
		"it can be none":          {Given: given(set), When: commands.SetReplyUndo{}, Then: facts{events.OrganizationReplyUndoSet{OrganizationRef: set.OrganizationRef}}, Again: estest.NothingToDo()},
		"no longer than a minute": {Given: given(), When: commands.SetReplyUndo{Seconds: 61}, Refused: "invalid"},
	})
}
