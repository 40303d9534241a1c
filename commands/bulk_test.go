package commands_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/commands"
	"outrider/events"
	"outrider/internal/es/estest"
)

func TestBulkRequest(t *testing.T) {
	t.Parallel()
	job := uuid.UUID{9, 1}
	ask := func(change func(*commands.RequestBulk)) commands.RequestBulk {
		c := commands.RequestBulk{BulkID: job, Action: events.BulkTag, Tags: []string{"spring"}, LeadIDs: []uuid.UUID{leadID(ann)}}
		change(&c)
		return c
	}
	same := func(*commands.RequestBulk) {}
	asked := func(c commands.RequestBulk) events.BulkRequested {
		return events.BulkRequested{BulkRef: events.BulkRef{BulkID: c.BulkID}, Action: c.Action, Tags: c.Tags, CampaignID: c.CampaignID, LeadIDs: c.LeadIDs}
	}
	all := func(c *commands.RequestBulk) {
		c.LeadIDs = nil
		for i := range commands.MaxBulkLeads {
			c.LeadIDs = append(c.LeadIDs, leadID(address(i)))
		}
	}
	enroll := ask(func(c *commands.RequestBulk) { c.Action, c.Tags, c.CampaignID = events.BulkEnroll, nil, campaign })
	var many facts
	for i := range commands.MaxBulks {
		many = append(many, asked(ask(func(c *commands.RequestBulk) { c.BulkID = uuid.UUID{8, byte(i + 1)} })))
	}
	ended := append(many[:len(many):len(many)], events.BulkCompleted{BulkRef: events.BulkRef{BulkID: uuid.UUID{8, 1}}, Asked: 1, Done: 1})
	over := events.CampaignCompleted{CampaignRef: events.CampaignRef{CampaignID: campaign}}
	kit().Run(t, map[string]estest.Case{
		"an operation is asked for":         {Given: given(), When: ask(same), Then: facts{asked(ask(same))}, Again: estest.NothingToDo()},
		"it has an id":                      {Given: given(), When: ask(func(c *commands.RequestBulk) { c.BulkID = uuid.Nil }), Refused: "invalid"},
		"it does what is known":             {Given: given(), When: ask(func(c *commands.RequestBulk) { c.Action = "praise" }), Refused: "invalid"},
		"tags are named":                    {Given: given(), When: ask(func(c *commands.RequestBulk) { c.Tags = nil }), Refused: "invalid"},
		"tags have a length":                {Given: given(), When: ask(func(c *commands.RequestBulk) { c.Tags = []string{""} }), Refused: "invalid"},
		"no tags beside a removal":          {Given: given(), When: ask(func(c *commands.RequestBulk) { c.Action = events.BulkRemove }), Refused: "invalid"},
		"no campaign beside tags":           {Given: given(), When: ask(func(c *commands.RequestBulk) { c.CampaignID = campaign }), Refused: "invalid"},
		"a campaign to enroll on":           {Given: given(), When: ask(func(c *commands.RequestBulk) { c.Action, c.Tags = events.BulkEnroll, nil }), Refused: "invalid"},
		"somebody":                          {Given: given(), When: ask(func(c *commands.RequestBulk) { c.LeadIDs = nil }), Refused: "invalid"},
		"not too many":                      {Given: given(), When: ask(func(c *commands.RequestBulk) { c.LeadIDs = make([]uuid.UUID, commands.MaxBulkLeads+1) }), Refused: "invalid"},
		"a filter goes on at a place":       {Given: given(), When: ask(func(c *commands.RequestBulk) { c.Next = strings.Repeat("7", 101) }), Refused: "invalid"},
		"as many as there may be":           {Given: given(), When: ask(all), Then: facts{asked(ask(all))}, Again: estest.NothingToDo()},
		"nobody twice":                      {Given: given(), When: ask(func(c *commands.RequestBulk) { c.LeadIDs = append(c.LeadIDs, c.LeadIDs...) }), Refused: "invalid"},
		"enrolling is asked for":            {Given: given(campaignCreated()), When: enroll, Then: facts{asked(enroll)}, Again: estest.NothingToDo()},
		"not on an unknown campaign":        {Given: given(), When: enroll, Refused: "not_found"},
		"not on a campaign at its end":      {Given: given(campaignCreated(), over), When: enroll, Refused: "wrong_status"},
		"not too many operations at once":   {Given: given(many...), When: ask(same), Refused: "invalid"},
		"one that is completed isn't among": {Given: given(ended...), When: ask(same), Then: facts{asked(ask(same))}, Again: estest.NothingToDo()},
		"not while suspended":               {Given: given(status(events.StatusSuspended)), When: ask(same), Refused: "organization_suspended"},
	})
}

func TestBulkChunk(t *testing.T) {
	t.Parallel()
	ref := events.BulkRef{BulkID: uuid.UUID{9, 1}}
	ids := func(ns ...int) (out []uuid.UUID) {
		for _, n := range ns {
			out = append(out, leadID(address(n)))
		}
		return out
	}
	before := given(campaignCreated())
	for n := range 6 {
		before = append(before, leadCreated(address(n)))
	}
	with := func(e events.BulkRequested, more ...events.Event) facts {
		e.BulkRef = ref
		return append(append(before[:len(before):len(before)], e), more...)
	}
	tag := func(leads ...int) events.BulkRequested {
		return events.BulkRequested{Action: events.BulkTag, Tags: []string{"spring"}, LeadIDs: ids(leads...)}
	}
	enroll := func(leads ...int) events.BulkRequested {
		return events.BulkRequested{Action: events.BulkEnroll, CampaignID: campaign, LeadIDs: ids(leads...)}
	}
	chunk := func(leads ...int) commands.RecordBulkChunk {
		return commands.RecordBulkChunk{BulkID: ref.BulkID, Chunk: 1, LeadIDs: ids(leads...)}
	}
	end := func(done, unchanged int, refused ...events.RefusedLead) facts {
		return facts{events.BulkChunkRecorded{BulkRef: ref, Chunk: 1, Done: done, Unchanged: unchanged, Refused: refused},
			events.BulkCompleted{BulkRef: ref, Asked: done + unchanged + len(refused), Done: done, Unchanged: unchanged, Refused: len(refused)}}
	}
	no := func(n int, code string) events.RefusedLead {
		return events.RefusedLead{LeadID: leadID(address(n)), Code: code}
	}
	tagged := func(n int) events.LeadRetagged {
		return events.LeadRetagged{LeadRef: events.LeadRef{LeadID: leadID(address(n))}, Added: []string{"spring"}}
	}
	removed := func(n int) events.LeadRemoved {
		return events.LeadRemoved{LeadRef: events.LeadRef{LeadID: leadID(address(n))}, Reason: "deleted"}
	}
	s := func(n int) events.EnrollmentStarted { return started(address(n), true) }
	quota := events.QuotaRefused{OrganizationRef: events.OrganizationRef{OrganizationID: org}, QuotaDetail: events.QuotaDetail{Limit: "leads_per_month", Used: 3, Max: 3, Requested: 4, Plan: "starter"}, At: estest.At}
	suppressed := func(n int) events.SuppressionAdded {
		return events.SuppressionAdded{SuppressionRef: events.SuppressionRef{SuppressionID: aggregates.SuppressionID(org, "address", h(address(n)))}, Kind: "address", Hash: h(address(n)), Reason: "manual", LeadID: leadID(address(n)), Value: sealed}
	}
	item := func(n int) commands.SuppressionItem {
		return commands.SuppressionItem{Kind: "address", Hash: h(address(n)), Reason: "manual", Value: sealed}
	}
	ended := events.EnrollmentStopped{EnrollmentRef: s(0).EnrollmentRef, Reason: "suppressed"}
	gone := ended
	gone.Reason = "lead_removed"
	large := events.BulkRequested{Action: events.BulkRemove, LeadIDs: make([]uuid.UUID, 501)}
	second := commands.RecordBulkChunk{BulkID: ref.BulkID, Chunk: 2, LeadIDs: ids(0)}
	untag, remove, suppress := tag(0), tag(0, 1, 7), tag(0, 1, 2, 7)
	untag.Action = events.BulkUntag
	remove.Action, remove.Tags = events.BulkRemove, nil
	suppress.Action, suppress.Tags = events.BulkSuppress, nil
	addresses := chunk(0, 1, 2, 7)
	addresses.Addresses = []commands.SuppressionItem{item(0), item(1), item(9), item(7)}
	told := chunk(0)
	told.Unchanged, told.Rejected = 1, []events.RefusedLead{no(2, "too_many_tags")}
	kit().Run(t, map[string]estest.Case{
		"leads are tagged":                       {Given: with(tag(0, 1, 7)), When: chunk(0, 1, 7), Then: append(facts{tagged(0), tagged(1)}, end(2, 0, no(7, "not_found"))...), Again: estest.NothingToDo()},
		"what the edge saw is counted":           {Given: with(tag(0, 1, 2)), When: told, Then: append(facts{tagged(0)}, end(1, 1, no(2, "too_many_tags"))...), Again: estest.NothingToDo()},
		"tags are taken away":                    {Given: with(untag), When: chunk(0), Then: append(facts{events.LeadRetagged{LeadRef: events.LeadRef{LeadID: leadID(address(0))}, Removed: []string{"spring"}}}, end(1, 0)...), Again: estest.NothingToDo()},
		"leads are enrolled":                     {Given: with(enroll(0, 1, 7), s(1)), When: chunk(0, 1, 7), Then: append(facts{s(0)}, end(1, 1, no(7, "not_found"))...), Again: estest.NothingToDo()},
		"as far as the quota reaches":            {Given: with(enroll(0, 1, 2, 3)), When: chunk(0, 1, 2, 3), Then: append(facts{s(0), s(1), s(2), quota}, end(3, 0, no(3, "quota_exceeded"))...), Again: estest.NothingToDo()},
		"nobody suppressed":                      {Given: with(enroll(0, 1), suppressed(0)), When: chunk(0, 1), Then: append(facts{s(1)}, end(1, 0, no(0, "suppressed"))...), Again: estest.NothingToDo()},
		"nobody once the campaign is at its end": {Given: with(enroll(0), events.CampaignCompleted{CampaignRef: events.CampaignRef{CampaignID: campaign}}), When: chunk(0), Then: end(0, 0, no(0, "wrong_status")), Again: estest.NothingToDo()},
		"leads are removed":                      {Given: with(remove, s(0)), When: chunk(0, 1, 7), Then: append(facts{gone, removed(0), removed(1)}, end(2, 0, no(7, "not_found"))...), Again: estest.NothingToDo()},
		"addresses are suppressed":               {Given: with(suppress, suppressed(1), s(0)), When: addresses, Then: append(facts{suppressed(0), ended}, end(1, 1, no(2, "version_conflict"), no(7, "not_found"))...), Again: estest.NothingToDo()},
		"a suspension refuses each lead":         {Given: with(tag(0, 1), status(events.StatusSuspended)), When: chunk(0, 1), Then: end(0, 0, no(0, "organization_suspended"), no(1, "organization_suspended")), Again: estest.NothingToDo()},
		"a suspension suppresses all the same":   {Given: with(func() events.BulkRequested { e := tag(0); e.Action = events.BulkSuppress; return e }(), status(events.StatusSuspended)), When: commands.RecordBulkChunk{BulkID: ref.BulkID, Chunk: 1, LeadIDs: ids(0), Addresses: []commands.SuppressionItem{item(0)}}, Then: append(facts{suppressed(0)}, end(1, 0)...), Again: estest.NothingToDo()},
		"a chunk ends nothing but itself":        {Given: with(large), When: second, Then: facts{removed(0), events.BulkChunkRecorded{BulkRef: ref, Chunk: 2, Done: 1}}, Again: estest.NothingToDo()},
		"a recorded chunk does nothing":          {Given: with(tag(0), end(1, 0)[0]), When: chunk(0), Noop: true},
		"a completed operation does nothing":     {Given: with(tag(0), end(1, 0)...), When: chunk(0), Noop: true},
		"an unknown operation does nothing":      {Given: given(), When: chunk(0), Noop: true},
		"a chunk has all of its leads":           {Given: with(tag(0, 1)), When: chunk(0), Refused: "invalid"},
		"a chunk is of the operation":            {Given: with(large), When: func() commands.RecordBulkChunk { c := second; c.Chunk = 3; return c }(), Refused: "invalid"},
		"a chunk has a number":                   {Given: with(tag(0)), When: func() commands.RecordBulkChunk { c := chunk(0); c.Chunk = 0; return c }(), Refused: "invalid"},
		"nothing is counted below zero":          {Given: with(tag(0)), When: func() commands.RecordBulkChunk { c := chunk(0, 1); c.Unchanged = -1; return c }(), Refused: "invalid"},
		"an address for each lead":               {Given: with(suppress), When: chunk(0, 1, 2, 7), Refused: "invalid"},
		"an address is a hash":                   {Given: with(func() events.BulkRequested { e := tag(0); e.Action = events.BulkSuppress; return e }()), When: commands.RecordBulkChunk{BulkID: ref.BulkID, Chunk: 1, LeadIDs: ids(0), Addresses: []commands.SuppressionItem{func() commands.SuppressionItem { i := item(0); i.Kind = "fax"; return i }()}}, Refused: "invalid"},
	})
}
