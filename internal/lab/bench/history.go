package bench

import (
	"context"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kgo"
	"golang.org/x/sync/errgroup"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/kafka"
)

const (
	chunkRows   = 500 // leads that an import's chunk creates
	sealedBytes = 330 // of a profile of about 300 bytes
)

// WriteHistory fills an empty log with n events, such as an owner would have written, in equal shares a partition: four
// organisations each, whose imports (about half of the events), edits, enrollments and refusals follow one another.
// The same n gives the same events. Everything counts and every chain holds.
func WriteHistory(ctx context.Context, log kafka.Log, n int) error {
	g, ctx := errgroup.WithContext(ctx)
	for p := range log.Partitions {
		share := n / int(log.Partitions)
		if int(p) < n%int(log.Partitions) {
			share++
		}
		g.Go(func() error { return writePartition(ctx, log, p, share) })
	}
	return g.Wait()
}

func writePartition(ctx context.Context, log kafka.Log, p int32, n int) error {
	cl, err := log.Open(kgo.RequiredAcks(kgo.AllISRAcks()), kgo.MaxBufferedRecords(20_000), kgo.ProducerBatchCompression(kgo.NoCompression()), kgo.ProducerBatchMaxBytes(900<<10), kgo.ProducerLinger(5*time.Millisecond))
	if err != nil {
		return err
	}
	defer cl.Close()
	failed := make(chan error, 1)
	put := func(r *kgo.Record) {
		r.Topic = log.Events()
		cl.Produce(ctx, r, func(_ *kgo.Record, err error) {
			if err != nil {
				select {
				case failed <- err:
				default:
				}
			}
		})
	}
	for r := range newHistory(p, log.Partitions, n) {
		if put(r); ctx.Err() != nil {
			break
		}
	}
	if err := cl.Flush(ctx); err != nil {
		return fmt.Errorf("write a history: %w", err)
	}
	select {
	case err := <-failed:
		return fmt.Errorf("write a history: %w", err)
	default:
		return nil
	}
}

// writer is the owner of a partition that never was.
type writer struct {
	partition int32
	left      int
	yield     func(*kgo.Record) bool
	ended     bool
	pseq      int64
	commands  int64
	at        time.Time
	chance    *rand.Rand
	scratch   []byte
}

// tenant is an organisation of a history.
type tenant struct {
	id       uuid.UUID
	oseq     int64
	chain    es.ChainHash
	campaign uuid.UUID
	imports  int
	leads    []uuid.UUID // not edited or enrolled yet
}

// organizationID is one of a history.
func organizationID(i int) uuid.UUID { return es.DeriveID(es.SystemOrg, "bench", strconv.Itoa(i)) }

// newHistory yields the records of a partition, a fence first.
func newHistory(partition, partitions int32, n int) func(func(*kgo.Record) bool) {
	return func(yield func(*kgo.Record) bool) {
		w := &writer{partition: partition, left: n, yield: yield, at: time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC), chance: rand.New(rand.NewPCG(1, uint64(partition)))} // must repeat
		if !yield(es.FenceRecord(partition, 1, es.DeriveID(es.SystemOrg, "bench fence", strconv.Itoa(int(partition))), w.at)) {
			return
		}
		var tenants []*tenant
		for i := 0; len(tenants) < 4; i++ {
			id := organizationID(i)
			if es.PartitionOf(id, partitions) == partition {
				t := &tenant{id: id, campaign: es.DeriveID(id, "campaign")}
				tenants = append(tenants, t)
				w.appendCommand(t, events.OrganizationCreated{OrganizationRef: events.OrganizationRef{OrganizationID: id}, Slug: "bench-" + strconv.Itoa(i), Name: "Bench", Plan: "enterprise", Limits: commands.Plans()["enterprise"], TimeZone: "Europe/Berlin", BillingAnchor: w.at})
				w.appendCommand(t, events.CampaignCreated{CampaignRef: events.CampaignRef{CampaignID: t.campaign}, Name: "Spring", CampaignType: events.ColdOutreach, CreatedBy: "person:1", Approval: events.ApproveFirst, Steps: []events.Step{}})
			}
		}
		for i := 0; w.left > 0 && !w.ended; i++ {
			w.writeMonth(tenants[i%len(tenants)])
		}
	}
}

// writeMonth is one round of an organisation's life: a chunk of an import, then each of its leads enrolled, some edited, some
// refused.
func (w *writer) writeMonth(t *tenant) {
	t.imports++
	upload := es.DeriveID(t.id, "import", strconv.Itoa(t.imports))
	w.appendCommand(t, events.ImportRequested{ImportRef: events.ImportRef{ImportID: upload}, FileName: "leads.csv", Bytes: 100_000, Blob: "imports/" + upload.String(), Mapping: map[string]string{"Email": "email"},
		OnDuplicate: events.DuplicateSkip, Source: events.SourceCSVUpload})
	rows := make([]es.Payload, 0, chunkRows+1)
	for i := range min(chunkRows, max(w.left-2, 1)) {
		rows = append(rows, w.writeLead(t, upload, i+2))
	}
	w.appendCommand(t, append(rows, events.ImportChunkRecorded{ImportRef: events.ImportRef{ImportID: upload}, Chunk: 1, FirstRow: 2, Rows: len(rows), Created: len(rows)})...)
	for i, lead := range t.leads {
		w.appendCommand(t, events.EnrollmentStarted{EnrollmentRef: events.EnrollmentRef{EnrollmentID: commands.EnrollmentID(t.campaign, lead), LeadID: lead, CampaignID: t.campaign}, Counted: true, PeriodFrom: w.at})
		switch i % 5 {
		case 0:
			zone := "Europe/Paris"
			w.appendCommand(t, events.LeadUpdated{LeadRef: events.LeadRef{LeadID: lead}, Profile: w.sealRandom(), Filled: []string{"phone", "city"}, TimeZone: &zone})
		case 1:
			w.appendCommand(t, es.CommandRefused{Code: "already_exists", Detail: []byte(`{"id":"` + lead.String() + `"}`), Command: "lead.create.v1", Subject: lead.String()})
		}
	}
	t.leads = t.leads[:0]
}

func (w *writer) writeLead(t *tenant, upload uuid.UUID, row int) events.LeadCreated {
	var b [48]byte
	w.randomBytes(b[:])
	id := uuid.UUID(b[:16])
	id[6], id[8] = id[6]&0x0f|0x80, id[8]&0x3f|0x80
	t.leads = append(t.leads, id)
	return events.LeadCreated{LeadRef: events.LeadRef{LeadID: id}, AddressHash: hex.EncodeToString(b[16:32]), DomainHash: hex.EncodeToString(b[32:]), Profile: w.sealRandom(),
		Filled: []string{"email", "first_name", "last_name", "company_name", "job_title", "linkedin_url", "city", "country"}, TimeZone: "Europe/Berlin",
		Source: events.SourceCSVUpload, ImportID: upload, Row: row}
}

func (w *writer) sealRandom() events.Sealed {
	c := make([]byte, sealedBytes)
	w.randomBytes(c)
	return events.Sealed{K: w.chance.Int64N(1 << 52), C: c}
}

func (w *writer) randomBytes(b []byte) {
	for i := 0; i < len(b); i += 8 {
		v := w.chance.Uint64()
		for k := i; k < min(i+8, len(b)); k++ {
			b[k] = byte(v)
			v >>= 8
		}
	}
}

// appendCommand writes the facts of one command, or none when they are more than what is left.
func (w *writer) appendCommand(t *tenant, facts ...es.Payload) {
	if len(facts) > w.left {
		facts = facts[:w.left]
	}
	w.commands++
	w.at = w.at.Add(7 * time.Millisecond)
	id := es.DeriveID(t.id, "command", strconv.FormatInt(w.commands, 10))
	for i, f := range facts {
		data, err := es.Marshal(f)
		if err != nil {
			panic(err) // they are made here
		}
		w.pseq++
		t.oseq++
		e := &es.Event{ID: es.DeriveID(id, strconv.Itoa(i)), Type: f.EventType(), Org: t.id, Subject: f.AggregateID(), Time: w.at, Actor: es.Actor{Kind: es.ActorAPIKey, ID: "0197e3a2-7d3c-7aaa-8bbb-0123456789ab"},
			CommandID: id, CommandOffset: w.commands, CorrelationID: id, CausationID: id, Epoch: 1, Pseq: w.pseq, Oseq: t.oseq, Last: i == len(facts)-1, Data: data, Partition: w.partition}
		e.Chain, w.scratch = es.Link(t.chain, e, w.scratch)
		t.chain = e.Chain
		if w.left--; !w.ended && !w.yield(es.EventRecord(w.partition, e)) {
			w.ended = true
		}
	}
}
