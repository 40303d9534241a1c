package bench

import (
	"strconv"
	"time"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/es"
)

func (w *decisionWorld) campaignSituations() []situation {
	draft := w.newCampaign(50)
	steps, templates := w.steps(51)
	longer, longerTemplates := w.steps(0)
	more, moreTemplates := w.steps(52)
	return []situation{
		{"new", 1, func(int) commands.Command { return draft }},
		{"of a draft", 1, func(int) commands.Command {
			return commands.SetCampaignSteps{CampaignID: draft.CampaignID, Steps: steps, Templates: templates}
		}},
		{"of a live one with half of all people", 1, func(int) commands.Command {
			return commands.SetCampaignSteps{CampaignID: w.campaigns[0], Steps: append(longer, more[2]), Templates: append(longerTemplates, moreTemplates[2])}
		}},
		{"of a draft", 1, func(int) commands.Command { return commands.RenameCampaign{CampaignID: draft.CampaignID, Name: "D"} }},
		{"of a draft", 1, func(int) commands.Command {
			return commands.AssignMailboxes{CampaignID: draft.CampaignID, MailboxIDs: w.boxes[:4]}
		}},
		{"of a draft", 1, func(int) commands.Command {
			return commands.RequestLaunch{CampaignRef: draft.CampaignRef, By: "person:1"}
		}},
		{"of a draft", 1, func(int) commands.Command { return commands.DropLaunchRequest{CampaignRef: draft.CampaignRef} }},
		{"of a draft", 1, func(int) commands.Command { return commands.ArchiveCampaign{CampaignRef: draft.CampaignRef} }},
		{"of a draft", 1, func(int) commands.Command { return commands.UnarchiveCampaign{CampaignRef: draft.CampaignRef} }},
		{"of a draft", 1, func(int) commands.Command { return commands.DeleteCampaign{CampaignID: draft.CampaignID} }},
		{"with mailboxes", 1, func(int) commands.Command { return commands.LaunchCampaign{CampaignID: w.newLaunchable(53)} }},
		{"its end", 2, func(n int) commands.Command {
			return commands.UpdateCampaign{CampaignID: w.campaigns[n], EndDate: new("2027-03-31")}
		}},
		{"of a live one", 20, func(n int) commands.Command {
			return commands.SetCampaignApproval{CampaignID: w.campaigns[n], Approval: events.ApproveSample, Sample: 20}
		}},
		{"fewer new people", 2, func(n int) commands.Command {
			return commands.SetCampaignPacing{CampaignID: w.campaigns[n], CampaignPacing: events.CampaignPacing{NewPeoplePerDay: 1_000_000}}
		}},
		{"whoever has a score", 2, func(n int) commands.Command {
			return commands.SetCampaignEntry{CampaignID: w.campaigns[n], CampaignEntry: events.CampaignEntry{MinLeadScore: 1}}
		}},
		{"fewer of a company", 2, func(n int) commands.Command {
			return commands.SetCampaignSettings{CampaignID: w.campaigns[n], CampaignSettings: w.settings(3)}
		}},
	}
}

func (w *decisionWorld) newLaunchable(n int) uuid.UUID {
	c := w.newCampaign(n)
	_ = w.must(c, commands.SetCampaignSettings{CampaignID: c.CampaignID, CampaignSettings: w.settings(5)}, commands.AssignMailboxes{CampaignID: c.CampaignID, MailboxIDs: w.boxes[:4]})
	return c.CampaignID
}

// unscheduled finds a message that is written and has no slot, the newest first.
func (w *decisionWorld) unscheduled(n int) uuid.UUID {
	for i := len(w.ready) - 1; i >= 0; i-- {
		if m := w.o.Messages[w.ready[i].MessageID]; m != nil && m.Writable() && !m.Waiting() {
			if n--; n < 0 {
				return m.ID
			}
		}
	}
	return uuid.Nil
}

func (w *decisionWorld) messageSituations() []situation {
	var held []uuid.UUID
	hold := func(n int) uuid.UUID {
		held = append(held, w.unscheduled(n))
		return held[n]
	}
	var waiting []uuid.UUID
	return []situation{
		{"that is written", 10, func(n int) commands.Command {
			return commands.HoldMessage{MessageID: hold(n), Reason: "missing_variable"}
		}},
		{"that was held", 10, func(n int) commands.Command { return commands.RedraftMessage{MessageID: held[n]} }},
		{"500 that wait", 1, func(int) commands.Command {
			waiting = w.letWait(1000)
			return commands.ApproveMessages{MessageIDs: waiting[:min(500, len(waiting))]}
		}},
		{"that waits", 1, func(int) commands.Command {
			id := waiting[len(waiting)-1]
			return commands.EditDraft{MessageID: id, Subject: decisionSealed, Body: decisionSealed, IfDraft: w.o.Messages[id].Drafts()}
		}},
		{"that waits", 1, func(int) commands.Command { return w.draftWithEvidence(waiting[len(waiting)-1], 1) }},
		{"that waits", 1, func(int) commands.Command {
			id := waiting[len(waiting)-1]
			return commands.EditDraftWithEvidence{MessageID: id, Subject: decisionSealed, Body: decisionSealed, IfDraft: w.o.Messages[id].Drafts(), Evidence: w.draftWithEvidence(id, 1).Evidence}
		}},
		{"that waits", 1, func(int) commands.Command {
			id := waiting[len(waiting)-1]
			return commands.OverruleEvidence{MessageID: id, Draft: w.o.Messages[id].Drafts(), Reason: decisionSealed}
		}},
		{"500 that wait", 1, func(int) commands.Command {
			var drafts []commands.RejectedDraft
			for _, id := range waiting[min(500, len(waiting)/2):] {
				drafts = append(drafts, commands.RejectedDraft{MessageID: id, Note: decisionSealed})
			}
			return commands.RejectDrafts{Drafts: drafts, Then: events.RejectedStop}
		}},
		{"whose lease ran out", 5, func(n int) commands.Command {
			return commands.ResolveMessage{MessageID: w.doubts(n), Sent: true, By: events.ResolvedByPerson}
		}},
	}
}

// letWait lets messages of a campaign wait for a person.
func (w *decisionWorld) letWait(most int) (ids []uuid.UUID) {
	c := w.campaigns[3]
	all := events.ApproveAll
	if w.must(commands.UpdateCampaign{CampaignID: c, Approval: &all}) != nil {
		return nil
	}
	w.now = w.now.Add(3 * time.Hour)
	if w.tickUntilQuiet("three hours later") != nil {
		return nil
	}
	for _, r := range w.ready {
		if m := w.o.Messages[r.MessageID]; m != nil && m.Waiting() && len(ids) < most {
			ids = append(ids, r.MessageID)
		}
	}
	return ids
}

// doubts brings messages that nobody knows about.
func (w *decisionWorld) doubts(n int) uuid.UUID {
	if n == 0 {
		for _, s := range w.scheduled[:min(len(w.scheduled), 500)] {
			_ = w.must(commands.ClaimMessages{MailboxID: s.MailboxID, MessageIDs: []uuid.UUID{s.MessageID}, InboxReadAt: w.now})
		}
		w.now = w.now.Add(time.Minute)
		_ = w.tickUntilQuiet("leases run out")
	}
	for _, s := range w.scheduled {
		if m := w.o.Messages[s.MessageID]; m != nil && m.InDoubt() {
			if n--; n < 0 {
				return m.ID
			}
		}
	}
	return uuid.Nil
}

func (w *decisionWorld) about(n int) events.SentMessageRef {
	s := w.sent[n%len(w.sent)]
	return events.SentMessageRef{MessageID: s.MessageID, LeadID: s.LeadID, CampaignID: s.CampaignID, MailboxID: s.MailboxID}
}

// threadOf is the conversation with the lead of about.
func (w *decisionWorld) threadOf(n int) events.ThreadRef {
	r := w.about(n)
	return events.ThreadRef{ThreadID: events.ThreadID(w.org, r.LeadID, r.CampaignID), LeadID: r.LeadID, CampaignID: r.CampaignID}
}

// responseThat is a response that is due, or claimed.
func (w *decisionWorld) responseThat(n int, claimed bool) uuid.UUID {
	ref := events.ResponseRef{ResponseID: w.id("response", n), ThreadRef: w.threadOf(n)}
	w.state.Apply(&es.Event{Payload: events.ResponseWritten{ResponseRef: ref, MailboxID: w.boxes[0], To: decisionSealed, AddressHash: w.hash("sender", n), DomainHash: w.hash("sender domain", n), Subject: decisionSealed, Body: decisionSealed, SendAt: w.now}})
	w.state.Apply(&es.Event{Payload: events.ResponseDue{ResponseRef: ref, MailboxID: w.boxes[0], At: w.now}})
	if claimed {
		w.state.Apply(&es.Event{Payload: events.ResponseClaimed{ResponseRef: ref, MailboxID: w.boxes[0], ClaimedAt: w.now, LeaseUntil: w.now.Add(time.Minute)}})
	}
	return ref.ResponseID
}

func (w *decisionWorld) mail(n int) events.Mail {
	return events.Mail{MailID: w.id("mail", n), ReceivedAt: w.now, Subject: decisionSealed}
}

// ofBigCompany is somebody at the company where thousands are.
func (w *decisionWorld) ofBigCompany(n int) events.SentMessageRef {
	lead := w.lead(1 + bigCompany*(3*n+1))
	return events.SentMessageRef{MessageID: w.id("message", n), LeadID: lead, CampaignID: w.campaigns[0], MailboxID: w.boxes[0]}
}

func (w *decisionWorld) engagementSituations() []situation {
	var hits []commands.Hit
	var classes []commands.HitClass
	for n := range 500 {
		hits = append(hits, commands.Hit{SentMessageRef: w.about(n), HitID: w.id("hit", n), Class: events.ClassHuman, At: w.now})
		classes = append(classes, commands.HitClass{SentMessageRef: w.about(n), HitID: w.id("hit", n), Class: events.ClassScanner, Reason: "burst"})
	}
	return []situation{
		{"500", 5, func(int) commands.Command { return commands.RecordHits{Hits: hits} }},
		{"500", 5, func(int) commands.Command { return commands.ReclassifyHits{Hits: classes} }},
		{"of somebody", 50, func(n int) commands.Command {
			return commands.RecordReply{SentMessageRef: w.about(n), Mail: w.mail(n), From: events.FromLead, Meaning: events.MeansInterested}
		}},
		{"of somebody at a company of thousands", 5, func(n int) commands.Command {
			return commands.RecordReply{SentMessageRef: w.ofBigCompany(n), Mail: w.mail(100 + n), From: events.FromCompany}
		}},
		{"of somebody's answer", 50, func(n int) commands.Command {
			return commands.IdentifyMail{SentMessageRef: w.about(n), MailID: w.mail(n).MailID, AddressHash: w.hash("sender", n), Header: decisionSealed}
		}},
		{"interested after all", 50, func(n int) commands.Command {
			return commands.ReclassifyReply{SentMessageRef: w.about(n), MailID: w.mail(n).MailID, ReceivedAt: w.now, Meaning: events.MeansNotInterested}
		}},
		{"for requests for a meeting", 1, func(int) commands.Command {
			return commands.SetAnswerAutomation{Meanings: commands.AutomaticMeanings()}
		}},
		{"to a mail", 50, func(n int) commands.Command {
			return commands.DraftAnswer{ThreadID: w.threadOf(n).ThreadID, MailID: w.mail(n).MailID, Meaning: events.MeansInterested, Writer: events.WriterTemplate, Body: decisionSealed, Evidence: events.Evidence{Gate: 1, Sentences: 3, Report: decisionSealed}}
		}},
		{"who isn't written to", 50, func(n int) commands.Command {
			return commands.SettleReferral{ThreadID: w.threadOf(n).ThreadID, MailID: w.mail(n).MailID}
		}},
		{"done", 50, func(n int) commands.Command {
			return commands.UpdateThread{ThreadID: w.threadOf(n).ThreadID, Status: events.ThreadDone}
		}},
		{"of members", 50, func(n int) commands.Command {
			return commands.WriteNote{ThreadID: w.threadOf(n).ThreadID, NoteID: w.id("note", n), Note: decisionSealed}
		}},
		{"that stands there", 50, func(n int) commands.Command {
			return commands.RemoveNote{ThreadID: w.threadOf(n).ThreadID, NoteID: w.id("note", n)}
		}},
		{"new", 20, func(n int) commands.Command {
			return commands.CreateSnippet{SnippetRef: events.SnippetRef{SnippetID: w.id("snippet", n)}, Name: "Prices " + strconv.Itoa(n), Text: "From 20 EUR."}
		}},
		{"under another name", 20, func(n int) commands.Command {
			return commands.ChangeSnippet{SnippetRef: events.SnippetRef{SnippetID: w.id("snippet", n)}, Name: "Costs " + strconv.Itoa(n), Text: "From 20 EUR."}
		}},
		{"that is saved", 20, func(n int) commands.Command {
			return commands.RemoveSnippet{SnippetRef: events.SnippetRef{SnippetID: w.id("snippet", n)}}
		}},
		{"of a country", 20, func(n int) commands.Command {
			return commands.CreateSegment{SegmentRef: events.SegmentRef{SegmentID: w.id("segment", n)}, Name: "Warm " + strconv.Itoa(n), Filter: events.SegmentFilter{Country: "Germany"}}
		}},
		{"of another country", 20, func(n int) commands.Command {
			return commands.ChangeSegment{SegmentRef: events.SegmentRef{SegmentID: w.id("segment", n)}, Name: "Warm " + strconv.Itoa(n), Filter: events.SegmentFilter{Country: "France"}}
		}},
		{"that people chose", 20, func(n int) commands.Command {
			return commands.RemoveSegment{SegmentRef: events.SegmentRef{SegmentID: w.id("segment", n)}}
		}},
		{"in a thread", 50, func(n int) commands.Command {
			return commands.WriteResponse{ResponseID: w.id("response", n), ThreadID: w.threadOf(n).ThreadID, MailboxID: w.boxes[0], To: decisionSealed, AddressHash: w.hash("sender", n), DomainHash: w.hash("sender domain", n), Subject: decisionSealed, Body: decisionSealed}
		}},
		{"that waits", 50, func(n int) commands.Command { return commands.CancelResponse{ResponseID: w.id("response", n)} }},
		{"that is due", 50, func(n int) commands.Command {
			return commands.ClaimResponse{ResponseID: w.responseThat(100+n, false)}
		}},
		{"that was claimed", 50, func(n int) commands.Command {
			return commands.RecordResponseResult{ResponseID: w.responseThat(200+n, true), Sent: true, At: w.now}
		}},
		{"in doubt", 50, func(n int) commands.Command {
			id := w.responseThat(300+n, true)
			w.state.Apply(&es.Event{Payload: events.ResponseInDoubt{ResponseRef: events.ResponseRef{ResponseID: id, ThreadRef: w.threadOf(300 + n)}, MailboxID: w.boxes[0], ClaimedAt: w.now}})
			return commands.ResolveResponse{ResponseID: id, Sent: true, By: events.ResolvedByPerson}
		}},
		{"out of office", 20, func(n int) commands.Command {
			return commands.RecordAutoReply{SentMessageRef: w.about(60 + n), Mail: w.mail(200 + n), OutOfOffice: true}
		}},
		{"hard", 20, func(n int) commands.Command {
			return commands.RecordBounce{SentMessageRef: w.about(90 + n), SMTPReply: events.SMTPReply{Code: 550, Enhanced: "5.1.1"}, ReportedAt: w.now}
		}},
		{"abuse", 20, func(n int) commands.Command {
			return commands.RecordComplaint{SentMessageRef: w.about(120 + n), Kind: "abuse", ReportedAt: w.now}
		}},
		{"delivered", 20, func(n int) commands.Command {
			return commands.RecordDeliveries{ToldAt: w.now, Reports: []commands.DeliveryReport{{SentMessageRef: w.about(120 + n), Kind: commands.ReportDelivered, ReportID: w.id("delivered", n), At: w.now}}}
		}},
		{"blocked", 3, func(n int) commands.Command {
			return commands.RecordBlock{SentMessageRef: w.about(120 + n), SMTPReply: events.SMTPReply{Code: 550, Enhanced: "5.7.1"}, ReportedAt: w.now}
		}},
		{"bounced before", 20, func(n int) commands.Command {
			return commands.RecordDrop{SentMessageRef: w.about(130 + n), ReportID: w.id("dropped", n), Reason: events.DroppedBounced, At: w.now, ToldAt: w.now}
		}},
		{"by link", 20, func(n int) commands.Command {
			return commands.Unsubscribe{SentMessageRef: w.about(150 + n), How: events.UnsubscribePage, At: w.now}
		}},
	}
}

func (w *decisionWorld) meetingSituations() []situation {
	hours := events.BookingHours{Windows: []events.Window{{Days: []int{1, 2, 3, 4, 5, 6, 7}, From: "00:00", To: "24:00"}}, SlotMinutes: 30, DaysAhead: 14, Zone: "UTC"}
	at := w.now.Truncate(time.Hour).Add(30 * time.Hour)
	return []situation{
		{"new", 1, func(int) commands.Command { return commands.SetBookingHours{BookingHours: hours} }},
		{"free", 100, func(n int) commands.Command {
			return commands.BookMeeting{SentMessageRef: w.about(200 + n), MeetingID: w.id("meeting", n), StartsAt: at.Add(time.Duration(n) * 30 * time.Minute), Details: decisionSealed}
		}},
		{"booked", 20, func(n int) commands.Command {
			l, _ := w.o.Leads.AddressOf(w.about(200 + n).LeadID)
			return commands.ConfirmMeeting{MeetingID: w.id("meeting", n), AddressHash: l.String()}
		}},
		{"booked", 20, func(n int) commands.Command {
			return commands.RescheduleMeeting{MeetingID: w.id("meeting", n), StartsAt: at.AddDate(0, 0, 60).Add(time.Duration(n) * time.Hour)}
		}},
		{"elsewhere", 100, func(n int) commands.Command {
			return commands.RecordOutsideMeeting{SentMessageRef: w.about(400 + n), StartsAt: at, EndsAt: at.Add(time.Hour), Details: decisionSealed, Replaces: "x",
				BookedElsewhere: events.BookedElsewhere{Service: "calendly", ConnectionID: w.id("connection", 1), ExternalID: w.id("booking", n).String()}}
		}},
		{"by guest", 20, func(n int) commands.Command {
			return commands.MoveMeetingByGuest{MeetingID: w.id("meeting", 50+n), StartsAt: at.Add(time.Duration(150+n) * 30 * time.Minute)}
		}},
		{"by guest", 20, func(n int) commands.Command { return commands.CancelMeetingByGuest{MeetingID: w.id("meeting", 70+n)} }},
		{"moved", 20, func(n int) commands.Command {
			l, _ := w.o.Leads.AddressOf(w.about(200 + n).LeadID)
			return commands.TellMeetingMoved{MeetingID: w.id("meeting", n), Move: 1, AddressHash: l.String()}
		}},
		{"held", 20, func(n int) commands.Command {
			w.state.Apply(&es.Event{Payload: events.MeetingRescheduled{MeetingRef: events.MeetingRef{MeetingID: w.id("meeting", 30+n)}, Move: 1, StartsAt: w.now.Add(-time.Hour), EndsAt: w.now.Add(-time.Minute)}})
			return commands.SetMeetingOutcome{MeetingID: w.id("meeting", 30+n), Outcome: events.MeetingHeld}
		}},
		{"free", 20, func(n int) commands.Command {
			return commands.HoldSlot{MeetingRef: events.MeetingRef{MeetingID: w.id("held", n), LeadID: w.about(200 + n).LeadID}, StartsAt: at.Add(time.Duration(250+n) * 30 * time.Minute)}
		}},
		{"with a host", 20, func(n int) commands.Command {
			w.hosted(n, at)
			return commands.PlaceMeeting{MeetingID: w.id("hosted", n), Link: decisionSealed}
		}},
		{"with a host", 20, func(n int) commands.Command {
			w.hosted(n, at)
			return commands.RecordCalendarChange{ConnectionRef: events.ConnectionRef{ConnectionID: w.id("connection", 1)}, MeetingID: w.id("hosted", n), StartsAt: at.AddDate(0, 0, 2), EndsAt: at.AddDate(0, 0, 2).Add(time.Hour)}
		}},
		{"booked", 20, func(n int) commands.Command { return commands.CancelMeeting{MeetingID: w.id("meeting", n)} }},
		{"cancelled", 20, func(n int) commands.Command {
			l, _ := w.o.Leads.AddressOf(w.about(200 + n).LeadID)
			return commands.TellMeetingCancelled{MeetingID: w.id("meeting", n), AddressHash: l.String()}
		}},
	}
}

// hosted books a meeting with a host.
func (w *decisionWorld) hosted(n int, at time.Time) {
	at = at.AddDate(0, 0, 10).Add(time.Duration(n) * time.Hour)
	w.state.Apply(&es.Event{Payload: events.MeetingBooked{SentMessageRef: w.about(200 + n), MeetingID: w.id("hosted", n), StartsAt: at, EndsAt: at.Add(time.Hour), BookedAt: w.now, HostID: w.id("connection", 1)}})
}

func (w *decisionWorld) mailboxSituations() []situation {
	box := func(n int) events.MailboxRef { return events.MailboxRef{MailboxID: w.boxes[n]} }
	return []situation{
		{"new", 3, func(n int) commands.Command {
			return commands.AddMailbox{MailboxRef: events.MailboxRef{MailboxID: w.id("mailbox", 100+n)}, Transport: events.TransportSMTP, Address: decisionSealed, AddressHash: w.hash("box", 100+n), DomainHash: w.hash("ours", 0)}
		}},
		{"new", 3, func(n int) commands.Command { return w.connect(200 + n) }},
		{"its gap", 3, func(n int) commands.Command {
			return commands.ChangeMailbox{MailboxRef: box(n), Pace: &commands.PaceChange{GapSeconds: new(60 + n)}}
		}},
		{"of one", 3, func(n int) commands.Command { return commands.RequestMailboxChecks{MailboxRef: box(n)} }},
		{"of one", 3, func(n int) commands.Command {
			return commands.RecordMailboxChecks{MailboxID: w.boxes[n], Checks: []commands.MailboxCheck{{Check: events.CheckDNS, Outcome: events.CheckPassed}}, CheckedAt: w.now}
		}},
		{"of one", 3, func(n int) commands.Command {
			return commands.RecordMailboxRead{MailboxRef: box(n), Folder: "INBOX", UIDValidity: 1, UID: int64(n + 1), ReadAt: w.now}
		}},
		{"of one", 3, func(n int) commands.Command {
			return commands.RecordUnreadableMail{MailboxRef: box(n), Folder: "INBOX", UIDValidity: 1, UID: int64(n + 7)}
		}},
		{"of one", 3, func(n int) commands.Command {
			return commands.RecordReadingFailed{MailboxRef: box(n), Reason: events.ReadingSilent, Since: w.now.Add(-time.Minute), TriedAt: w.now}
		}},
		{"of one", 3, func(n int) commands.Command {
			return commands.RecordReadingRecovered{MailboxRef: box(n), ReadAt: w.now}
		}},
		{"of one", 3, func(n int) commands.Command {
			return commands.ListMailboxFolders{MailboxRef: box(n), Folders: []events.MailFolder{{Name: "INBOX"}, {Name: "Clients"}}}
		}},
		{"of one", 3, func(n int) commands.Command {
			return commands.SetMailboxFolders{MailboxRef: box(n), Folders: []string{"Clients"}}
		}},
		{"of one", 3, func(n int) commands.Command { return commands.SetMailboxLetter{MailboxRef: box(n), KeepCopies: true} }},
		{"of SendGrid", 20, func(n int) commands.Command {
			grid := events.MailboxRef{MailboxID: w.id("grid", n)}
			w.state.Apply(&es.Event{Payload: events.MailboxAdded{MailboxRef: grid, Transport: events.TransportSendGrid, AddressHash: w.hash("grid", n), DomainHash: w.hash("grid domain", n)}})
			return commands.SetMailboxWebhookKeys{MailboxRef: grid, Reports: []string{"key"}}
		}},
		{"the one without limits", 1, func(int) commands.Command { return commands.PauseMailbox{MailboxID: w.boxes[decisionBoxes-1]} }},
		{"the one without limits", 1, func(int) commands.Command { return commands.ResumeMailbox{MailboxRef: box(decisionBoxes - 1)} }},
		{"of one", 2, func(n int) commands.Command {
			return commands.SetMailboxHours{MailboxRef: box(2), Windows: []events.Window{{Days: []int{1, 2, 3, 4, 5}, From: []string{"08:00", "09:00"}[n], To: "18:00"}}}
		}},
		{"by stages", 1, func(int) commands.Command {
			return commands.SetMailboxWarmup{MailboxRef: box(3), Warmup: commands.DefaultWarmup(40)}
		}},
		{"of one", 1, func(int) commands.Command { return commands.SuspendMailbox{MailboxRef: box(1), Times: 3} }},
		{"of one", 1, func(int) commands.Command { return commands.EndMailboxPermission{MailboxRef: box(2)} }},
		{"of all boxes", 3, func(int) commands.Command { return commands.RequestDomainChecks{SenderDomainRef: w.senderDomain()} }},
		{"of all boxes", 3, func(int) commands.Command {
			return commands.RecordDomainChecks{SenderDomainRef: w.senderDomain(), Name: "ours.test", Checks: []events.DomainCheck{{Check: events.DomainCheckSPF, Outcome: events.CheckPassed}}, CheckedAt: w.now}
		}},
		{"of all boxes", 3, func(n int) commands.Command {
			return commands.SetDomainSigning{SenderDomainRef: w.senderDomain(), Selector: "or" + strconv.Itoa(n), PublicKey: "k", Secret: "s"}
		}},
		{"of all boxes", 1, func(int) commands.Command { return commands.RemoveDomainSigning{SenderDomainRef: w.senderDomain()} }},
		{"of all boxes", 3, func(n int) commands.Command {
			return commands.SetDomainTracking{SenderDomainRef: w.senderDomain(), Host: "go" + strconv.Itoa(n) + ".ours.test"}
		}},
	}
}

// senderDomain is the one of all mailboxes.
func (w *decisionWorld) senderDomain() events.SenderDomainRef {
	return events.SenderDomainOf(w.o.ID, w.hash("ours", 0))
}

func (w *decisionWorld) organizationSituations() []situation {
	filter := decisionSealed
	return []situation{
		{"its name", 1, func(int) commands.Command { return commands.UpdateOrganization{Name: new("Larger")} }},
		{"its slug", 2, func(n int) commands.Command { return commands.ChangeSlug{Slug: []string{"larger", "largest"}[n]} }},
		{"of the history", 2, func(int) commands.Command {
			return commands.RecordPersonalDataDownload{What: events.DownloadedHistory}
		}},
		{"its zone", 1, func(int) commands.Command { return commands.UpdateOrganization{TimeZone: new("Europe/Madrid")} }},
		{"longer", 1, func(int) commands.Command { return commands.SetPersonGap{Minutes: 2880} }},
		{"shorter", 1, func(int) commands.Command { return commands.SetReplyUndo{Seconds: 5} }},
		{"weekly", 2, func(n int) commands.Command { return w.report(n) }},
		{"to daily", 1, func(int) commands.Command {
			c := w.report(0)
			c.Schedule.Every = events.ReportDaily
			return commands.ChangeReport{ReportRef: c.ReportRef, ReportPlan: c.ReportPlan}
		}},
		{"now", 2, func(n int) commands.Command {
			return commands.RunReport{ReportRef: w.report(n).ReportRef, RunID: w.id("run", n)}
		}},
		{"with a file", 1, func(int) commands.Command {
			return commands.CompleteReportRun{ReportRef: w.report(0).ReportRef, RunID: w.id("run", 0), Files: []events.ReportFile{{Format: events.ReportCSV}}}
		}},
		{"without", 1, func(int) commands.Command {
			return commands.FailReportRun{ReportRef: w.report(1).ReportRef, RunID: w.id("run", 1), Reason: "none"}
		}},
		{"with its files", 1, func(int) commands.Command { return commands.RemoveReport{ReportRef: w.report(1).ReportRef} }},
		{"of all mailboxes", 2, func(n int) commands.Command {
			return commands.SetPacing{OrganizationPacing: events.OrganizationPacing{Organization: events.Caps{PerDay: 1_000_000 + n}, SendingDomain: events.Caps{PerDay: 1_000_000}}}
		}},
		{"of a country", 1, func(int) commands.Command {
			return commands.SetPublicHolidays{Countries: []commands.CountryHolidays{{Country: "DE", Zones: []string{"Europe/Berlin"}, Days: []events.Holiday{{Date: "2026-12-25", Name: "Weihnachten"}}}}}
		}},
		{"off and on again", 2, func(n int) commands.Command {
			return commands.SwitchFlag{FlagRef: events.FlagRef{Flag: events.FeatureTracking}, Rule: events.FlagRule{Enabled: n == 1, Rollout: events.FlagParts}, Phase: events.FlagPhaseOpen, Version: n + 1}
		}},
		{"lower", 1, func(int) commands.Command {
			return commands.ChangePlan{Plan: "scale", Limits: commands.Plans()["enterprise"]}
		}},
		{"suspended and back", 2, func(n int) commands.Command {
			return commands.ChangeStatus{Status: []string{events.StatusSuspended, events.StatusActive}[n]}
		}},
		{"one", 3, func(n int) commands.Command {
			return commands.IssueAPIKey{KeyID: w.id("key", n), Name: "ci", Scopes: []string{"leads:read"}}
		}},
		{"one", 3, func(n int) commands.Command {
			return commands.RotateAPIKey{KeyID: w.id("key", n), RotationID: w.id("rotation", n), OldUntil: w.now}
		}},
		{"one", 2, func(n int) commands.Command {
			return commands.ChangeAPIKeyNetworks{KeyID: w.id("key", n), ChangeID: w.id("networks", n), Networks: 1}
		}},
		{"one", 3, func(n int) commands.Command { return commands.RevokeAPIKey{KeyID: w.id("key", n)} }},
		{"of leads", 3, func(n int) commands.Command {
			return commands.RequestExport{ExportID: w.id("export", n), Kind: events.ExportLeads, Filter: filter}
		}},
		{"of leads", 2, func(n int) commands.Command {
			return commands.CompleteExport{ExportID: w.id("export", n), Rows: 1, Bytes: 1}
		}},
		{"of leads", 1, func(int) commands.Command { return commands.FailExport{ExportID: w.id("export", 2), Reason: "broken"} }},
		{"of leads", 1, func(int) commands.Command { return commands.DownloadExport{ExportID: w.id("export", 0)} }},
		{"of leads", 1, func(int) commands.Command { return commands.DiscardExport{ExportID: w.id("export", 0)} }},
	}
}

// largeSituations are about all that an organisation has, and come last: little is left behind them.
func (w *decisionWorld) largeSituations() []situation {
	return []situation{
		{"more of a company", 1, func(int) commands.Command {
			return commands.SetCampaignSettings{CampaignID: w.campaigns[0], CampaignSettings: w.settings(50)}
		}},
		{"with half of all people", 1, func(int) commands.Command { return commands.PauseCampaign{CampaignID: w.campaigns[0]} }},
		{"with half of all people", 1, func(int) commands.Command {
			return commands.ResumeCampaign{CampaignRef: events.CampaignRef{CampaignID: w.campaigns[0]}}
		}},
		{"with people who wait", 2, func(n int) commands.Command {
			return commands.RemoveMailbox{MailboxRef: events.MailboxRef{MailboxID: w.boxes[n*(decisionBoxes-1)]}}
		}},
		{"with thousands of people", 1, func(int) commands.Command { return commands.CompleteCampaign{CampaignID: w.campaigns[1]} }},
		{"with half of all people", 1, func(int) commands.Command { return commands.CompleteCampaign{CampaignID: w.campaigns[0]} }},
	}
}

func (w *decisionWorld) report(n int) commands.CreateReport {
	return commands.CreateReport{ReportRef: events.ReportRef{ReportID: w.id("report", n)}, ReportPlan: events.ReportPlan{Name: "Weekly", Formats: []string{events.ReportCSV},
		Query: events.ReportQuery{Metrics: []string{"sent"}, Unit: events.UnitMessage, Period: events.ReportLastWeek}, Schedule: events.ReportSchedule{Every: events.ReportWeekly, Weekday: 1}}}
}
