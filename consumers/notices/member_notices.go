package notices

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"outrider/consumers/reaction"
	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/es/react"
	"outrider/internal/identity"
	"outrider/projections"
)

// MemberConfig is what notices to members need.
type MemberConfig struct {
	Members func(ctx context.Context, org, one uuid.UUID) ([]identity.NotifiedMember, error) // one = uuid.Nil: all
	Scopes  func(ctx context.Context, org uuid.UUID, role identity.Role) ([]identity.Scope, error)
	Note    func(ctx context.Context, mails []identity.NotificationMail) error
	Await   reaction.Await
	// Assignee returns who looks after a conversation; uuid.Nil = nobody.
	Assignee func(ctx context.Context, org, thread uuid.UUID) (uuid.UUID, error)
	// Zone returns that of an organisation.
	Zone func(ctx context.Context, org uuid.UUID) (*time.Location, error)
	Now  func() time.Time
	// Silent says that this installation sends no mail.
	Silent bool
}

// MemberNotices notes what members are to be told of by mail, as they have chosen. MemberMails sends it.
type MemberNotices struct{ MemberConfig }

// NewMemberNotices makes the reactor.
func NewMemberNotices(c MemberConfig) (*MemberNotices, error) {
	return &MemberNotices{c}, reaction.Required{"members": c.Members != nil, "scopes": c.Scopes != nil, "note": c.Note != nil, "assignee": c.Assignee != nil, "zone": c.Zone != nil, "now": c.Now != nil}.Check("notices to members")
}

// staleAfter is how old an event may be that somebody is told of: a reactor that begins anew tells nothing of last month.
const staleAfter = 24 * time.Hour

// digestHour is when mails come that come once a day, in the organisation's zone.
const digestHour = 8

// Reactor returns how it is run.
func (n *MemberNotices) Reactor() react.Reactor {
	return react.Reactor{Name: "member_notices", Wants: reaction.WantEvents(events.MessageReplied{}, events.ThreadAssigned{}, events.ThreadNoted{}, events.MessageInDoubt{}, events.ResponseInDoubt{}, events.MailboxPaused{}, events.MailboxReadingFailed{},
		events.CampaignPaused{}, events.CampaignLaunchRequested{}, events.MeetingBooked{}, events.MeetingRescheduled{}, events.MeetingCancelled{}, events.ImportCompleted{}, events.ImportFailed{}, events.QuotaRefused{}), Handle: n.handleEvent}
}

// notice is what is told of an event.
type notice struct {
	kind  string
	line  string
	path  string
	needs identity.Scope // who lacks it isn't told
	to    []uuid.UUID    // only these; nil = all
	once  string         // what makes it the same as another; "" = the event
}

func (n *MemberNotices) handleEvent(ctx context.Context, e *es.Event) ([]*es.Command, error) {
	p, err := reaction.DecodeEvent(e)
	if err != nil || n.Silent || n.Now().Sub(e.Time) > staleAfter {
		return nil, err
	}
	list, err := n.noticesOf(ctx, e, p)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	members, err := n.Members(ctx, e.Org, uuid.Nil)
	if err != nil {
		return nil, err
	}
	var mails []identity.NotificationMail
	told := map[uuid.UUID]bool{}
	for _, x := range list {
		for _, m := range members {
			wants, err := n.wants(ctx, e, x, m)
			if err != nil {
				return nil, err
			}
			if !wants || told[m.Person] {
				continue
			}
			told[m.Person] = true
			due, err := n.dueAt(ctx, e.Org, m)
			if err != nil {
				return nil, err
			}
			id := e.ID
			if x.once != "" {
				id = es.DeriveID(e.Org, "notice", x.once)
			}
			mails = append(mails, identity.NotificationMail{Org: e.Org, Person: m.Person, Notice: id, Kind: x.kind, Line: x.line, Path: x.path, At: e.Time, DueAt: due})
		}
	}
	if len(mails) == 0 {
		return nil, nil
	}
	return nil, n.Note(ctx, mails)
}

// wants reports whether a member is told: who did it isn't, nor who may not see it.
func (n *MemberNotices) wants(ctx context.Context, e *es.Event, x notice, m identity.NotifiedMember) (bool, error) {
	if x.to != nil && !slices.Contains(x.to, m.Person) || !m.Choices.ByMail(x.kind) || e.Actor.Kind == es.ActorPerson && e.Actor.ID == m.Person.String() {
		return false, nil
	}
	scopes, err := n.Scopes(ctx, e.Org, m.Role)
	if err != nil {
		return false, err
	}
	return slices.Contains(scopes, x.needs), nil
}

// dueAt is now, or when the next day's mail comes.
func (n *MemberNotices) dueAt(ctx context.Context, org uuid.UUID, m identity.NotifiedMember) (time.Time, error) {
	now := n.Now()
	if !m.Choices.Daily() {
		return now, nil
	}
	zone, err := n.Zone(ctx, org)
	if err != nil {
		return now, err
	}
	local := now.In(zone)
	at := time.Date(local.Year(), local.Month(), local.Day(), digestHour, 0, 0, 0, zone)
	if !at.After(now) {
		at = time.Date(local.Year(), local.Month(), local.Day()+1, digestHour, 0, 0, 0, zone)
	}
	return at, nil
}

// noticesOf returns what is told of an event, to whom it matters most first. It says nothing of who a lead is.
func (n *MemberNotices) noticesOf(ctx context.Context, e *es.Event, p events.Event) ([]notice, error) {
	one := func(kind, line, path string, needs identity.Scope) ([]notice, error) {
		return []notice{{kind: kind, line: line, path: path, needs: needs}}, nil
	}
	switch p := p.(type) {
	case events.MessageReplied:
		return n.answered(ctx, e, p)
	case events.ThreadAssigned:
		if p.Assignee == uuid.Nil {
			return nil, nil
		}
		return []notice{{kind: identity.NotifyAssigned, line: "A conversation was assigned to you.", path: conversation(p.ThreadID), needs: identity.MessagesRead, to: []uuid.UUID{p.Assignee}}}, nil
	case events.ThreadNoted:
		if len(p.Mentions) == 0 {
			return nil, nil
		}
		return []notice{{kind: identity.NotifyMentions, line: "A note in a conversation names you.", path: conversation(p.ThreadID), needs: identity.MessagesRead, to: p.Mentions}}, nil
	case events.MessageInDoubt, events.ResponseInDoubt:
		return one(identity.NotifyInDoubt, "Nobody knows whether a message left: somebody must look.", "/inbox/doubt", identity.MessagesRead)
	case events.MailboxPaused:
		if e.Actor.Kind == es.ActorPerson {
			return nil, nil
		}
		return one(identity.NotifyStopped, "A mailbox was paused by a rule, and needs somebody: "+p.Reason+".", "/mailboxes/"+p.MailboxID.String(), identity.MailboxesRead)
	case events.MailboxReadingFailed:
		return one(identity.NotifyStopped, "A mailbox can't be read, so nothing is sent from it: "+projections.ReadingFailureInWords(p.Reason)+".", "/mailboxes/"+p.MailboxID.String(), identity.MailboxesRead)
	case events.CampaignPaused:
		if e.Actor.Kind == es.ActorPerson {
			return nil, nil
		}
		return one(identity.NotifyStopped, "A campaign was paused by a rule: "+p.Reason+".", "/campaigns/"+p.CampaignID.String(), identity.CampaignsRead)
	case events.CampaignLaunchRequested:
		return one(identity.NotifyLaunches, "Somebody asks you to launch a campaign.", "/campaigns/"+p.CampaignID.String()+"/launch", identity.CampaignsSend)
	case events.MeetingBooked:
		return one(identity.NotifyMeetings, "A meeting was booked.", "/meetings", identity.LeadsRead)
	case events.MeetingRescheduled:
		return one(identity.NotifyMeetings, "A meeting was moved.", "/meetings", identity.LeadsRead)
	case events.MeetingCancelled:
		return one(identity.NotifyMeetings, "A meeting was cancelled.", "/meetings", identity.LeadsRead)
	case events.ImportCompleted:
		return one(identity.NotifyImports, "A file was imported.", "/imports/"+p.ImportID.String(), identity.LeadsRead)
	case events.ImportFailed:
		return one(identity.NotifyImports, "An import failed.", "/imports/"+p.ImportID.String(), identity.LeadsRead)
	case events.QuotaRefused: // once a day each
		return []notice{{kind: identity.NotifyUsage, line: "A limit of your plan is reached (" + limitName(p.Limit) + "): something was refused.", path: "/settings/usage", needs: identity.OrganizationRead,
			once: "quota " + p.Limit + e.Time.UTC().Format(time.DateOnly)}}, nil
	}
	return nil, nil
}

// answered tells who looks after a conversation, and who wants to hear of all answers.
func (n *MemberNotices) answered(ctx context.Context, e *es.Event, p events.MessageReplied) ([]notice, error) {
	if p.Meaning == events.MeansUnsubscribe {
		return nil, nil
	}
	thread := events.ThreadID(e.Org, p.LeadID, p.CampaignID)
	if err := n.Await.For(ctx, e, "inbox"); err != nil {
		return nil, err
	}
	whose, err := n.Assignee(ctx, e.Org, thread)
	if err != nil {
		return nil, err
	}
	all := notice{kind: identity.NotifyReplies, line: "Somebody answered.", path: conversation(thread), needs: identity.MessagesRead}
	if whose == uuid.Nil {
		return []notice{all}, nil
	}
	return []notice{{kind: identity.NotifyAssigned, line: "Somebody answered in a conversation of yours.", path: all.path, needs: all.needs, to: []uuid.UUID{whose}}, all}, nil
}

func conversation(thread uuid.UUID) string { return "/inbox/all/" + thread.String() }
