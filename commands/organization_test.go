package commands_test

import (
	"strings"
	"testing"
	"time"

	"outrider/aggregates"
	"outrider/commands"
	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/es/estest"
)

func createOrganization() commands.CreateOrganization {
	return commands.CreateOrganization{OrganizationID: org, Slug: "acme", Name: "Acme", Plan: "starter", Limits: limits, TimeZone: "Europe/Berlin",
		PostalAddress: "1 Main St", TrialDays: commands.TrialDays}
}

func createOrganizationBut(change func(*commands.CreateOrganization)) commands.CreateOrganization {
	c := createOrganization()
	change(&c)
	return c
}

func deletion(at time.Time) events.OrganizationDeletionRequested {
	return events.OrganizationDeletionRequested{OrganizationRef: events.OrganizationRef{OrganizationID: org}, EraseAt: at.AddDate(0, 0, 30)}
}

func restored(status string) events.OrganizationRestored {
	return events.OrganizationRestored{OrganizationRef: events.OrganizationRef{OrganizationID: org}, Status: status}
}

func TestOrganization(t *testing.T) {
	t.Parallel()
	deleted := events.OrganizationDeleted{OrganizationRef: events.OrganizationRef{OrganizationID: org}}
	trialOver := events.OrganizationTrialEnded{OrganizationRef: events.OrganizationRef{OrganizationID: org}}
	noTrial := created()
	noTrial.TrialEndsAt = time.Time{}
	kit().Run(t, map[string]estest.Case{
		"an organisation is created with a trial of 14 days": {At: anchor, When: createOrganization(), Then: given(), Due: ptr(anchor.AddDate(0, 0, 11)), Again: estest.NothingToDo()},
		"an organisation without a trial has its first period due": {At: anchor, When: createOrganizationBut(func(c *commands.CreateOrganization) { c.TrialDays = 0 }),
			Then: facts{noTrial}, Due: ptr(time.Date(2026, 4, 30, 9, 0, 0, 0, time.UTC)), Again: estest.NothingToDo()},
		"another organisation under the same id is refused": {Given: given(), When: createOrganizationBut(func(c *commands.CreateOrganization) { c.Slug = "other" }), Refused: "already_exists"},
		"an organisation is not created for another":        {When: createOrganizationBut(func(c *commands.CreateOrganization) { c.OrganizationID = other }), Refused: "invalid"},
		"a slug is checked": {When: createOrganizationBut(func(c *commands.CreateOrganization) { c.Slug = "-a" }), Refused: "invalid",
			Detail: map[string]string{"field": "slug", "reason": "must be 2 to 40 of a-z, 0-9 and -, not at the ends"}},
		"a name is needed":                {When: createOrganizationBut(func(c *commands.CreateOrganization) { c.Name = "" }), Refused: "invalid"},
		"a time zone is needed":           {When: createOrganizationBut(func(c *commands.CreateOrganization) { c.TimeZone = "" }), Refused: "invalid"},
		"a limit below no limit is wrong": {When: createOrganizationBut(func(c *commands.CreateOrganization) { c.Limits.Seats = -2 }), Refused: "invalid"},
		"a trial has an end":              {When: createOrganizationBut(func(c *commands.CreateOrganization) { c.TrialDays = 400 }), Refused: "invalid"},
		"nothing begins after a deletion": {Given: given(events.OrganizationDeleted{OrganizationRef: events.OrganizationRef{OrganizationID: org}}), When: createOrganization(), Refused: "organization_deleted"},

		"only what differs is updated": {Given: given(), When: commands.UpdateOrganization{Name: ptr("Acme Inc"), TimeZone: ptr("Europe/Berlin"), IfVersion: ptr(1)},
			Then: facts{events.OrganizationUpdated{OrganizationRef: events.OrganizationRef{OrganizationID: org}, Name: ptr("Acme Inc")}}, Again: estest.NothingToDo()},
		"an update without a version repeats quietly": {Given: given(), When: commands.UpdateOrganization{PostalAddress: ptr("")},
			Then: facts{events.OrganizationUpdated{OrganizationRef: events.OrganizationRef{OrganizationID: org}, PostalAddress: ptr("")}}, Again: estest.NothingToDo()},
		"an update of an older version is refused": {Given: given(status("past_due")), When: commands.UpdateOrganization{Name: ptr("x"), IfVersion: ptr(1)}, Refused: "version_conflict",
			Detail: map[string]int{"actual": 2, "expected": 1}},
		"a name can't be taken away": {Given: given(), When: commands.UpdateOrganization{Name: ptr("")}, Refused: "invalid"},
		"a name isn't endless":       {Given: given(), When: commands.UpdateOrganization{Name: ptr(strings.Repeat("x", 201))}, Refused: "invalid"},

		"a plan brings its limits": {Given: given(), When: commands.ChangePlan{Plan: "growth", Limits: commands.Plans()["growth"]},
			Then: facts{events.OrganizationPlanChanged{OrganizationRef: events.OrganizationRef{OrganizationID: org}, Plan: "growth", Limits: commands.Plans()["growth"]}}, Again: estest.NothingToDo()},
		"a plan has a name":             {Given: given(), When: commands.ChangePlan{Limits: limits}, Refused: "invalid"},
		"a suspended one may buy again": {Given: given(status("suspended")), When: commands.ChangePlan{Plan: "scale", Limits: limits}, Then: facts{events.OrganizationPlanChanged{OrganizationRef: events.OrganizationRef{OrganizationID: org}, Plan: "scale", Limits: limits}}, Again: estest.NothingToDo()},

		"a slug changes": {Given: given(), When: commands.ChangeSlug{Slug: "other"},
			Then: facts{events.OrganizationSlugChanged{OrganizationRef: events.OrganizationRef{OrganizationID: org}, Slug: "other", From: createOrganization().Slug}}, Again: estest.NothingToDo()},
		"a slug is a short name": {Given: given(), When: commands.ChangeSlug{Slug: "-"}, Refused: "invalid"},
		"a slug of a version":    {Given: given(), When: commands.ChangeSlug{Slug: "other", IfVersion: ptr(7)}, Refused: "version_conflict"},
		"a download is on record": {Given: given(), When: commands.RecordPersonalDataDownload{What: "import_errors", Of: other},
			Then: facts{events.PersonalDataDownloaded{OrganizationRef: events.OrganizationRef{OrganizationID: org}, What: "import_errors", Of: other}}, Again: estest.OnceMore()},
		"a download is of something":  {Given: given(), When: commands.RecordPersonalDataDownload{What: "everything"}, Refused: "invalid"},
		"rows are those of an import": {Given: given(), When: commands.RecordPersonalDataDownload{What: "import_errors"}, Refused: "invalid"},

		"a status changes": {Given: given(), When: commands.ChangeStatus{Status: "suspended", Reason: "unpaid"},
			Then: facts{events.OrganizationStatusChanged{OrganizationRef: events.OrganizationRef{OrganizationID: org}, Status: "suspended", Reason: "unpaid", Cause: "operator"}}, Again: estest.NothingToDo()},
		"a suspended one comes back": {Given: given(status("suspended")), When: commands.ChangeStatus{Status: "active"},
			Then: facts{status("active")}, Again: estest.NothingToDo()},
		"a status is one of four":          {Given: given(), When: commands.ChangeStatus{Status: "frozen"}, Refused: "invalid"},
		"a reason isn't endless":           {Given: given(), When: commands.ChangeStatus{Status: "suspended", Reason: strings.Repeat("x", 501)}, Refused: "invalid"},
		"a deletion waits for thirty days": {Given: given(), At: anchor.Add(time.Hour), When: commands.DeleteOrganization{}, Then: facts{deletion(anchor.Add(time.Hour))}, Again: estest.NothingToDo()},
		"an organisation is deleted by the clock": {Given: given(deletion(anchor)), At: anchor.AddDate(0, 0, 30), When: commands.AdvanceClock{},
			Then: facts{deleted}, Due: &time.Time{}, Again: estest.RefusedAs("organization_deleted")},
		"until then time goes on":      {Given: given(deletion(anchor), trialOver), At: anchor.AddDate(0, 0, 30).Add(-1), When: commands.AdvanceClock{}, Noop: true},
		"a deletion is taken back":     {Given: given(status("suspended"), deletion(anchor)), At: anchor.AddDate(0, 0, 30).Add(-1), When: commands.RestoreOrganization{}, Then: facts{restored("suspended")}, Again: estest.NothingToDo()},
		"what is over isn't":           {Given: given(deletion(anchor)), At: anchor.AddDate(0, 0, 30), When: commands.RestoreOrganization{}, Refused: "organization_deleted"},
		"what is there isn't, either":  {Given: given(), When: commands.RestoreOrganization{}, Noop: true},
		"it can be deleted again":      {Given: given(deletion(anchor), restored("active")), At: anchor.AddDate(0, 0, 5), When: commands.DeleteOrganization{}, Then: facts{deletion(anchor.AddDate(0, 0, 5))}, Again: estest.NothingToDo()},
		"nothing unknown is deleted":   {When: commands.DeleteOrganization{}, Refused: "organization_unknown"},
		"an unknown type is malformed": {Given: given(), When: unheard{}, Refused: es.CodeMalformed},
	})
}

func TestGates(t *testing.T) {
	t.Parallel()
	cases := map[string]estest.Case{}
	evenSuspended := map[string]bool{"organization.create.v1": true, "organization.create.v2": true, "organization.found.v1": true, "organization.change_plan.v1": true, "organization.change_plan.v2": true, "billing.link_customer.v1": true, "billing.record_subscription.v1": true, "billing.record_invoice.v1": true, "plan.override_limits.v1": true, "organization.change_status.v1": true, "organization.change_status.v2": true, "organization.delete.v1": true, "organization.restore.v1": true,
		es.AdvanceClockType: true, "api_key.revoke.v1": true, "member.withdraw_invitation.v1": true, "organization.unlink_identity.v1": true, "member.change_role.v1": true, "member.remove.v1": true, "member.leave.v1": true, "ownership.transfer.v1": true, "member.record_session_end.v1": true, "member.record_second_factor_change.v1": true, "member.record_impersonation.v1": true, "member.record_impersonation_use.v1": true, "member.erase.v1": true, "api_key.change_networks.v1": true, "personal_data.record_download.v1": true, "api_key.rotate.v1": true, "role.change.v1": true, "role.remove.v1": true, "bulk.record_chunk.v1": true, "bulk.restore_chunk.v1": true, "export.complete.v1": true, "export.fail.v1": true, "export.download.v1": true, "export.discard.v1": true, "lead.erase.v1": true, "suppression.add.v1": true, "suppression.add.v2": true, "suppression.import_chunk.v1": true, "suppression.know_subdomains.v1": true, "import.fail.v1": true,
		"ai.stop.v1": true, "ai_call.settle.v1": true, "ai_call.give_up.v1": true, "ai.record_fallback.v1": true,
		"webhook.rotate_secret.v1": true, "webhook.disable.v1": true, "webhook.remove.v1": true, "connection.interrupt.v1": true, "connection.restore.v1": true, "connection.pause.v1": true, "connection.remove.v1": true,
		"flag.switch.v1": true, "report.remove.v1": true, "thread.remove_note.v1": true, "snippet.remove.v1": true, "segment.remove.v1": true, "campaign.drop_launch_request.v1": true, "report.complete_run.v1": true, "report.fail_run.v1": true, "campaign.pause.v1": true, "experiment.stop.v1": true, "experiment.record_evaluation.v1": true, "campaign.complete.v1": true, "enrollment.pause.v1": true, "enrollment.stop.v1": true, "mailbox.pause.v1": true, "mailbox.suspend.v1": true, "mailbox.record_read.v1": true, "mailbox.record_unreadable.v1": true, "mailbox.record_reading_failed.v1": true, "mailbox.record_reading_recovered.v1": true,
		"message.draft.v1": true, "message.draft_with_evidence.v1": true, "fact.mark_stale.v1": true, "score_rules.apply.v1": true, "claim.retire.v1": true, "answer.draft.v1": true, "test_send.finish.v1": true, "mailbox.list_folders.v1": true, "research.complete.v1": true, "research.end.v1": true, "web_search.finish.v1": true, "message.hold.v1": true, "message.reject.v1": true, "message.reject.v2": true, "message.record_results.v1": true, "message.resolve.v1": true,
		"message.record_hits.v1": true, "message.reclassify_hits.v1": true, "message.record_reply.v3": true, "message.reclassify_reply.v1": true, "message.record_reply.v2": true, "message.record_reply.v1": true, "message.record_auto_reply.v1": true,
		"message.record_auto_reply.v2": true, "thread.identify_mail.v1": true, "response.cancel.v1": true, "response.record_result.v1": true, "response.resolve.v1": true, "message.record_bounce.v1": true, "message.record_bounce.v2": true, "message.record_bounce.v3": true, "mailbox.end_permission.v1": true, "message.record_deliveries.v1": true, "message.record_block.v1": true, "message.record_drop.v1": true,
		"message.record_complaint.v1": true, "message.record_complaint.v2": true, "lead.unsubscribe.v1": true, "lead.unsubscribe.v2": true, "meeting.book.v1": true, "meeting.book.v2": true, "meeting.hold_slot.v1": true, "meeting.place.v1": true, "meeting.record_calendar_change.v1": true, "meeting.confirm.v1": true, "meeting.confirm.v2": true, "meeting.cancel.v1": true, "meeting.cancel_by_guest.v1": true, "meeting.move_by_guest.v1": true, "meeting.record_outside.v1": true, "meeting.tell_cancelled.v1": true, "meeting.tell_moved.v1": true}
	for _, r := range commands.Routes() {
		name := r.Zero.CommandType()
		if name == "flag.set.v1" || name == "flag.kill.v1" || name == "flag.revive.v1" || name == "flag.start_trial.v1" || name == "flag.end_trial.v1" { // of the installation: TestOnlyTheInstallationSetsFlags
			continue
		}
		if !strings.HasPrefix(name, "organization.create.") && name != "organization.found.v1" {
			cases[name+" needs an organisation"] = estest.Case{When: r.Zero, Refused: "organization_unknown"}
		}
		if name != "organization.delete.v1" {
			cases[name+" is refused after a deletion"] = estest.Case{Given: given(events.OrganizationDeleted{OrganizationRef: events.OrganizationRef{OrganizationID: org}}), When: r.Zero, Refused: "organization_deleted"}
		}
		if !evenSuspended[name] {
			cases[name+" is refused while its deletion waits"] = estest.Case{Given: given(deletion(anchor)), When: r.Zero, Refused: "organization_deleted"}
			cases[name+" is refused while suspended"] = estest.Case{Given: given(status("suspended")), When: r.Zero, Refused: "organization_suspended", Detail: map[string]string{"status": "suspended"}}
			cases[name+" is refused when cancelled"] = estest.Case{Given: given(status("cancelled")), When: r.Zero, Refused: "organization_suspended"}
		}
	}
	kit().Run(t, cases)
}

func TestClock(t *testing.T) {
	t.Parallel()
	day := func(m time.Month, d int) time.Time { return time.Date(2026, m, d, 9, 0, 0, 0, time.UTC) }
	period := func(from, to time.Time) events.UsagePeriodStarted {
		return events.UsagePeriodStarted{OrganizationRef: events.OrganizationRef{OrganizationID: org}, From: from, To: to}
	}
	trialEnded := events.OrganizationTrialEnded{OrganizationRef: events.OrganizationRef{OrganizationID: org}}
	suspended := statusBy("trial", "suspended", "the trial has ended", events.StatusStep{})
	var two []es.Payload // years
	_, to := aggregates.PeriodAt(anchor, anchor)
	var from time.Time
	for range 24 {
		from, to = aggregates.PeriodAt(anchor, to)
		two = append(two, period(from, to))
	}
	_, third := aggregates.PeriodAt(anchor, to)
	kit().Run(t, map[string]estest.Case{
		"nothing is due yet":                                       {Given: given(), At: day(4, 11).Add(-1), When: commands.AdvanceClock{}, Noop: true},
		"a trial ends, and sending with it":                        {Given: given(), At: day(4, 14), When: commands.AdvanceClock{}, Then: facts{trialEnded, suspended}, Due: ptr(day(4, 30)), Again: estest.NothingToDo()},
		"a period from the 31st ends with a short month":           {Given: given(trialEnded), At: day(4, 30), When: commands.AdvanceClock{}, Then: facts{period(day(4, 30), day(5, 31))}, Due: ptr(day(5, 31)), Again: estest.NothingToDo()},
		"a late tick makes up for everything":                      {Given: given(), At: day(6, 1), When: commands.AdvanceClock{}, Then: facts{period(day(4, 30), day(5, 31)), period(day(5, 31), day(6, 30)), trialEnded, suspended}, Due: ptr(day(6, 30)), Again: estest.NothingToDo()},
		"after years of rest a tick does two, and the next is due": {Given: given(trialEnded), At: third, When: commands.AdvanceClock{}, Then: two, Due: &to, Again: estest.OnceMore()},
		"time goes on for a suspended organisation":                {Given: given(trialEnded, status("suspended")), At: day(4, 30), When: commands.AdvanceClock{}, Then: facts{period(day(4, 30), day(5, 31))}, Again: estest.NothingToDo()},
		"a tick's time doesn't matter between two limits":          {Given: given(trialEnded), At: day(4, 29), When: commands.AdvanceClock{}, Noop: true},
	})
}
