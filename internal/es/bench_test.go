package es

import (
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kgo"

	"outrider/internal/es/commandkey"
)

// The bench's fact is about 250 bytes of JSON, as a lead's is.
type leadNoted struct {
	Lead    string            `json:"lead"`
	Source  string            `json:"source"`
	Company string            `json:"company"`
	Title   string            `json:"title"`
	Hash    string            `json:"address_hash"`
	Fields  map[string]string `json:"fields,omitempty"`
	Tags    []string          `json:"tags"`
	Score   int64             `json:"score"`
	Time    time.Time         `json:"time"`
}

func (leadNoted) EventType() string     { return "lead.noted.v1" }
func (e leadNoted) AggregateID() string { return e.Lead }

type leadState struct{ n int }

func (s *leadState) Decide(c *Command) ([]Payload, error) {
	return []Payload{leadNoted{Lead: c.ID.String(), Source: "csv_upload", Company: "Example and Sons Limited", Title: "Head of Operations",
		Hash: "b3e0c442a98fc1c149afbf4c8996fb92427ae41e", Tags: []string{"spring", "emea"}, Score: 42, Time: c.Time}}, nil
}
func (s *leadState) Apply(*Event)   { s.n++ }
func (s *leadState) Due() time.Time { return time.Time{} }

var leadDomain = Domain{ // never changed
	New: func(uuid.UUID) State { return &leadState{} },
	Decode: func(t string, data []byte) (Payload, error) {
		var e leadNoted
		if t != e.EventType() {
			return nil, fmt.Errorf("unknown event type %s", t)
		}
		err := Unmarshal(data, &e)
		return e, err
	},
}

// leadNow is later than all that is asked.
func leadNow() time.Time { return modelTime.Add(time.Hour) }

// leadLog is a log of n commands of one event each, and the commands.
func leadLog(tb testing.TB, n int) (log, commands []*kgo.Record) {
	tb.Helper()
	for i := range n {
		r := CommandRecord(0, &Command{ID: DeriveID(SystemOrg, fmt.Sprint(i)), Type: "lead.note.v1", Org: modelOrg(byte(i % 50)), Time: modelTime.Add(time.Duration(i) * time.Millisecond),
			Actor: Actor{ActorAPIKey, "0197e3a2-7d3c-7aaa-8bbb-0123456789ab"}, CorrelationID: SystemOrg, CausationID: SystemOrg,
			TraceParent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", Data: []byte(strings.Repeat(" ", 200))})
		r.Offset = int64(i)
		commands = append(commands, r)
	}
	o := NewOwner(OwnerConfig{Partitions: 1, Domain: leadDomain, Now: leadNow, Nonce: uuid.New}, NewFold(leadDomain))
	put := func(s Step) {
		for _, r := range s.Append {
			r.Offset = int64(len(log))
			log = append(log, r)
			o.Log(r)
		}
	}
	put(o.Begin(0, 0))
	for _, r := range commands {
		put(o.Command(r))
	}
	if why, _ := o.Over(); why != "" {
		tb.Fatal(why)
	}
	return log, commands
}

func BenchmarkOwnerCommand(b *testing.B) {
	_, commands := leadLog(b, 20_000)
	benchOwner(b, commands, nil)
}

// BenchmarkOwnerCommandWithMAC is the same with commands that were signed, and are checked.
func BenchmarkOwnerCommandWithMAC(b *testing.B) {
	_, commands := leadLog(b, 20_000)
	keys, err := commandkey.Open(func() ([]commandkey.Key, error) {
		return []commandkey.Key{{ID: "00000000", Secret: make([]byte, 32)}}, nil
	})
	if err != nil {
		b.Fatal(err)
	}
	for _, r := range commands {
		keys.SignCommand(r)
	}
	benchOwner(b, commands, keys.CheckCommand)
}

func benchOwner(b *testing.B, commands []*kgo.Record, authentic func(*kgo.Record) error) {
	b.Helper()
	b.ReportAllocs()
	b.ResetTimer()
	defer reportCPU(b)()
	n := 0
	for n < b.N {
		o := NewOwner(OwnerConfig{Partitions: 1, Domain: leadDomain, Now: leadNow, Nonce: uuid.New, Authentic: authentic}, NewFold(leadDomain))
		o.Log(o.Begin(0, 0).Append[0])
		at := int64(1)
		for _, r := range commands {
			for _, e := range o.Command(r).Append {
				e.Offset = at
				at++
				o.Log(e)
			}
			if n++; n >= b.N {
				break
			}
		}
	}
}

func BenchmarkParseLog(b *testing.B) {
	log, _ := leadLog(b, 1)
	b.ReportAllocs()
	for range b.N {
		if _, err := ParseLog(log[1]); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParseCommand(b *testing.B) {
	_, commands := leadLog(b, 1)
	b.ReportAllocs()
	for range b.N {
		if _, err := ParseCommand(commands[0]); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEventRecord(b *testing.B) {
	log, _ := leadLog(b, 1)
	e, _ := ParseLog(log[1])
	b.ReportAllocs()
	for range b.N {
		EventRecord(0, e.Event)
	}
}

func BenchmarkLink(b *testing.B) {
	log, _ := leadLog(b, 1)
	e, _ := ParseLog(log[1])
	var buf []byte
	b.ReportAllocs()
	for range b.N {
		_, buf = Link(ChainHash{}, e.Event, buf)
	}
}

func BenchmarkDecode(b *testing.B) {
	log, _ := leadLog(b, 1)
	b.ReportAllocs()
	b.SetBytes(int64(len(log[1].Value)))
	for range b.N {
		if _, err := leadDomain.Decode("lead.noted.v1", log[1].Value); err != nil {
			b.Fatal(err)
		}
	}
}

// reportCPU tells what was really spent, garbage collection included, on a machine that others use too.
func reportCPU(b *testing.B) func() {
	used := func() time.Duration {
		var u syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
			b.Fatal(err)
		}
		return time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	from := used()
	return func() {
		spent := used() - from
		b.ReportMetric(float64(spent.Nanoseconds())/float64(b.N), "cpu-ns/op")
		b.ReportMetric(float64(b.N)/spent.Seconds(), "op/cpu-s")
	}
}

// Fold replays with decoding; Replay also checks every link of the chain.
func BenchmarkFold(b *testing.B)   { benchmarkFold(b, false) }
func BenchmarkReplay(b *testing.B) { benchmarkFold(b, true) }

func benchmarkFold(b *testing.B, chain bool) {
	log, _ := leadLog(b, 50_000)
	b.ReportAllocs()
	b.ResetTimer()
	defer reportCPU(b)()
	var buf []byte
	for n := 0; n < b.N; {
		f := NewFold(leadDomain)
		links := map[uuid.UUID]ChainHash{}
		for _, r := range log {
			v, e, err := f.See(r)
			if err != nil {
				b.Fatal(err)
			}
			if chain && v == Counted {
				var h ChainHash
				if h, buf = Link(links[e.Event.Org], e.Event, buf); h != e.Event.Chain {
					b.Fatal("the chain is broken")
				}
				links[e.Event.Org] = h
			}
			if n++; n >= b.N {
				break
			}
		}
	}
}
