package commands_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/es/estest"
)

func TestEngagement(t *testing.T) {
	t.Parallel()
	at := estest.At
	sent := running(asked(ann, 0), sentAt(ann, 0, at.AddDate(0, 0, -1)))
	with := func(before facts, more ...events.Event) facts {
		return append(before[:len(before):len(before)], more...)
	}
	hit := func(link *int, class string) commands.Hit {
		return commands.Hit{SentMessageRef: about(ann), HitID: other, Link: link, Class: class, At: at}
	}
	hits := func(h ...commands.Hit) commands.RecordHits { return commands.RecordHits{Hits: h} }
	opened := events.MessageOpened{SentMessageRef: about(ann), HitID: other, Class: "proxy", At: at}
	clicked := events.MessageClicked{SentMessageRef: about(ann), HitID: other, Link: 0, Class: "human", At: at}
	reply := func(from string) commands.RecordReply {
		return commands.RecordReply{SentMessageRef: about(ann), From: from}
	}
	replied := func(from string) events.MessageReplied {
		return events.MessageReplied{SentMessageRef: about(ann), From: from}
	}
	auto := func(ooo bool, date string) commands.RecordAutoReply {
		return commands.RecordAutoReply{SentMessageRef: about(ann), OutOfOffice: ooo, ReturnDate: date}
	}
	autoReplied := func(ooo bool, date string) events.MessageAutoReplied {
		return events.MessageAutoReplied{SentMessageRef: about(ann), OutOfOffice: ooo, ReturnDate: date}
	}
	forGood := func(why string) commands.RecordAutoReply {
		return commands.RecordAutoReply{SentMessageRef: about(ann), ForGood: why}
	}
	goneForGood := func(why string) events.MessageAutoReplied { return events.MessageAutoReplied(forGood(why)) }
	until := func(t time.Time) events.EnrollmentPaused {
		return events.EnrollmentPaused{EnrollmentRef: in(ann), Reason: "out_of_office", Until: t}
	}
	bounce := func(enhanced string) commands.RecordBounce {
		return commands.RecordBounce{SentMessageRef: about(ann), SMTPReply: events.SMTPReply{Code: 550, Enhanced: enhanced}, ReportedAt: at}
	}
	saying := func(text string) commands.RecordBounce {
		c := bounce("")
		c.Text = text
		return c
	}
	bounced := func(kind, enhanced string) events.MessageBounced {
		return events.MessageBounced{SentMessageRef: about(ann), Kind: kind, Code: 550, Enhanced: enhanced, ReportedAt: at}
	}
	quoting := func(e events.MessageBounced, text string) events.MessageBounced {
		e.Detail = text
		return e
	}
	weekOld := bounced("block", "5.7.1")
	weekOld.ReportedAt = at.AddDate(0, 0, -7)
	lowered := facts{bounced("block", "5.7.1"), events.MailboxHealthChanged{MailboxRef: events.MailboxRef{MailboxID: boxID(0)}, Health: 90, Reason: "blocked"}}
	blockedBox, resumedBox := events.MailboxPaused{MailboxRef: events.MailboxRef{MailboxID: boxID(0)}, Reason: "blocked"}, events.MailboxResumed{MailboxRef: events.MailboxRef{MailboxID: boxID(0)}}
	complaint := commands.RecordComplaint{SentMessageRef: about(ann), Kind: "abuse", ReportedAt: at}
	complained := events.MessageComplained(complaint)
	leave := func(how string) commands.Unsubscribe {
		return commands.Unsubscribe{SentMessageRef: about(ann), How: how, At: at}
	}
	left := func(how string) events.LeadUnsubscribed { return events.LeadUnsubscribed(leave(how)) }
	company := func() facts {
		s := campaignSettings()
		s.StopOnCompany = true
		return with(sent, events.CampaignSettingsChanged{CampaignRef: events.CampaignRef{CampaignID: campaign}, CampaignSettings: s})
	}()
	kit().Run(t, map[string]estest.Case{
		"opens and clicks are recorded":                    {Given: sent, When: hits(hit(nil, "proxy"), hit(ptr(0), "human")), Then: facts{opened, clicked}, Again: estest.OnceMore()},
		"a hit on what was sent long ago is recorded":      {Given: given(), When: hits(hit(nil, "proxy")), Then: facts{opened}, Again: estest.OnceMore()},
		"a hit is of a class":                              {Given: sent, When: hits(hit(nil, "cat")), Refused: "invalid"},
		"a link has a number":                              {Given: sent, When: hits(hit(ptr(-1), "human")), Refused: "invalid"},
		"a hit is on a message":                            {Given: sent, When: hits(commands.Hit{Class: "human"}), Refused: "invalid"},
		"there is a hit":                                   {Given: sent, When: hits(), Refused: "invalid"},
		"a hit is reclassified":                            {Given: sent, When: commands.ReclassifyHits{Hits: []commands.HitClass{{SentMessageRef: about(ann), HitID: other, Class: "scanner", Reason: "several links"}}}, Then: facts{events.HitReclassified{SentMessageRef: about(ann), HitID: other, Class: "scanner", Reason: "several links"}}, Again: estest.OnceMore()},
		"it is reclassified as a class":                    {Given: sent, When: commands.ReclassifyHits{Hits: []commands.HitClass{{SentMessageRef: about(ann)}}}, Refused: "invalid"},
		"some are reclassified":                            {Given: sent, When: commands.ReclassifyHits{}, Refused: "invalid"},
		"a reply stops the sequence":                       {Given: sent, When: reply("lead"), Then: facts{replied("lead"), stoppedAs(ann, "replied", 1, msgID(ann, 0))}, Again: estest.OnceMore()},
		"an alias is the same person":                      {Given: sent, When: reply("alias"), Then: facts{replied("alias"), stoppedAs(ann, "replied", 1, msgID(ann, 0))}, Again: estest.OnceMore()},
		"a colleague's reply stops nobody unless told":     {Given: sent, When: reply("company"), Then: facts{replied("company")}, Again: estest.OnceMore()},
		"a reply stops the company where that is set":      {Given: company, When: reply("lead"), Then: facts{replied("lead"), stoppedAs(ann, "replied", 1, msgID(ann, 0)), stoppedAs(bob, "same_company", 0, msgID(ann, 0))}, Again: estest.OnceMore()},
		"a reply cancels what has a slot":                  {Given: slotted(), When: reply("lead"), Then: facts{replied("lead"), cancelled(ann, "replied"), stoppedAs(ann, "replied", 0, msgID(ann, 0))}, Again: estest.OnceMore()},
		"a reply can't call back what is claimed":          {Given: away(), When: reply("lead"), Then: facts{replied("lead"), stoppedAs(ann, "replied", 0, msgID(ann, 0))}, Again: estest.OnceMore()},
		"a reply at the end is recorded":                   {Given: with(sent, stoppedAs(ann, "manual", 1, uuid.Nil)), When: reply("lead"), Then: facts{replied("lead")}, Again: estest.OnceMore()},
		"a reply is from somebody":                         {Given: sent, When: reply("dog"), Refused: "invalid"},
		"a reply means what it means":                      {Given: with(sent, stoppedAs(ann, "manual", 1, uuid.Nil)), When: commands.RecordReply{SentMessageRef: about(ann), From: "lead", Meaning: "not_now"}, Then: facts{events.MessageReplied{SentMessageRef: about(ann), From: "lead", Meaning: "not_now"}}, Again: estest.OnceMore()},
		"a reply means nothing else":                       {Given: sent, When: commands.RecordReply{SentMessageRef: about(ann), From: "lead", Meaning: "perhaps"}, Refused: "invalid"},
		"a reply is to a message":                          {Given: sent, When: commands.RecordReply{From: "lead"}, Refused: "invalid"},
		"out of office pauses to a business day behind":    {Given: sent, When: auto(true, "2026-04-10"), Then: facts{autoReplied(true, "2026-04-10"), until(time.Date(2026, 4, 13, 7, 0, 0, 0, time.UTC))}, Again: estest.OnceMore()},
		"an absence shortens no pause made by hand":        {Given: with(sent, events.EnrollmentPaused{EnrollmentRef: in(ann), Reason: "manual"}), When: auto(true, "2026-04-10"), Then: facts{autoReplied(true, "2026-04-10")}, Again: estest.OnceMore()},
		"nor a longer one":                                 {Given: with(sent, until(at.AddDate(0, 1, 0))), When: auto(true, "2026-04-10"), Then: facts{autoReplied(true, "2026-04-10")}, Again: estest.OnceMore()},
		"without a date it pauses for two weeks":           {Given: sent, When: auto(true, ""), Then: facts{autoReplied(true, ""), until(at.AddDate(0, 0, 14))}, Again: estest.OnceMore()},
		"a date that is over pauses nothing":               {Given: sent, When: auto(true, "2026-03-20"), Then: facts{autoReplied(true, "2026-03-20")}, Again: estest.OnceMore()},
		"another automatic answer changes nothing":         {Given: sent, When: auto(false, ""), Then: facts{autoReplied(false, "")}, Again: estest.OnceMore()},
		"who isn't there any more is stopped":              {Given: sent, When: forGood("left_company"), Then: facts{goneForGood("left_company"), stoppedAs(ann, "left_company", 1, msgID(ann, 0))}, Again: estest.OnceMore()},
		"where nobody reads the mailbox, too":              {Given: sent, When: forGood("not_monitored"), Then: facts{goneForGood("not_monitored"), stoppedAs(ann, "not_monitored", 1, msgID(ann, 0))}, Again: estest.OnceMore()},
		"for good is for a reason":                         {Given: sent, When: forGood("bored"), Refused: "invalid"},
		"a return is a date":                               {Given: sent, When: auto(true, "Monday"), Refused: "invalid"},
		"an automatic answer is to a message":              {Given: sent, When: commands.RecordAutoReply{}, Refused: "invalid"},
		"an absence that is over resumes":                  {Given: with(sent, until(at.Add(time.Hour))), At: at.Add(time.Hour), When: commands.ResumeEnrollments{CampaignID: campaign, LeadIDs: []uuid.UUID{leadID(ann)}}, Then: facts{events.EnrollmentResumed{EnrollmentRef: in(ann), Reason: "manual"}}, Again: estest.NothingToDo()},
		"a bounce suppresses and stops":                    {Given: sent, When: bounce("5.1.1"), Then: facts{bounced("hard", "5.1.1"), suppressedAs(ann, "bounce"), stoppedAs(ann, "bounced", 1, msgID(ann, 0))}, Again: estest.OnceMore()},
		"the words of a report count":                      {Given: sent, When: saying("Service unavailable; client host blocked using a block list"), Then: facts{quoting(bounced("block", ""), "Service unavailable; client host blocked using a block list"), events.MailboxHealthChanged{MailboxRef: events.MailboxRef{MailboxID: boxID(0)}, Health: 90, Reason: "blocked"}}, Again: estest.OnceMore()},
		"so they do for the address":                       {Given: sent, When: saying("no mailbox by that name"), Then: facts{quoting(bounced("hard", ""), "no mailbox by that name"), suppressedAs(ann, "bounce"), stoppedAs(ann, "bounced", 1, msgID(ann, 0))}, Again: estest.OnceMore()},
		"a disabled mailbox too":                           {Given: sent, When: bounce("5.2.1"), Then: facts{bounced("hard", "5.2.1"), suppressedAs(ann, "bounce"), stoppedAs(ann, "bounced", 1, msgID(ann, 0))}, Again: estest.OnceMore()},
		"a full mailbox stops nothing":                     {Given: sent, When: bounce("5.2.2"), Then: facts{bounced("soft", "5.2.2")}, Again: estest.OnceMore()},
		"a report that gave up for now stops nothing":      {Given: sent, When: bounce("4.4.7"), Then: facts{bounced("soft", "4.4.7")}, Again: estest.OnceMore()},
		"a report about our address stops nothing":         {Given: sent, When: bounce("5.1.8"), Then: facts{bounced("other", "5.1.8")}, Again: estest.OnceMore()},
		"a report that says nothing stops nothing":         {Given: sent, When: bounce("5.0.0"), Then: facts{bounced("other", "5.0.0")}, Again: estest.OnceMore()},
		"a large receiver's policy suppresses nobody":      {Given: sent, When: bounce("5.7.30"), Then: facts{bounced("block", "5.7.30"), events.MailboxHealthChanged{MailboxRef: events.MailboxRef{MailboxID: boxID(0)}, Health: 90, Reason: "blocked"}}, Again: estest.OnceMore()},
		"a bounce for our reputation lowers the health":    {Given: sent, When: bounce("5.7.1"), Then: facts{bounced("block", "5.7.1"), events.MailboxHealthChanged{MailboxRef: events.MailboxRef{MailboxID: boxID(0)}, Health: 90, Reason: "blocked"}}, Again: estest.OnceMore()},
		"the fifth pauses the mailbox":                     {Given: with(sent, bounced("block", "5.7.1"), bounced("block", "5.7.1"), bounced("block", "5.7.1"), bounced("block", "5.7.1")), When: bounce("5.7.1"), Then: facts{bounced("block", "5.7.1"), events.MailboxHealthChanged{MailboxRef: events.MailboxRef{MailboxID: boxID(0)}, Health: 90, Reason: "blocked"}, events.MailboxPaused{MailboxRef: events.MailboxRef{MailboxID: boxID(0)}, Reason: "blocked", Count: 5, Sent: 1}}, Again: estest.OnceMore()},
		"what was reported seven days ago counts no more":  {Given: with(sent, weekOld, weekOld, weekOld, weekOld), When: bounce("5.7.1"), Then: lowered, Again: estest.OnceMore()},
		"nor does what was reported before it was resumed": {Given: with(sent, bounced("block", "5.7.1"), bounced("block", "5.7.1"), bounced("block", "5.7.1"), bounced("block", "5.7.1"), blockedBox, resumedBox), When: bounce("5.7.1"), Then: lowered, Again: estest.OnceMore()},
		"a bounce is of a message":                         {Given: sent, When: commands.RecordBounce{ReportedAt: at}, Refused: "invalid"},
		"a bounce has a time":                              {Given: sent, When: commands.RecordBounce{SentMessageRef: about(ann)}, Refused: "invalid"},
		"a complaint suppresses and stops":                 {Given: sent, When: complaint, Then: facts{complained, suppressedAs(ann, "complaint"), stoppedAs(ann, "complained", 1, msgID(ann, 0))}, Again: estest.OnceMore()},
		"a complaint outweighs what somebody suppressed":   {Given: with(sent, suppressedAs(ann, "manual")), When: complaint, Then: facts{complained, suppressedAs(ann, "complaint"), stoppedAs(ann, "complained", 1, msgID(ann, 0))}, Again: estest.OnceMore()},
		"a complaint is of a kind":                         {Given: sent, When: commands.RecordComplaint{SentMessageRef: about(ann), ReportedAt: at}, Refused: "invalid"},
		"a complaint has a time":                           {Given: sent, When: commands.RecordComplaint{SentMessageRef: about(ann), Kind: "abuse"}, Refused: "invalid"},
		"a complaint is about a message":                   {Given: sent, When: commands.RecordComplaint{Kind: "abuse"}, Refused: "invalid"},
		"who unsubscribes is suppressed and stopped":       {Given: sent, When: leave("one_click"), Then: facts{left("one_click"), suppressedAs(ann, "unsubscribe"), stoppedAs(ann, "unsubscribed", 1, msgID(ann, 0))}, Again: estest.NothingToDo()},
		"what has a slot is cancelled with it":             {Given: slotted(), When: leave("page"), Then: facts{left("page"), suppressedAs(ann, "unsubscribe"), cancelled(ann, "unsubscribed"), stoppedAs(ann, "unsubscribed", 0, msgID(ann, 0))}, Again: estest.NothingToDo()},
		"who was removed can still unsubscribe":            {Given: with(sent, stoppedAs(ann, "lead_removed", 1, uuid.Nil), events.LeadRemoved{LeadRef: events.LeadRef{LeadID: leadID(ann)}, Reason: "deleted"}), When: leave("reply"), Then: facts{left("reply"), suppressedAs(ann, "unsubscribe")}, Again: estest.NothingToDo()},
		"nobody knows them":                                {Given: given(), When: leave("mailto"), Refused: "not_found"},
		"one unsubscribes in a way":                        {Given: sent, When: leave("shouting"), Refused: "invalid"},
		"one unsubscribes from a message":                  {Given: sent, When: commands.Unsubscribe{How: "page"}, Refused: "invalid"},
		"a suppressed domain stops everybody there":        {Given: sent, When: commands.AddSuppressions{Items: []commands.SuppressionItem{{Kind: "domain", Hash: h("acme.test"), Reason: "manual"}}}, Then: facts{events.SuppressionAdded{SuppressionRef: events.SuppressionRef{SuppressionID: suppressionOf("domain", "acme.test")}, Kind: "domain", Hash: h("acme.test"), Reason: "manual"}, stoppedAs(ann, "suppressed", 1, uuid.Nil), stoppedAs(bob, "suppressed", 0, uuid.Nil)}, Again: estest.NothingToDo()},
		"a removed lead's sequence ends":                   {Given: slotted(), When: commands.RemoveLead{LeadID: leadID(ann)}, Then: facts{cancelled(ann, "lead_removed"), stoppedAs(ann, "lead_removed", 0, uuid.Nil), events.LeadRemoved{LeadRef: events.LeadRef{LeadID: leadID(ann)}, Reason: "deleted"}}, Again: estest.RefusedAs("not_found")},
	})
}

// TestRatesPauseWhatBouncesTooMuch sends 200 and lets them bounce one by one.
func TestRatesPauseWhatBouncesTooMuch(t *testing.T) {
	t.Parallel()
	w := newWorld(t, time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC))
	pace := events.MailboxPace{CapPerDay: 1000}
	settings := campaignSettings()
	settings.KeepOpen = true
	w.setUp(1, 200, pace, sequence(0), func(int) string { return "" }, &settings)
	w.until(w.now.Add(6 * time.Hour))
	if len(w.sent) != 200 {
		t.Fatalf("%d sent", len(w.sent))
	}
	paused := map[string]int{}
	for i, s := range w.sent[:40] {
		about := events.SentMessageRef{MessageID: s.MessageID, LeadID: s.LeadID, CampaignID: s.CampaignID, MailboxID: s.MailboxID}
		w.must(commands.RecordBounce{SentMessageRef: about, SMTPReply: events.SMTPReply{Code: 550, Enhanced: "5.1.1"}, ReportedAt: w.now})
		for _, kind := range []string{"mailbox.paused.v1", "campaign.paused.v1"} {
			if w.count[kind] > 0 && paused[kind] == 0 {
				paused[kind] = i + 1
			}
		}
	}
	// The lower ends of the Wilson intervals of 8 and 17 out of 200 are 2.04 % and 5.38 %, of one fewer 1.71 % and 4.98 %.
	if paused["mailbox.paused.v1"] != 8 || paused["campaign.paused.v1"] != 17 {
		t.Errorf("paused at %v", paused)
	}
}
