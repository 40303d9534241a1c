package commands_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kgo"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/es"
)

// partition runs commands through a real owner of a log in memory. The log comes back to the owner when the test says.
type partition struct {
	t        *testing.T
	domain   es.Domain
	owner    *es.Owner
	log      []*kgo.Record // of this round
	first    int64         // offset of log[0]
	shown    int           // records of log that the owner has seen
	offset   int64
	now      time.Time
	outcomes map[uuid.UUID][]es.Answer
}

func newPartition(t *testing.T) *partition {
	t.Helper()
	p := &partition{t: t, domain: commands.Domain(), now: anchor, outcomes: map[uuid.UUID][]es.Answer{}}
	p.owner = es.NewOwner(es.OwnerConfig{Partitions: 1, Domain: p.domain, Nonce: es.NewID, Now: func() time.Time { return p.now }}, es.NewFold(p.domain))
	p.take(p.owner.Begin(0, 0))
	p.show(1)
	if !p.owner.Owns() {
		t.Fatal("the owner doesn't own its partition")
	}
	return p
}

func (p *partition) take(s es.Step) {
	for _, r := range s.Append {
		r.Offset = p.first + int64(len(p.log))
		p.log = append(p.log, r)
	}
	for _, r := range s.Replies {
		p.outcomes[r.Answer.CommandID] = append(p.outcomes[r.Answer.CommandID], r.Answer)
	}
}

// show lets the owner see at most n more records.
func (p *partition) show(n int) {
	for ; n > 0 && p.shown < len(p.log); n-- {
		p.shown++
		p.take(p.owner.Log(p.log[p.shown-1]))
	}
}

func (p *partition) send(org, id uuid.UUID, c commands.Command) {
	p.t.Helper()
	commandType, data, err := commands.Encode(c)
	if err != nil {
		p.t.Fatal(err)
	}
	r := es.CommandRecord(0, &es.Command{ID: id, Type: commandType, Org: org, Time: p.now, Actor: es.Actor{Kind: es.ActorOperator, ID: "t"}, Data: data})
	r.Offset = p.offset
	p.offset++
	p.take(p.owner.Command(r))
	if why, _ := p.owner.Over(); why != "" {
		p.t.Fatal(why)
	}
}

// rounds are 1,000, or 50 with -short.
func rounds() int {
	if testing.Short() {
		return 50
	}
	return 1000
}

const racers = 200

// TestLastPlacesOfLeads races 200 enrolls for fewer free places, some of them repeated, with the log behind by chance.
func TestLastPlacesOfLeads(t *testing.T) {
	t.Parallel()
	p := newPartition(t)
	race(t, p, func(r *rand.Rand, tenant uuid.UUID, free int) (send []commands.Command) {
		used := r.IntN(20)
		p.open(tenant, events.Limits{LeadsPerMonth: int64(used + free), Mailboxes: 1, LeadsStored: -1, ImportBytes: -1, ImportRows: -1, ImportsAtOnce: -1})
		c := commands.CreateCampaign(campaignCreated())
		p.send(tenant, es.DeriveID(tenant, "campaign"), c)
		p.send(tenant, es.DeriveID(tenant, "import"), importRequest(nil))
		var all []string
		for n := range racers + used {
			all = append(all, address(n))
		}
		p.send(tenant, es.DeriveID(tenant, "chunk", "0"), chunk(0, nil, all...))
		for n := range racers + used {
			e := commands.EnrollLeads{CampaignID: campaign, LeadIDs: []uuid.UUID{leadID(address(n))}}
			if n < used {
				p.send(tenant, es.DeriveID(tenant, "before", address(n)), e)
			} else {
				send = append(send, e)
			}
		}
		return send
	})
}

// TestLastPlacesOfMailboxes does the same for mailboxes.
func TestLastPlacesOfMailboxes(t *testing.T) {
	t.Parallel()
	p := newPartition(t)
	race(t, p, func(_ *rand.Rand, tenant uuid.UUID, free int) (send []commands.Command) {
		p.open(tenant, events.Limits{LeadsPerMonth: 1, Mailboxes: int64(free)})
		for n := range racers {
			send = append(send, commands.AddMailbox{MailboxRef: events.MailboxRef{MailboxID: leadID(address(n))}, Transport: "smtp", Address: sealed, AddressHash: h(address(n)), DomainHash: h("example.com")})
		}
		return send
	})
}

// TestLastSeats does the same for seats, which who accepts an invitation takes.
func TestLastSeats(t *testing.T) {
	t.Parallel()
	p := newPartition(t)
	race(t, p, func(_ *rand.Rand, tenant uuid.UUID, free int) (send []commands.Command) {
		p.open(tenant, events.Limits{LeadsPerMonth: 1, Mailboxes: 1, Seats: int64(free)})
		for n := range commands.MaxInvitations {
			id := es.DeriveID(tenant, "invitation", address(n))
			p.send(tenant, es.DeriveID(tenant, "invite", address(n)), commands.InviteMember{InvitationID: id, AddressHash: h(address(n)), Details: sealed, Role: events.RoleMember})
			send = append(send, commands.AcceptInvitation{InvitationID: id, PersonID: leadID(address(n)), AddressHash: h(address(n)), Profile: sealed})
		}
		return send
	})
}

func (p *partition) open(tenant uuid.UUID, l events.Limits) {
	c := createOrganization()
	c.OrganizationID, c.Limits = tenant, l
	p.send(tenant, tenant, c)
}

func race(t *testing.T, p *partition, prepare func(r *rand.Rand, tenant uuid.UUID, free int) []commands.Command) {
	t.Helper()
	for round := range rounds() {
		r := rand.New(rand.NewPCG(1, uint64(round)))
		tenant := es.DeriveID(org, "tenant", time.Duration(round).String())
		free := r.IntN(racers)
		p.first, p.log, p.shown = p.first+int64(len(p.log)), nil, 0
		todo := prepare(r, tenant, free)
		p.show(len(p.log))
		clear(p.outcomes)
		ids := make([]uuid.UUID, len(todo))
		for i := range ids {
			ids[i] = es.DeriveID(tenant, "racer", time.Duration(i).String())
		}
		order := r.Perm(2 * len(todo)) // everybody asks, and a third asks again under the same id
		for _, n := range order {
			if n >= len(todo) && n%3 != 0 {
				continue
			}
			p.now = p.now.Add(time.Duration(r.IntN(700)) * time.Millisecond)
			p.send(tenant, ids[n%len(todo)], todo[n%len(todo)])
			p.show(r.IntN(4))
		}
		p.show(len(p.log))
		won := 0
		for _, id := range ids {
			answers := p.outcomes[id]
			if len(answers) > 0 && answers[0].Outcome == es.Accepted {
				won++
			}
			for _, a := range answers {
				if a.Outcome != answers[0].Outcome || a.Pseq != answers[0].Pseq || a.Outcome == es.Refused && a.Code != commands.CodeQuotaExceeded {
					t.Fatalf("round %d: answers %+v", round, answers)
				}
			}
		}
		if won != free {
			t.Fatalf("round %d: %d won %d free places", round, won, free)
		}
		p.agree(tenant)
	}
}

// agree wants the log of the round to hold no more than one quota.refused a minute.
func (p *partition) agree(tenant uuid.UUID) {
	p.t.Helper()
	var last time.Time
	for _, r := range p.log {
		e, err := es.ParseLog(r)
		if err != nil {
			p.t.Fatal(err)
		}
		if e.Fence || e.Event.Org != tenant || e.Event.Type != (events.QuotaRefused{}).EventType() {
			continue
		}
		if !last.IsZero() && e.Event.Time.Sub(last) < time.Minute {
			p.t.Fatal("two quota.refused within a minute")
		}
		last = e.Event.Time
	}
}
