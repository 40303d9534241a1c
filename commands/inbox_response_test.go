package commands_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/es/estest"
)

func TestResponse(t *testing.T) {
	t.Parallel()
	at, id := estest.At, uuid.MustParse("01990000-0000-7000-8000-00000000dddd")
	thread := threadOf(ann)
	ref := events.ResponseRef{ResponseID: id, ThreadRef: thread}
	write := commands.WriteResponse{ResponseID: id, ThreadID: thread.ThreadID, MailboxID: boxID(0), To: sealed, AddressHash: h(ann), DomainHash: h(domainOf(ann)), Subject: sealed, Body: sealed, UndoSeconds: 10}
	but := func(change func(*commands.WriteResponse)) commands.WriteResponse {
		x := write
		change(&x)
		return x
	}
	written := events.ResponseWritten{ResponseRef: ref, MailboxID: boxID(0), To: sealed, AddressHash: h(ann), DomainHash: h(domainOf(ann)), Subject: sealed, Body: sealed, SendAt: at.Add(10 * time.Second)}
	then := written.SendAt
	due := events.ResponseDue{ResponseRef: ref, MailboxID: boxID(0), At: then}
	claim := commands.ClaimResponse{ResponseID: id}
	claimed := events.ResponseClaimed{ResponseRef: ref, MailboxID: boxID(0), ClaimedAt: then, LeaseUntil: then.Add(30 * time.Second)}
	doubt := events.ResponseInDoubt{ResponseRef: ref, MailboxID: boxID(0), ClaimedAt: then}
	sent := events.ResponseSent{ResponseRef: ref, MailboxID: boxID(0), AddressHash: h(ann), AcceptedAt: then}
	result := func(sent bool, reply events.SMTPReply) commands.RecordResponseResult {
		return commands.RecordResponseResult{ResponseID: id, Sent: sent, At: then, SMTPReply: reply}
	}
	deferred := func(tries int, reply events.SMTPReply) events.ResponseDeferred {
		wait := 15 * time.Minute
		for range min(tries-1, 3) {
			wait *= 4
		}
		return events.ResponseDeferred{ResponseRef: ref, MailboxID: boxID(0), SMTPReply: reply, Tries: tries, DeferredAt: then, RetryAt: then.Add(wait)}
	}
	failed := func(reply events.SMTPReply, forGood bool) events.ResponseFailed {
		return events.ResponseFailed{ResponseRef: ref, MailboxID: boxID(0), SMTPReply: reply, Permanent: forGood, FailedAt: then}
	}
	cancelled := func(reason string) events.ResponseCancelled {
		return events.ResponseCancelled{ResponseRef: ref, Reason: reason}
	}
	suppressed, paused := suppressedAs(ann, "unsubscribe"), events.MailboxPaused{MailboxRef: events.MailboxRef{MailboxID: boxID(0)}, Reason: "manual"}
	domain := events.SuppressionAdded{SuppressionRef: events.SuppressionRef{SuppressionID: other}, Kind: "domain", Hash: h("elsewhere.test"), Reason: "manual"}
	busy, gone, blank := events.SMTPReply{Stage: "data", Code: 451}, events.SMTPReply{Stage: "rcpt", Code: 550, Enhanced: "5.1.1"}, events.SMTPReply{Stage: "compose", Text: "the text is blank"}
	tried := func(n int) (out []events.Event) {
		out = []events.Event{written, due, claimed}
		for i := range n {
			out = append(out, deferred(i+1, busy), due, claimed)
		}
		return out
	}
	quietly := func(more ...events.Event) facts { // nothing else is due
		return answeredBy(ann, "interested", append([]events.Event{events.CampaignPaused{CampaignRef: events.CampaignRef{CampaignID: campaign}, Reason: "manual"},
			events.MailboxWaited{MailboxRef: events.MailboxRef{MailboxID: boxID(0)}, Rule: "nobody"}}, more...)...)
	}
	resolved := func(sent bool, by string) events.ResponseResolved {
		return events.ResponseResolved{ResponseRef: ref, Sent: sent, By: by}
	}
	kit().Run(t, map[string]estest.Case{
		"an answer is answered":               {Given: quietly(), When: write, Then: facts{written}, Again: estest.RefusedAs("already_exists"), Due: &then},
		"at once where that is asked for":     {Given: answeredBy(ann, "interested"), When: but(func(c *commands.WriteResponse) { c.UndoSeconds = 0 }), Then: facts{func() events.ResponseWritten { x := written; x.SendAt = at; return x }()}, Again: estest.RefusedAs("already_exists")},
		"not when a flag has taken that away": {Given: answeredBy(ann, "interested", switchedFlag(events.FeatureInboxReplies, false)), When: write, Refused: "feature_off"},
		"not who has opted out":               {Given: answeredBy(ann, "interested", suppressed), When: write, Refused: "suppressed", Detail: map[string]string{"id": leadID(ann).String()}},
		"nor by another address of theirs":    {Given: answeredBy(ann, "interested", suppressed), When: but(func(c *commands.WriteResponse) { c.AddressHash, c.DomainHash = h("a@other.test"), h("other.test") }), Refused: "suppressed"},
		"nor an alias whose domain has": {Given: answeredBy(ann, "interested", domain), When: but(func(c *commands.WriteResponse) {
			c.AddressHash, c.DomainHash = h("a@elsewhere.test"), h("elsewhere.test")
		}), Refused: "suppressed"},
		"nor from a mailbox that is paused": {Given: answeredBy(ann, "interested", paused), When: write, Refused: "wrong_status"},
		"nor from an unknown one":           {Given: answeredBy(ann, "interested"), When: but(func(c *commands.WriteResponse) { c.MailboxID = other }), Refused: "not_found"},
		"nor who was removed":               {Given: answeredBy(ann, "interested", events.LeadRemoved{LeadRef: events.LeadRef{LeadID: leadID(ann)}}), When: write, Refused: "not_found"},
		"nor who never wrote":               {Given: running(asked(ann, 0), sentAt(ann, 0, at)), When: write, Refused: "not_found"},
		"it has a text":                     {Given: answeredBy(ann, "interested"), When: but(func(c *commands.WriteResponse) { c.Body = events.Sealed{} }), Refused: "invalid"},
		"of one kind":                       {Given: answeredBy(ann, "interested"), When: but(func(c *commands.WriteResponse) { c.BodyRef = "blob" }), Refused: "invalid"},
		"a long one lies elsewhere":         {Given: answeredBy(ann, "interested"), When: but(func(c *commands.WriteResponse) { c.Body.C = make([]byte, 49<<10) }), Refused: "invalid"},
		"it has a subject":                  {Given: answeredBy(ann, "interested"), When: but(func(c *commands.WriteResponse) { c.Subject = events.Sealed{} }), Refused: "invalid"},
		"it goes somewhere":                 {Given: answeredBy(ann, "interested"), When: but(func(c *commands.WriteResponse) { c.To = events.Sealed{} }), Refused: "invalid"},
		"which is known by its hash":        {Given: answeredBy(ann, "interested"), When: but(func(c *commands.WriteResponse) { c.AddressHash = ann }), Refused: "invalid"},
		"as is its domain":                  {Given: answeredBy(ann, "interested"), When: but(func(c *commands.WriteResponse) { c.DomainHash = "" }), Refused: "invalid"},
		"it has an id":                      {Given: answeredBy(ann, "interested"), When: but(func(c *commands.WriteResponse) { c.ResponseID = uuid.Nil }), Refused: "invalid"},
		"it can't be taken back for ever":   {Given: answeredBy(ann, "interested"), When: but(func(c *commands.WriteResponse) { c.UndoSeconds = 301 }), Refused: "invalid"},
		"nor for less than nothing":         {Given: answeredBy(ann, "interested"), When: but(func(c *commands.WriteResponse) { c.UndoSeconds = -1 }), Refused: "invalid"},
		"what is answered is done":          {Given: answeredBy(ann, "interested", written), When: commands.UpdateThread{ThreadID: thread.ThreadID, Status: "done", Unread: ptr(false)}, Noop: true},
		"what is taken back isn't":          {Given: answeredBy(ann, "interested", written, cancelled("taken_back")), When: commands.UpdateThread{ThreadID: thread.ThreadID, Status: "needs_answer"}, Noop: true},
		"nor what failed":                   {Given: answeredBy(ann, "interested", append(tried(0), failed(gone, true))...), When: commands.UpdateThread{ThreadID: thread.ThreadID, Status: "needs_answer"}, Noop: true},
		"nor what didn't leave":             {Given: answeredBy(ann, "interested", append(tried(0), doubt, resolved(false, "person"))...), When: commands.UpdateThread{ThreadID: thread.ThreadID, Status: "needs_answer"}, Noop: true},

		"a response is taken back":  {Given: answeredBy(ann, "interested", written), When: commands.CancelResponse{ResponseID: id}, Then: facts{cancelled("taken_back")}, Again: estest.RefusedAs("not_found")},
		"even when it is due":       {Given: answeredBy(ann, "interested", written, due), When: commands.CancelResponse{ResponseID: id}, Then: facts{cancelled("taken_back")}, Again: estest.RefusedAs("not_found")},
		"not when it may have left": {Given: answeredBy(ann, "interested", tried(0)...), When: commands.CancelResponse{ResponseID: id}, Refused: "claimed"},
		"nor when it has":           {Given: answeredBy(ann, "interested", append(tried(0), sent)...), When: commands.CancelResponse{ResponseID: id}, Refused: "not_found"},

		"it is due when its time has come":    {Given: quietly(written), At: then, When: commands.AdvanceClock{}, Then: facts{due}, Again: estest.NothingToDo(), Due: ptr(then.Add(2 * time.Minute))},
		"and not before":                      {Given: quietly(written), At: then.Add(-1), When: commands.AdvanceClock{}, Noop: true},
		"and again while nobody claims it":    {Given: quietly(written, due), At: then.Add(2 * time.Minute), When: commands.AdvanceClock{}, Then: facts{events.ResponseDue{ResponseRef: ref, MailboxID: boxID(0), At: then.Add(2 * time.Minute)}}, Again: estest.NothingToDo()},
		"nothing is due that may not be sent": {Given: quietly(written, status("suspended")), At: then, When: commands.AdvanceClock{}, Noop: true},

		"what is due is claimed":              {Given: answeredBy(ann, "interested", written, due), At: then, When: claim, Then: facts{claimed}, Again: estest.RefusedAs("claimed")},
		"what isn't due is not":               {Given: answeredBy(ann, "interested", written), At: then, When: claim, Refused: "not_scheduled"},
		"nor what was taken back":             {Given: answeredBy(ann, "interested", written, due, cancelled("taken_back")), At: then, When: claim, Refused: "not_found"},
		"nor what is in doubt":                {Given: answeredBy(ann, "interested", append(tried(0), doubt)...), At: then, When: claim, Refused: "claimed"},
		"who opts out meanwhile gets nothing": {Given: answeredBy(ann, "interested", written, due, suppressed), At: then, When: claim, Then: facts{cancelled("suppressed")}, Again: estest.RefusedAs("not_found")},
		"nor who is removed meanwhile":        {Given: answeredBy(ann, "interested", written, due, events.LeadRemoved{LeadRef: events.LeadRef{LeadID: leadID(ann)}}), At: then, When: claim, Then: facts{cancelled("lead_removed")}, Again: estest.RefusedAs("not_found")},
		"nor from a mailbox that was removed": {Given: answeredBy(ann, "interested", written, due, events.MailboxRemoved{MailboxRef: events.MailboxRef{MailboxID: boxID(0)}}), At: then, When: claim, Then: facts{cancelled("mailbox_removed")}, Again: estest.RefusedAs("not_found")},
		"a paused mailbox sends it later":     {Given: answeredBy(ann, "interested", written, due, paused), At: then, When: claim, Then: facts{deferred(1, events.SMTPReply{Text: "the mailbox is suspended"})}, Again: estest.RefusedAs("not_scheduled")},

		"a response is sent":                {Given: answeredBy(ann, "interested", tried(0)...), At: then, When: result(true, events.SMTPReply{}), Then: facts{sent}, Again: estest.NothingToDo()},
		"a result has a time":               {Given: answeredBy(ann, "interested", tried(0)...), When: commands.RecordResponseResult{ResponseID: id, Sent: true}, Refused: "invalid"},
		"a busy server is asked again":      {Given: answeredBy(ann, "interested", tried(0)...), When: result(false, busy), Then: facts{deferred(1, busy)}, Again: estest.NothingToDo()},
		"five times":                        {Given: answeredBy(ann, "interested", tried(4)...), When: result(false, busy), Then: facts{deferred(5, busy)}, Again: estest.NothingToDo()},
		"and then no more":                  {Given: answeredBy(ann, "interested", tried(5)...), When: result(false, busy), Then: facts{failed(busy, false)}, Again: estest.NothingToDo()},
		"who isn't there can't be answered": {Given: answeredBy(ann, "interested", tried(0)...), When: result(false, gone), Then: facts{failed(gone, true)}, Again: estest.NothingToDo()},
		"nor can what is no mail":           {Given: answeredBy(ann, "interested", tried(0)...), When: result(false, blank), Then: facts{failed(blank, true)}, Again: estest.NothingToDo()},
		"what wasn't claimed has no result": {Given: answeredBy(ann, "interested", written, due), When: result(true, events.SMTPReply{}), Noop: true},

		"a lease that is over leaves a doubt":    {Given: quietly(tried(0)...), At: claimed.LeaseUntil, When: commands.AdvanceClock{}, Then: facts{doubt}, Again: estest.OnceMore() /* the mailbox looks what it may send next */},
		"also where nothing may be sent":         {Given: quietly(append(tried(0), status("suspended"))...), At: claimed.LeaseUntil, When: commands.AdvanceClock{}, Then: facts{doubt}, Again: estest.NothingToDo()},
		"a late result ends it":                  {Given: answeredBy(ann, "interested", append(tried(0), doubt)...), When: result(true, events.SMTPReply{}), Then: facts{resolved(true, "provider"), sent}, Again: estest.NothingToDo()},
		"also one that says that it hasn't left": {Given: answeredBy(ann, "interested", append(tried(0), doubt)...), When: result(false, busy), Then: facts{resolved(false, "provider")}, Again: estest.NothingToDo()},
		"a person ends it":                       {Given: answeredBy(ann, "interested", append(tried(0), doubt)...), When: commands.ResolveResponse{ResponseID: id, Sent: true, By: "person"}, Then: facts{resolved(true, "person"), sent}, Again: estest.RefusedAs("not_found")},
		"also the other way":                     {Given: answeredBy(ann, "interested", append(tried(0), doubt)...), When: commands.ResolveResponse{ResponseID: id, By: "person"}, Then: facts{resolved(false, "person")}, Again: estest.RefusedAs("not_found")},
		"who says so is known":                   {Given: answeredBy(ann, "interested", append(tried(0), doubt)...), When: commands.ResolveResponse{ResponseID: id, By: "dream"}, Refused: "invalid"},
		"what is clear isn't ended":              {Given: answeredBy(ann, "interested", written), When: commands.ResolveResponse{ResponseID: id, By: "person"}, Refused: "not_in_doubt"},
		"nor what isn't there":                   {Given: answeredBy(ann, "interested"), When: commands.ResolveResponse{ResponseID: id, By: "person"}, Refused: "not_found"},
	})
}

// TestAResponseCountsForItsMailbox has a mailbox that may send one message in 24 hours: after a response it waits, and no cap holds the response itself.
func TestAResponseCountsForItsMailbox(t *testing.T) {
	t.Parallel()
	at := estest.At
	ref := events.ResponseRef{ResponseID: uuid.MustParse("01990000-0000-7000-8000-00000000dddd"), ThreadRef: threadOf(ann)}
	o := commands.OrganizationOf(kit().Domain.New(org))
	for _, e := range answeredBy(ann, "interested", events.ResponseWritten{ResponseRef: ref, MailboxID: boxID(0), AddressHash: h(ann), DomainHash: h(domainOf(ann)), SendAt: at}) {
		o.Apply(e)
	}
	before := o.Mailboxes.Get(boxID(0)).Rate.At(at).Sent
	o.Apply(events.ResponseInDoubt{ResponseRef: ref, MailboxID: boxID(0), ClaimedAt: at})
	o.Apply(events.ResponseResolved{ResponseRef: ref, Sent: true, By: "person"})
	o.Apply(events.ResponseSent{ResponseRef: ref, MailboxID: boxID(0), AddressHash: h(ann), AcceptedAt: at})
	if got := o.Mailboxes.Get(boxID(0)).Rate.At(at).Sent; got != before+1 {
		t.Errorf("it counts %d times", got-before)
	}
}
