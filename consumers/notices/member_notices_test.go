package notices_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/consumers/notices"
	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/identity"
	"outrider/internal/lab/reactortest"
	"outrider/internal/linktoken"
	"outrider/internal/mail/systemmail"
	"outrider/internal/retry"
)

// desk keeps what is noted, as the store does, and who may be told.
type desk struct {
	members  []identity.NotifiedMember
	assignee uuid.UUID
	noted    []identity.NotificationMail
	claimed  map[uuid.UUID]bool
	ended    int
	now      time.Time
}

func (d *desk) MembersToNotify(_ context.Context, _, one uuid.UUID) (out []identity.NotifiedMember, _ error) {
	for _, m := range d.members {
		if one == uuid.Nil || m.Person == one {
			out = append(out, m)
		}
	}
	return out, nil
}

func (d *desk) note(_ context.Context, mails []identity.NotificationMail) error {
	for _, m := range mails {
		if !slices.ContainsFunc(d.noted, func(x identity.NotificationMail) bool { return x.Person == m.Person && x.Notice == m.Notice }) {
			d.noted = append(d.noted, m)
		}
	}
	return nil
}

func (d *desk) ClaimMails(_ context.Context, now time.Time) (out []identity.NotificationMail, _ error) {
	for _, m := range d.noted {
		if d.claimed[m.Notice] || m.DueAt.After(now) || len(out) > 0 && out[0].Person != m.Person {
			continue
		}
		d.claimed[m.Notice] = true
		out = append(out, m)
	}
	return out, nil
}

func (d *desk) EndMails(_ context.Context, claimed []identity.NotificationMail, _ time.Time) error {
	d.ended += len(claimed)
	return nil
}

func (d *desk) ReleaseMails(_ context.Context, claimed []identity.NotificationMail, due time.Time) error {
	for _, c := range claimed {
		delete(d.claimed, c.Notice)
		for i := range d.noted {
			if d.noted[i].Notice == c.Notice {
				d.noted[i].DueAt = due
			}
		}
	}
	return nil
}

func (d *desk) ForgetMails(context.Context, time.Time) error { return nil }

func (d *desk) handle(t *testing.T, e *es.Event) {
	t.Helper()
	n, err := notices.NewMemberNotices(notices.MemberConfig{Members: d.MembersToNotify, Note: d.note, Now: func() time.Time { return d.now },
		Scopes: func(_ context.Context, _ uuid.UUID, r identity.Role) ([]identity.Scope, error) {
			return r.Scopes(), nil
		},
		Assignee: func(context.Context, uuid.UUID, uuid.UUID) (uuid.UUID, error) { return d.assignee, nil },
		Zone:     func(context.Context, uuid.UUID) (*time.Location, error) { return time.FixedZone("", 3600), nil }})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := n.Reactor().Handle(t.Context(), e); err != nil {
		t.Fatal(err)
	}
}

func choices(text ...string) identity.Notifications {
	out := identity.Notifications{}
	for i := 0; i < len(text); i += 2 {
		out[text[i]] = []byte(text[i+1])
	}
	return out
}

const yes, no = `{"app": true, "mail": true}`, `{"app": true, "mail": false}`

func TestMembersAreToldOfWhatIsTheirs(t *testing.T) {
	t.Parallel()
	ann, bob, cat := uuid.New(), uuid.New(), uuid.New()
	ref := events.ThreadRef{ThreadID: uuid.New(), LeadID: uuid.New(), CampaignID: uuid.New()}
	replied := events.MessageReplied{SentMessageRef: events.SentMessageRef{LeadID: ref.LeadID, CampaignID: ref.CampaignID}, Meaning: events.MeansInterested}
	byPerson := func(who uuid.UUID) es.Actor { return es.Actor{Kind: es.ActorPerson, ID: who.String()} }
	for name, c := range map[string]struct {
		event    events.Event
		actor    es.Actor
		old      bool
		assignee uuid.UUID
		bob      identity.Notifications
		want     []uuid.UUID
		line     string
	}{
		"a note names somebody":                 {event: events.ThreadNoted{ThreadRef: ref, Mentions: []uuid.UUID{ann, bob}}, actor: byPerson(ann), want: []uuid.UUID{bob}, line: "names you"},
		"but not who wants no mail":             {event: events.ThreadNoted{ThreadRef: ref, Mentions: []uuid.UUID{bob}}, bob: choices("mentions", no)},
		"a conversation is given to somebody":   {event: events.ThreadAssigned{ThreadRef: ref, Assignee: bob}, actor: byPerson(ann), want: []uuid.UUID{bob}, line: "assigned to you"},
		"who takes it knows":                    {event: events.ThreadAssigned{ThreadRef: ref, Assignee: bob}, actor: byPerson(bob)},
		"or to nobody":                          {event: events.ThreadAssigned{ThreadRef: ref}},
		"an answer in a conversation":           {event: replied, assignee: bob, want: []uuid.UUID{bob}, line: "a conversation of yours"},
		"of nobody's, for who wants to hear":    {event: replied, bob: choices("replies", yes), want: []uuid.UUID{bob}, line: "Somebody answered."},
		"once, whatever one has chosen":         {event: replied, assignee: bob, bob: choices("replies", yes), want: []uuid.UUID{bob}, line: "a conversation of yours"},
		"a wish for no more mail is no answer":  {event: events.MessageReplied{Meaning: events.MeansUnsubscribe}, bob: choices("replies", yes)},
		"a mailbox that a rule has paused":      {event: events.MailboxPaused{Reason: "bounces"}, actor: es.Actor{Kind: "clock"}, want: []uuid.UUID{ann, bob}, line: "needs somebody: bounces"},
		"a mailbox that can't be read":          {event: events.MailboxReadingFailed{Reason: events.ReadingSignIn}, actor: es.Actor{Kind: "provider"}, want: []uuid.UUID{ann, bob}, line: "refuses the sign-in"},
		"not one that can be again":             {event: events.MailboxReadingRecovered{}, actor: es.Actor{Kind: "provider"}},
		"not one that somebody has":             {event: events.MailboxPaused{Reason: "bounces"}, actor: byPerson(ann)},
		"a limit, for who wants to hear of it":  {event: events.QuotaRefused{QuotaDetail: events.QuotaDetail{Limit: events.LimitLeads}}, bob: choices("usage", yes), want: []uuid.UUID{bob}, line: "leads a month"},
		"nothing is told of what was long past": {event: events.ThreadAssigned{ThreadRef: ref, Assignee: bob}, old: true},
	} {
		d := &desk{now: reactortest.Noon(), assignee: c.assignee, members: []identity.NotifiedMember{{Person: ann, Role: identity.RoleOwner}, {Person: bob, Role: identity.RoleMember, Choices: c.bob}, {Person: cat, Role: "gone"}}}
		e := reactortest.Fact(t, uuid.New(), c.event)
		e.Actor, e.Time = c.actor, d.now.Add(-time.Minute)
		if c.old {
			e.Time = d.now.AddDate(0, 0, -2)
		}
		d.handle(t, e)
		d.handle(t, e) // again, as after a crash
		var told []uuid.UUID
		for _, m := range d.noted {
			told = append(told, m.Person)
			if !strings.Contains(m.Line, c.line) || m.DueAt != d.now {
				t.Errorf("%s: %q at %s", name, m.Line, m.DueAt)
			}
		}
		if !slices.Equal(told, c.want) {
			t.Errorf("%s: told are %v, want %v", name, told, c.want)
		}
	}
}

func TestMailsOnceADayComeAtEight(t *testing.T) {
	t.Parallel()
	bob := uuid.New()
	d := &desk{now: reactortest.Noon(), members: []identity.NotifiedMember{{Person: bob, Role: identity.RoleMember, Choices: choices("when", `"daily"`)}}}
	e := reactortest.Fact(t, uuid.New(), events.ThreadAssigned{ThreadRef: events.ThreadRef{ThreadID: uuid.New()}, Assignee: bob})
	e.Time = d.now
	d.handle(t, e)
	if want := time.Date(2026, 3, 3, 7, 0, 0, 0, time.UTC); len(d.noted) != 1 || !d.noted[0].DueAt.Equal(want) {
		t.Errorf("noted is %+v, want it due at %s", d.noted, want)
	}
}

// postman fails as often as it is told to, and dies when it is told so.
type postman struct {
	sent []systemmail.Message
	fail []error
	die  context.CancelFunc
}

func (p *postman) Deliver(_ context.Context, m systemmail.Message, _ string) error {
	if p.die != nil {
		p.sent = append(p.sent, m)
		p.die()
		panic("the process ends here")
	}
	if len(p.fail) > 0 {
		err := p.fail[0]
		p.fail = p.fail[1:]
		return err
	}
	p.sent = append(p.sent, m)
	return nil
}

func TestMailsOfNotificationsLeaveOnce(t *testing.T) {
	t.Parallel()
	org, bob := uuid.New(), uuid.New()
	signer, err := linktoken.NewSigner(linktoken.SigningKey{ID: 1, Secret: make([]byte, 32)})
	if err != nil {
		t.Fatal(err)
	}
	post := &postman{}
	d := &desk{now: reactortest.Noon(), claimed: map[uuid.UUID]bool{}, members: []identity.NotifiedMember{{Person: bob, Email: "bob@example.com", Role: identity.RoleMember}}}
	mails, err := notices.NewMemberMails(notices.MailsConfig{Store: d, Mailer: post, Links: linktoken.Links{Signer: signer, Base: "https://outrider.test"}, Now: func() time.Time { return d.now }, Log: slog.New(slog.DiscardHandler),
		Organization: func(context.Context, uuid.UUID) (string, string, error) { return "Acme", "acme", nil }})
	if err != nil {
		t.Fatal(err)
	}
	note := func(kind, line string) {
		d.noted = append(d.noted, identity.NotificationMail{Org: org, Person: bob, Notice: uuid.New(), Kind: kind, Line: line, Path: "/inbox/all/x", DueAt: d.now})
	}
	send := func() {
		t.Helper()
		if err := mails.SendDue(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	note(identity.NotifyMentions, "A note names you.")
	note(identity.NotifyMentions, "A note names you.")
	note(identity.NotifyStopped, "A mailbox was paused.")
	note(identity.NotifyReplies, "Somebody answered.") // which they don't want by mail any more
	send()
	send()
	if len(post.sent) != 1 || post.sent[0].Subject != "Acme: 2 notifications" || !strings.Contains(post.sent[0].Text, "names you. (2 times)\nhttps://outrider.test/o/acme/inbox/all/x") || strings.Contains(post.sent[0].Text, "answered") {
		t.Fatalf("sent was %+v", post.sent)
	}
	if !strings.HasPrefix(post.sent[0].UnsubscribeURL, "https://outrider.test/n/") || d.ended != 4 {
		t.Errorf("it ends by %q; %d are over", post.sent[0].UnsubscribeURL, d.ended)
	}

	note(identity.NotifyMentions, "Another.")
	post.fail = []error{errors.New("later"), retry.Stop(errors.New("refused"))}
	send() // it waits
	if len(d.claimed) != 4 {
		t.Fatal("what didn't leave isn't given back")
	}
	d.now = d.now.Add(time.Hour)
	send() // it is refused for good
	send()
	if len(post.sent) != 1 || d.ended != 5 {
		t.Errorf("%d were sent, %d are over", len(post.sent), d.ended)
	}

	note(identity.NotifyMentions, "The last one.")
	ctx, die := context.WithCancel(t.Context())
	post.die = die
	func() {
		defer func() { _ = recover() }()
		_ = mails.SendDue(ctx)
	}()
	post.die = nil
	d.now = d.now.Add(time.Hour)
	send() // the next process
	if len(post.sent) != 2 {
		t.Errorf("%d were sent: the one that had left came again", len(post.sent))
	}
}
