package bench

import (
	"encoding/hex"
	"fmt"
	"runtime"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kgo"

	"outrider/aggregates"
	"outrider/commands"
	"outrider/events"
	"outrider/internal/es"
)

// Sizes are bytes on the heap of what an owner keeps in memory, each over many of them.
type Sizes struct {
	Number          int     `json:"number"` // of each
	Lead            float64 `json:"lead_bytes"`
	Enrollment      float64 `json:"enrollment_bytes"`
	RememberedID    float64 `json:"command_id_bytes"`         // an acceptance
	RememberedFault float64 `json:"refused_command_id_bytes"` // a refusal with its detail
}

// MeasureState makes n of each kind, by events that went through their stored bytes as in a replay.
func MeasureState(n int) (Sizes, error) {
	s := Sizes{Number: n}
	org := es.DeriveID(es.SystemOrg, "bench state")
	began := time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
	o := aggregates.NewOrganization(org)
	apply := func(f events.Event) error {
		data, err := es.Marshal(f)
		if err != nil {
			return fmt.Errorf("measure state: %w", err)
		}
		e, err := events.Decode(f.EventType(), data)
		if err != nil {
			return fmt.Errorf("measure state: %w", err)
		}
		o.Apply(e)
		return nil
	}
	campaign := es.DeriveID(org, "campaign")
	if err := apply(events.OrganizationCreated{OrganizationRef: events.OrganizationRef{OrganizationID: org}, Limits: commands.Plans()["enterprise"], BillingAnchor: began}); err != nil {
		return s, err
	}
	ids := make([]uuid.UUID, n)
	before := heapBytes()
	for i := range ids {
		ids[i] = es.DeriveID(org, "lead", strconv.Itoa(i))
		address := hex.EncodeToString(ids[i][:])
		if err := apply(events.LeadCreated{LeadRef: events.LeadRef{LeadID: ids[i]}, AddressHash: address, DomainHash: address, Profile: events.Sealed{K: 1, C: make([]byte, sealedBytes)}, Filled: []string{"email"}, Source: events.SourceAPI}); err != nil {
			return s, err
		}
	}
	s.Lead = bytesEach(before, n)
	if err := apply(events.CampaignCreated{CampaignRef: events.CampaignRef{CampaignID: campaign}, Steps: []events.Step{}}); err != nil {
		return s, err
	}
	before = heapBytes()
	for _, id := range ids {
		if err := apply(events.EnrollmentStarted{EnrollmentRef: events.EnrollmentRef{EnrollmentID: commands.EnrollmentID(campaign, id), LeadID: id, CampaignID: campaign}, Counted: true, PeriodFrom: began}); err != nil {
			return s, err
		}
	}
	s.Enrollment = bytesEach(before, n)
	runtime.KeepAlive(o)
	var err error
	if s.RememberedID, err = rememberedIDs(org, n, func(int) es.Payload {
		return events.OrganizationUpdated{OrganizationRef: events.OrganizationRef{OrganizationID: org}}
	}); err != nil {
		return s, err
	}
	s.RememberedFault, err = rememberedIDs(org, n, func(i int) es.Payload {
		return es.CommandRefused{Code: "already_exists", Detail: []byte(`{"id":"` + ids[i].String() + `"}`), Command: "lead.create.v1", Subject: ids[i].String()}
	})
	return s, err
}

// rememberedIDs folds n commands of one event each, and gives what each leaves.
func rememberedIDs(org uuid.UUID, n int, fact func(int) es.Payload) (float64, error) {
	f := es.NewFold(commands.Domain())
	at := time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
	see := func(r *kgo.Record, offset int) error {
		r.Offset = int64(offset)
		_, _, err := f.See(r)
		return err
	}
	if err := see(es.FenceRecord(0, 1, org, at), 0); err != nil {
		return 0, err
	}
	before := heapBytes()
	var chain es.ChainHash
	for i := range n {
		p := fact(i)
		data, err := es.Marshal(p)
		if err != nil {
			return 0, fmt.Errorf("measure state: %w", err)
		}
		id := es.DeriveID(org, "command", strconv.Itoa(i))
		e := &es.Event{ID: es.DeriveID(id, "0"), Type: p.EventType(), Org: org, Subject: p.AggregateID(), Time: at, Actor: es.Actor{Kind: es.ActorAPIKey, ID: "k"}, CommandID: id, CommandOffset: int64(i),
			Epoch: 1, Pseq: int64(i + 1), Oseq: int64(i + 1), Last: true, Data: data}
		e.Chain, _ = es.Link(chain, e, nil)
		chain = e.Chain
		if err := see(es.EventRecord(0, e), i+1); err != nil {
			return 0, err
		}
	}
	size := bytesEach(before, n)
	runtime.KeepAlive(f)
	return size, nil
}

func bytesEach(before int64, n int) float64 { return float64(heapBytes()-before) / float64(n) }

func heapBytes() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
