package bench

import (
	"fmt"
	"strconv"
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/commands"
	"outrider/events"
)

// situation is a command that is asked a few times, each time about something else.
type situation struct {
	name string
	runs int
	ask  func(n int) commands.Command
}

// askEverything measures every command.
func (w *decisionWorld) askEverything() error {
	defer pauseCollector()()
	for _, part := range []func() []situation{w.leadSituations, w.suppressionSituations, w.importSituations, w.campaignSituations, w.enrollmentSituations, w.experimentSituations, w.webhookSituations, w.connectionSituations, w.researchSituations, w.testSituations} {
		if err := w.askAll(part()); err != nil {
			return err
		}
	}
	if err := w.tickUntilQuiet("schedules what is written"); err != nil {
		return err
	}
	if err := w.sendSome(3000); err != nil {
		return err
	}
	for _, part := range []func() []situation{w.messageSituations, w.engagementSituations, w.meetingSituations, w.mailboxSituations, w.organizationSituations, w.billingSituations, w.aiSituations, w.memberSituations, w.largeSituations} {
		if err := w.askAll(part()); err != nil {
			return err
		}
	}
	w.now = w.now.Add(25 * time.Hour)
	if err := w.tickUntilQuiet("a day later"); err != nil {
		return err
	}
	return w.askAll([]situation{
		{"with all that it has", 1, func(int) commands.Command { return commands.DeleteOrganization{} }},
		{"with all that it has", 1, func(int) commands.Command { return commands.RestoreOrganization{} }},
	})
}

func (w *decisionWorld) askAll(all []situation) error {
	for _, s := range all {
		refused := 0
		for n := range s.runs {
			w.lastRefusal = nil
			if err := w.measure(s.name, s.ask(n)); err != nil {
				return err
			}
			if w.lastRefusal != nil {
				refused++
			}
		}
		if refused == s.runs {
			return fmt.Errorf("%s, %s, was refused each time: %w %s", s.ask(0).CommandType(), s.name, w.lastRefusal, refusalDetail(w.lastRefusal))
		}
	}
	return nil
}

// leadsFrom names some leads in a row; spread over those that are enrolled where that is asked for.
func (w *decisionWorld) leadsFrom(from, count, stride int) (ids []uuid.UUID) {
	for k := range count {
		ids = append(ids, w.lead(from+k*stride))
	}
	return ids
}

func (w *decisionWorld) item(n int) commands.LeadItem {
	return commands.LeadItem{LeadID: w.lead(n), AddressHash: w.hash("address", n), DomainHash: w.domain(n), FreeMail: n%freeMail == 0, Profile: decisionSealed, Filled: []string{"email", "first_name"}, Source: events.SourceAPI}
}

// stranger is a lead that is new.
func (w *decisionWorld) stranger(n int) commands.LeadItem { return w.item(w.Leads + n) }

func (w *decisionWorld) leadSituations() []situation {
	idle := w.Enrolled + 1000 // from here on nobody is enrolled
	zone := "Europe/Paris"
	return []situation{
		{"new", 50, func(n int) commands.Command { return commands.CreateLead{LeadItem: w.stranger(n)} }},
		{"of a lead", 20, func(n int) commands.Command { return commands.RecordFacts{LeadID: w.lead(n), Facts: w.facts(n)} }},
		{"of a lead", 20, func(n int) commands.Command {
			return commands.MarkFactsStale{FactIDs: []uuid.UUID{w.facts(n)[0].FactID}, Reason: events.FactWithdrawn}
		}},
		{"new", 20, func(n int) commands.Command { return commands.ApproveClaims{Claims: []commands.ClaimItem{w.claim(n)}} }},
		{"in other words", 20, func(n int) commands.Command {
			return commands.EditClaim{ClaimID: w.claim(n).ClaimID, Text: "We say it otherwise.", Source: "a document"}
		}},
		{"that may be said", 20, func(n int) commands.Command { return commands.RetireClaim{ClaimID: w.claim(n).ClaimID} }},
		{"a rule", 3, func(n int) commands.Command {
			return commands.SetScoreRules{ScoreRules: events.ScoreRules{QualifiedLead: 60 + n, ReviewLead: 30, Rules: []events.ScoreRule{{Name: "Has a job", Of: "lead", Field: "job_title", Test: "exists", Weight: 20}}}}
		}},
		{"500 leads in a chunk", 3, func(n int) commands.Command {
			c := commands.ApplyScores{Version: 3, Chunk: &commands.ScoreChunk{After: int64(n), Through: int64(n + 1)}}
			for _, id := range w.leadsFrom(n*commands.MaxItems, commands.MaxItems, 1) {
				c.Items = append(c.Items, commands.ScoreItem{LeadID: id, LeadScore: 60, IntentScore: 10, Qualification: events.LeadQualified})
			}
			return c
		}},
		{"of one who is enrolled, to another domain", 20, func(n int) commands.Command {
			return commands.UpdateLead{LeadID: w.lead(n * 31), AddressHash: w.hash("moved", n), DomainHash: w.hash("company", n), FreeMail: new(false), Profile: decisionSealed}
		}},
		{"of one who is enrolled, to another zone", 20, func(n int) commands.Command { return commands.UpdateLead{LeadID: w.lead(n * 37), TimeZone: &zone} }},
		{"on two campaigns", 20, func(n int) commands.Command { return commands.RemoveLead{LeadID: w.lead(5000 + n*10)} }},
		{"on two campaigns", 20, func(n int) commands.Command { return commands.EraseLead{LeadID: w.lead(6000 + n*10)} }},
		{"10,000 leads", 3, func(n int) commands.Command {
			return commands.RequestBulk{BulkID: w.id("bulk", n), Action: []string{events.BulkRemove, events.BulkTag, events.BulkEnroll}[n], LeadIDs: w.leadsFrom(w.Leads-10_000*(n+1), 10_000, 1), Tags: [][]string{nil, {"vip"}, nil}[n],
				CampaignID: []uuid.UUID{uuid.Nil, uuid.Nil, w.campaigns[1]}[n]}
		}},
		{"500 of 10,000", 3, func(n int) commands.Command {
			return commands.RecordBulkChunk{BulkID: w.id("bulk", n), Chunk: 1, LeadIDs: w.leadsFrom(w.Leads-10_000*(n+1), commands.MaxItems, 1)}
		}},
		{"500 who were removed", 1, func(int) commands.Command {
			return commands.RequestBulk{BulkID: w.id("restore", 0), Action: events.BulkRestore, LeadIDs: w.leadsFrom(w.Leads-10_000, commands.MaxItems, 1)}
		}},
		{"500 who were removed", 1, func(int) commands.Command {
			c := commands.RestoreBulkChunk{BulkID: w.id("restore", 0), Chunk: 1}
			for i := range commands.MaxItems {
				c.Leads = append(c.Leads, w.item(w.Leads-10_000+i))
			}
			return c
		}},
		{"500 who are enrolled, not in a row", 4, func(n int) commands.Command {
			return commands.RequestBulk{BulkID: w.id("bulk scattered", n), Action: events.BulkRemove, LeadIDs: w.leadsFrom(idle-2000-n, commands.MaxItems, -w.Enrolled/commands.MaxItems/2)}
		}},
		{"500 who are enrolled, not in a row", 4, func(n int) commands.Command {
			return commands.RecordBulkChunk{BulkID: w.id("bulk scattered", n), Chunk: 1, LeadIDs: w.leadsFrom(idle-2000-n, commands.MaxItems, -w.Enrolled/commands.MaxItems/2)}
		}},
	}
}

func (w *decisionWorld) suppress(reason string, domain, wide bool, hashes ...string) commands.AddSuppressions {
	kind := map[bool]string{true: events.SuppressDomain, false: events.SuppressAddress}[domain]
	var items []commands.SuppressionItem
	for _, h := range hashes {
		items = append(items, commands.SuppressionItem{Kind: kind, Hash: h, Reason: reason, Subdomains: wide})
	}
	return commands.AddSuppressions{Items: items}
}

func (w *decisionWorld) hashes(of string, from, count int) (out []string) {
	for n := range count {
		out = append(out, w.hash(of, from+n))
	}
	return out
}

func (w *decisionWorld) suppressionSituations() []situation {
	const manual = events.SuppressedManual
	return []situation{
		{"500 addresses of who is enrolled", 5, func(n int) commands.Command {
			return w.suppress(manual, false, false, w.hashes("address", 10_000+n*500, 500)...)
		}},
		{"one domain", 20, func(n int) commands.Command { return w.suppress(manual, true, false, w.hash("company", 5000+n)) }},
		{"500 domains that nobody is at", 5, func(n int) commands.Command {
			return w.suppress(manual, true, n%2 == 0, w.hashes("nobody", n*500, 500)...)
		}},
		{"500 domains", 5, func(n int) commands.Command {
			return w.suppress(manual, true, n%2 == 0, w.hashes("company", 6000+n*500, 500)...)
		}},
		{"of a company of thousands", 1, func(int) commands.Command { return w.suppress(manual, true, true, w.hash("big company", 0)) }},
		{"of a mail provider of a tenth of all", 1, func(int) commands.Command { return w.suppress(manual, true, true, w.hash("provider", 4)) }},
		{"500 domains in a file", 3, func(n int) commands.Command {
			return commands.ImportSuppressions{SuppressionFileRef: events.SuppressionFileRef{FileID: w.id("file", 0)}, Chunk: n + 1, FileName: "no.csv", Items: w.suppress(events.SuppressedImport, true, false, w.hashes("company", 9000+n*500, 500)...).Items}
		}},
		{"500 domains below one that is suppressed", 5, func(n int) commands.Command {
			var items []commands.Subdomain
			for _, h := range w.hashes("company", 12_000+n*500, 500) {
				items = append(items, commands.Subdomain{Hash: h, Parents: []string{w.hash("above", n/2)}})
			}
			return commands.KnowSubdomains{Items: items}
		}},
		{"with thousands of domains below it", 3, func(n int) commands.Command { return w.suppress(manual, true, true, w.hash("above", n)) }},
		{"of one domain", 20, func(n int) commands.Command {
			return commands.RemoveSuppression{SuppressionID: w.suppress(manual, true, false, w.hash("company", 5000+n)).Items[0].ID(w.org)}
		}},
	}
}

func (w *decisionWorld) importSituations() []situation {
	ref := events.ImportRef{ImportID: w.id("import", 9)}
	chunk := func(n int) commands.ImportLeads {
		c := commands.ImportLeads{ImportID: ref.ImportID, Chunk: n + 1, FirstRow: n * 500, Rows: 500, OnDuplicate: events.DuplicateUpdate}
		for k := range 500 {
			item := w.stranger(1000 + n*400 + k) // a fifth of them are there
			item.Row, item.Source = n*500+k, events.SourceCSVUpload
			c.Items = append(c.Items, item)
		}
		return c
	}
	return []situation{
		{"new", 1, func(int) commands.Command {
			return commands.RequestImport{ImportRef: ref, FileName: "leads.csv", Bytes: 100, Blob: "imports/1", Mapping: map[string]string{"Email": "email"}, OnDuplicate: events.DuplicateUpdate, Source: events.SourceCSVUpload}
		}},
		{"500 rows", 10, func(n int) commands.Command { return chunk(n) }},
		{"of a few", 1, func(int) commands.Command { return commands.CompleteImport{ImportID: ref.ImportID} }},
		{"that was asked for", 1, func(int) commands.Command { return commands.FailImport{ImportID: w.newImport(7), Reason: "broken"} }},
		{"of a quarter of all leads", 1, func(int) commands.Command { return commands.UndoImport{ImportID: w.id("import", 3)} }},
		{"500 leads", 10, func(n int) commands.Command {
			return commands.UndoImportChunk{ImportID: w.id("import", 3), Chunk: n + 1, LeadIDs: w.leadsFrom(w.Leads-20_001-n*2000, 500, -4)}
		}},
		{"of a quarter of all leads", 1, func(int) commands.Command { return commands.CompleteUndo{ImportID: w.id("import", 3)} }},
	}
}

func (w *decisionWorld) newImport(n int) uuid.UUID {
	id := w.id("import", n)
	_ = w.must(commands.RequestImport{ImportRef: events.ImportRef{ImportID: id}, FileName: "leads.csv", Blob: "imports/" + strconv.Itoa(n), Mapping: map[string]string{"Email": "email"}, OnDuplicate: events.DuplicateSkip, Source: events.SourceCSVUpload})
	return id
}

func (w *decisionWorld) enrollmentSituations() []situation {
	idle := w.Enrolled + 20_000
	stride := 2 * (w.Enrolled * 10 / 11 / 2 / commands.MaxItems) // those of the first campaign have even numbers
	first := w.campaigns[0]
	return []situation{
		{"500", 10, func(n int) commands.Command {
			return commands.EnrollLeads{CampaignID: w.campaigns[n], LeadIDs: w.leadsFrom(idle+n*500, 500, 1), SkipActiveElsewhere: true}
		}},
		{"500 to a longer version", 1, func(int) commands.Command {
			movable := aggregates.MoveOf(w.o.Campaigns[first], nil).Leads
			return commands.MoveEnrollments{CampaignID: first, LeadIDs: movable[:min(len(movable), commands.MaxItems)]}
		}},
		{"500, not in a row", 5, func(n int) commands.Command {
			return commands.PauseEnrollments{CampaignID: first, LeadIDs: w.leadsFrom(2*n, 500, stride), Until: w.now.Add(time.Hour)}
		}},
		{"500, not in a row", 5, func(n int) commands.Command {
			return commands.ResumeEnrollments{CampaignID: first, LeadIDs: w.leadsFrom(2*n, 500, stride)}
		}},
		{"500, not in a row", 5, func(n int) commands.Command {
			return commands.StopEnrollments{CampaignID: first, LeadIDs: w.leadsFrom(2*n, 500, stride)}
		}},
	}
}
