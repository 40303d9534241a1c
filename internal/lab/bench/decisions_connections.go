package bench

import (
	"outrider/commands"
	"outrider/events"
)

// connectionSituations has a good many connections.
func (w *decisionWorld) connectionSituations() []situation {
	ref := func(n int) events.ConnectionRef { return events.ConnectionRef{ConnectionID: w.id("connection", n)} }
	settings := events.CRMSettings{Fields: []events.CRMField{{Field: "first_name", Remote: "firstname", Direction: events.CRMBoth, Wins: events.CRMNewest}}, Activities: []string{events.ActivitySent}, OnErase: events.CRMKeep}
	return []situation{
		{"of many", 20, func(n int) commands.Command {
			return commands.MakeConnection{ConnectionRef: ref(n), Provider: "hubspot", Account: decisionSealed, AccountHash: w.hashes("account", n, 1)[0]}
		}},
		{"of many", 3, func(n int) commands.Command {
			return commands.MapConnection{ConnectionRef: ref(n), CRMSettings: settings}
		}},
		{"of many", 3, func(n int) commands.Command {
			return commands.RequestConnectionImport{ConnectionRef: ref(n), ImportID: w.id("crm import", n), OnDuplicate: events.DuplicateSkip}
		}},
		{"of many", 3, func(n int) commands.Command {
			return commands.ResyncConnection{ConnectionRef: ref(n), ResyncID: w.id("resync", n)}
		}},
		{"of many", 3, func(n int) commands.Command {
			return commands.ResolveConnectionConflict{ConnectionRef: ref(n), ResolutionID: w.id("resolution", n), LeadID: w.id("lead", n), Field: "first_name", Keep: events.CRMOurs}
		}},
		{"of many", 3, func(n int) commands.Command {
			return commands.ChooseCalendars{ConnectionRef: ref(n), Calendars: decisionSealed, Hash: w.hashes("calendars", n, 1)[0], Writes: true}
		}},
		{"where it's connected", 2, func(n int) commands.Command {
			return commands.SetCampaignBooking{CampaignID: w.campaigns[n], CampaignBooking: events.CampaignBooking{Service: "hubspot", Page: "https://example.com/book"}}
		}},
		{"of many", 3, func(n int) commands.Command { return commands.PauseConnection{ConnectionRef: ref(n)} }},
		{"of many", 3, func(n int) commands.Command { return commands.ResumeConnection{ConnectionRef: ref(n)} }},
		{"of many", 3, func(n int) commands.Command {
			return commands.InterruptConnection{ConnectionRef: ref(n), Reason: events.ConnectionEnded}
		}},
		{"of many", 3, func(n int) commands.Command { return commands.RestoreConnection{ConnectionRef: ref(n)} }},
		{"of many", 3, func(n int) commands.Command { return commands.RemoveConnection{ConnectionRef: ref(n)} }},
	}
}
