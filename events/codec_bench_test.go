package events

import (
	"encoding/json"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kgo"

	"outrider/internal/es"
)

// codec is a candidate for stored data; docs/performance/codec.md has the figures.
type codec struct {
	name string
	enc  func(any) ([]byte, error)
	dec  func([]byte, any) error
}

func codecs() []codec {
	return []codec{{"stored", es.Marshal, es.Unmarshal}, {"encoding-json", json.Marshal, json.Unmarshal}}
}

func lead(i int) LeadCreated {
	c := make([]byte, 420)
	chance := rand.NewPCG(1, uint64(i))
	for at := range c {
		c[at] = byte(chance.Uint64())
	}
	return LeadCreated{LeadRef: LeadRef{LeadID: es.DeriveID(uuid.Nil, strconv.Itoa(i))}, AddressHash: "0123456789abcdef0123456789abcdef", DomainHash: "0123456789abcdef0123456789abcdef",
		Profile: Sealed{1_234_567, c}, Filled: []string{"email", "first_name", "last_name", "company_name", "job_title", "own.0123456789"},
		TimeZone: "Europe/Berlin", Source: "csv_upload", ImportID: es.NewID(), Row: i}
}

func chunkEvent() ImportChunkRecorded {
	var rows Rows
	e := ImportChunkRecorded{ImportRef: ImportRef{ImportID: es.NewID()}, Chunk: 12, FirstRow: 6002, Rows: 500, Created: 460, Duplicates: 30, Rejected: 10}
	for i := range 40 {
		rows = rows.With(6002 + i*12)
	}
	e.Refused = []RefusedRows{{"duplicate_in_file", rows}}
	return e
}

func mixed(i int) Event {
	id := es.DeriveID(uuid.Nil, strconv.Itoa(i))
	switch i % 10 {
	case 0, 1, 2, 3:
		return lead(i)
	case 4, 5, 6:
		return EnrollmentStarted{EnrollmentRef: EnrollmentRef{EnrollmentID: id, LeadID: id, CampaignID: id}, Counted: true, PeriodFrom: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)}
	case 7:
		z := "Europe/Paris"
		return LeadUpdated{LeadRef: LeadRef{LeadID: id}, Profile: lead(i).Profile, Filled: []string{"phone"}, TimeZone: &z}
	case 8:
		return SuppressionAdded{SuppressionRef: SuppressionRef{SuppressionID: id}, Kind: "address", Hash: "0123456789abcdef0123456789abcdef", Reason: "bounce"}
	}
	if i%100 == 9 {
		return chunkEvent()
	}
	return es.CommandRefused{Code: "already_exists", Detail: json.RawMessage(`{"id":"01990000-0000-7000-8000-000000000001"}`), Command: "lead.create.v1", Subject: id.String()}
}

func fresh(e Event) any {
	switch e.(type) {
	case LeadCreated:
		return new(LeadCreated)
	case EnrollmentStarted:
		return new(EnrollmentStarted)
	case LeadUpdated:
		return new(LeadUpdated)
	case SuppressionAdded:
		return new(SuppressionAdded)
	case ImportChunkRecorded:
		return new(ImportChunkRecorded)
	}
	return new(es.CommandRefused)
}

func BenchmarkCodec(b *testing.B) {
	for _, c := range codecs() {
		for _, e := range []Event{lead(1), chunkEvent()} {
			data, err := c.enc(e)
			if err != nil {
				b.Fatal(err)
			}
			b.Run(c.name+"/encode/"+e.EventType(), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if _, err := c.enc(e); err != nil {
						b.Fatal(err)
					}
				}
			})
			b.Run(c.name+"/decode/"+e.EventType(), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if err := c.dec(data, fresh(e)); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// BenchmarkReplay parses headers, decodes and checks the chain of 100,000 mixed events.
func BenchmarkReplay(b *testing.B) {
	const n = 100_000
	records := make([]*kgo.Record, n)
	kinds := make([]Event, n)
	var chain es.ChainHash
	var scratch []byte
	for i := range records {
		p := mixed(i)
		kinds[i] = p
		data, _ := json.Marshal(p)
		e := &es.Event{ID: es.NewID(), Type: p.EventType(), Org: es.SystemOrg, Subject: p.AggregateID(), Time: time.Now().UTC().Truncate(time.Microsecond), Actor: es.Actor{Kind: "api_key", ID: "01990000-0000-7000-8000-000000000001"},
			CommandID: es.NewID(), CommandOffset: int64(i), CorrelationID: es.NewID(), CausationID: es.NewID(), Epoch: 3, Pseq: int64(i + 1), Oseq: int64(i + 1), Last: true, Data: data}
		e.Chain, scratch = es.Link(chain, e, scratch)
		chain = e.Chain
		records[i] = es.EventRecord(0, e)
	}
	none := codec{"none", nil, func([]byte, any) error { return nil }}
	for _, c := range append([]codec{none}, codecs()...) {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				var chain es.ChainHash
				for i, r := range records {
					entry, err := es.ParseLog(r)
					if err != nil {
						b.Fatal(err)
					}
					if err := c.dec(entry.Event.Data, fresh(kinds[i])); err != nil {
						b.Fatal(err)
					}
					chain, scratch = es.Link(chain, entry.Event, scratch)
					if chain != entry.Event.Chain {
						b.Fatal("chain")
					}
				}
			}
			b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "events/s")
		})
	}
}
