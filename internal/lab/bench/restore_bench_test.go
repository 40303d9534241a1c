package bench

import (
	"bufio"
	"bytes"
	"testing"

	"outrider/commands"
	"outrider/internal/es"
	"outrider/internal/es/snapshot/graph"
)

// BenchmarkRestore makes the state of 200,000 events of a history again.
func BenchmarkRestore(b *testing.B) {
	f := es.NewFold(commands.Domain())
	n := int64(0)
	for r := range newHistory(0, 1, 200_000) {
		r.Offset = n
		n++
		if _, _, err := f.See(r); err != nil {
			b.Fatal(err)
		}
	}
	plan, err := graph.New(es.Sample(commands.Domain()))
	if err != nil {
		b.Fatal(err)
	}
	var out bytes.Buffer
	save := func(b *testing.B) {
		out.Reset()
		to := bufio.NewWriter(&out)
		if err := f.Save(to, plan, 0); err != nil {
			b.Fatal(err)
		}
		_ = to.Flush()
	}
	save(b)
	b.Run("save", func(b *testing.B) {
		for b.Loop() {
			save(b)
		}
	})
	b.Run("restore", func(b *testing.B) {
		b.ReportMetric(float64(out.Len()), "snapshot_bytes")
		for b.Loop() {
			if _, _, err := es.Restore(commands.Domain(), bufio.NewReaderSize(bytes.NewReader(out.Bytes()), 64<<10), plan); err != nil {
				b.Fatal(err)
			}
		}
	})
}
