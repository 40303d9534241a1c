package audit_test

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/google/uuid"

	"outrider/internal/audit"
	"outrider/internal/es"
)

// imported are events of the size that an imported lead has.
func imported(n int) []*es.Event {
	org, chain := numbered(1), es.ChainHash{}
	all := make([]*es.Event, n)
	for i := range all {
		e := &es.Event{ID: numbered(i), Type: "lead.created.v1", Org: org, Oseq: int64(i) + 1, Subject: numbered(i).String(), Time: at, Actor: es.Actor{Kind: es.ActorAPIKey, ID: numbered(7).String()},
			CommandID: numbered(i), CorrelationID: numbered(i), CausationID: numbered(i), Origin: "602578140974331.xUbqyanZugZ4aqMC/vcsmAH6wRbz0rjmq8y+/XL8kftdC+nfaQ",
			Data: []byte(`{"lead_id":"` + numbered(i).String() + `","address_hash":"b6f3de9cea9127b4cc7046f08e08893b","domain_hash":"fa3a90bfcafc5a17ae3eaef0e6e42ede","free_mail":false,"profile":{"k":645215682938075,"c":"` +
				strings.Repeat("QG8v", 40) + `"},"filled":["email","first_name","company_name"],"source":"csv_upload","row":` + "1" + `}`)}
		e.Chain, _ = es.Link(chain, e, nil)
		chain = e.Chain
		all[i] = e
	}
	return all
}

func BenchmarkExport(b *testing.B) {
	all := imported(10_000)
	k, err := audit.NewKeyring()
	if err != nil {
		b.Fatal(err)
	}
	write := func(w io.Writer) {
		x, err := audit.NewWriter(w, k, numbered(1), 0, es.ChainHash{}, at)
		if err != nil {
			b.Fatal(err)
		}
		for _, e := range all {
			if err := x.Event(e); err != nil {
				b.Fatal(err)
			}
		}
		if _, err := x.Close(at); err != nil {
			b.Fatal(err)
		}
	}
	var file bytes.Buffer
	write(&file)
	per := func(b *testing.B) {
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(all)), "ns/event")
		b.ReportMetric(float64(file.Len())/float64(len(all)), "B/event")
	}
	b.Run("write", func(b *testing.B) {
		for b.Loop() {
			write(io.Discard)
		}
		per(b)
	})
	b.Run("verify", func(b *testing.B) {
		for b.Loop() {
			if _, err := audit.Verify(bytes.NewReader(file.Bytes()), k.Public(), uuid.Nil); err != nil {
				b.Fatal(err)
			}
		}
		per(b)
	})
}
