package commands_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/es/estest"
)

func TestTestSend(t *testing.T) {
	t.Parallel()
	at, somebody := estest.At, uuid.MustParse("01990000-0000-7000-8000-00000000e001")
	ref := events.TestSendRef{TestSendID: uuid.MustParse("01990000-0000-7000-8000-00000000e002")}
	joined := events.MemberJoined{MemberRef: events.MemberRef{PersonID: somebody}, Role: "member", AddressHash: h("max@ours.test"), Profile: sealed}
	request := commands.RequestTestSend{TestSendRef: ref, CampaignID: campaign, MailboxID: boxID(0), MemberID: somebody, AddressHash: h("max@ours.test"), DomainHash: h("ours.test"), LeadID: leadID(ann), Subject: "Hi", Body: "Hello", By: "user:x"}
	but := func(change func(*commands.RequestTestSend)) commands.RequestTestSend {
		x := request
		change(&x)
		return x
	}
	asked := events.TestSendRequested{TestSendRef: ref, CampaignID: campaign, MailboxID: boxID(0), MemberID: somebody, AddressHash: h("max@ours.test"), LeadID: leadID(ann), Subject: "Hi", Body: "Hello", By: "user:x", RequestedAt: at}
	toItself := asked
	toItself.MemberID, toItself.AddressHash = uuid.Nil, h("box0")
	claim := commands.ClaimTestSend{TestSendRef: ref, DomainHash: h("ours.test")}
	claimed := events.TestSendClaimed{TestSendRef: ref, ClaimedAt: at, LeaseUntil: at.Add(30 * time.Second)}
	finish := func(outcome string, s events.SMTPReply) commands.FinishTestSend {
		return commands.FinishTestSend{TestSendRef: ref, Outcome: outcome, SMTPReply: s, At: at}
	}
	taken := events.SMTPReply{Stage: "data", Code: 250}
	finished := func(outcome string, s events.SMTPReply) events.TestSendFinished {
		return events.TestSendFinished{TestSendRef: ref, Outcome: outcome, SMTPReply: s, At: at}
	}
	kept := events.SuppressionAdded{SuppressionRef: events.SuppressionRef{SuppressionID: suppressionOf("address", "max@ours.test")}, Kind: "address", Hash: h("max@ours.test"), Reason: "manual"}
	domain := events.SuppressionAdded{SuppressionRef: events.SuppressionRef{SuppressionID: suppressionOf("domain", "ours.test")}, Kind: "domain", Hash: h("ours.test"), Reason: "manual"}
	paused := events.MailboxPaused{MailboxRef: events.MailboxRef{MailboxID: boxID(0)}, Reason: "manual"}
	many := func(n int, at time.Time) (out []events.Event) {
		out = append(out, joined)
		for i := range n {
			x := asked
			x.TestSendID, x.RequestedAt = es.DeriveID(somebody, strings.Repeat("x", i+1)), at
			out = append(out, x, events.TestSendFinished{TestSendRef: x.TestSendRef, Outcome: "sent", At: at})
		}
		return out
	}
	limit := map[string]int{"limit": commands.MaxTestSends}
	kit().Run(t, map[string]estest.Case{
		"a member gets a test":              {Given: running(joined), When: request, Then: facts{asked}, Again: estest.RefusedAs("already_exists")},
		"or the mailbox itself":             {Given: running(), When: but(func(c *commands.RequestTestSend) { c.MemberID, c.AddressHash = uuid.Nil, h("box0") }), Then: facts{toItself}, Again: estest.RefusedAs("already_exists")},
		"nobody else":                       {Given: running(joined), When: but(func(c *commands.RequestTestSend) { c.MemberID, c.AddressHash = uuid.Nil, h(ann) }), Refused: "invalid"},
		"who was removed is no member":      {Given: running(), When: request, Refused: "not_found"},
		"not who wants nothing":             {Given: running(joined, kept), When: request, Refused: "suppressed"},
		"nor whose domain does":             {Given: running(joined, domain), When: request, Refused: "suppressed"},
		"nor from a mailbox that is paused": {Given: running(joined, paused), When: request, Refused: "wrong_status"},
		"nor from an unknown one":           {Given: running(joined), When: but(func(c *commands.RequestTestSend) { c.MailboxID = other }), Refused: "not_found"},
		"nor of an unknown campaign":        {Given: running(joined), When: but(func(c *commands.RequestTestSend) { c.CampaignID = other }), Refused: "not_found"},
		"nor with an unknown person":        {Given: running(joined), When: but(func(c *commands.RequestTestSend) { c.LeadID = other }), Refused: "not_found"},
		"an example person will do":         {Given: running(joined), When: but(func(c *commands.RequestTestSend) { c.LeadID = uuid.Nil }), Then: facts{func() events.TestSendRequested { x := asked; x.LeadID = uuid.Nil; return x }()}, Again: estest.RefusedAs("already_exists")},
		"it has an id":                      {Given: running(joined), When: but(func(c *commands.RequestTestSend) { c.TestSendID = uuid.Nil }), Refused: "invalid"},
		"and a text":                        {Given: running(joined), When: but(func(c *commands.RequestTestSend) { c.Body = " " }), Refused: "invalid"},
		"and a subject":                     {Given: running(joined), When: but(func(c *commands.RequestTestSend) { c.Subject = "" }), Refused: "invalid"},
		"its address is known by its hash":  {Given: running(joined), When: but(func(c *commands.RequestTestSend) { c.AddressHash = "max" }), Refused: "invalid"},
		"as is the domain":                  {Given: running(joined), When: but(func(c *commands.RequestTestSend) { c.DomainHash = "" }), Refused: "invalid"},
		"fifty a day are enough":            {Given: running(many(commands.MaxTestSends, at.Add(-23*time.Hour))...), When: request, Refused: "test_limit", Detail: limit},
		"the day after there are more":      {Given: running(many(commands.MaxTestSends, at.Add(-24*time.Hour))...), When: request, Then: facts{asked}, Again: estest.RefusedAs("already_exists")},
		"it is claimed once":                {Given: running(joined, asked), When: claim, Then: facts{claimed}, Again: estest.RefusedAs("claimed")},
		"what is unknown isn't":             {Given: running(joined), When: claim, Refused: "not_found"},
		"nor without its domain":            {Given: running(joined, asked), When: commands.ClaimTestSend{TestSendRef: ref}, Refused: "invalid"},
		"suppressed meanwhile it is over":   {Given: running(joined, asked, kept), When: claim, Then: facts{finished("refused", events.SMTPReply{Text: "nothing may be sent to this address"})}, Again: estest.RefusedAs("not_found")},
		"or paused":                         {Given: running(joined, asked, paused), When: claim, Then: facts{finished("refused", events.SMTPReply{Text: "the mailbox is suspended"})}, Again: estest.RefusedAs("not_found")},
		"its result is recorded":            {Given: running(joined, asked, claimed), When: finish("sent", taken), Then: facts{finished("sent", taken)}, Again: estest.NothingToDo()},
		"a doubt too":                       {Given: running(joined, asked, claimed), When: finish("in_doubt", events.SMTPReply{}), Then: facts{finished("in_doubt", events.SMTPReply{})}, Again: estest.NothingToDo()},
		"nothing else is one":               {Given: running(joined, asked, claimed), When: finish("lost", taken), Refused: "invalid"},
		"at some time":                      {Given: running(joined, asked, claimed), When: commands.FinishTestSend{TestSendRef: ref, Outcome: "sent"}, Refused: "invalid"},
		"of what is over nothing":           {Given: running(joined, asked, claimed, finished("sent", taken)), When: finish("refused", taken), Noop: true},
	})
}
