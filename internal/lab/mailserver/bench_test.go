package mailserver_test

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"outrider/internal/lab/mailserver"
)

// BenchmarkSubmission: messages of 2 KB over 8 TLS connections to the mail process, delivered to a local mailbox or to another MX, or to nothing.
func BenchmarkSubmission(b *testing.B) {
	for _, fsync := range []bool{false, true} {
		b.Run(fmt.Sprintf("local/fsync=%v", fsync), func(b *testing.B) { benchSubmission(b, mailserver.Orders{Fsync: fsync}, "bob@acme.test") })
	}
	b.Run("sink", func(b *testing.B) { benchSubmission(b, mailserver.Orders{Sink: true}, "bob@example.com") })
	l := listen(b)
	other := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return picky{}, nil }))
	go func() { _ = other.Serve(l) }()
	defer other.Close()
	b.Run("relayed", func(b *testing.B) {
		benchSubmission(b, mailserver.Orders{Exchangers: map[string]string{"*": l.Addr().String()}}, "bob@example.com")
	})
	b.Run("relayed/no Sent", func(b *testing.B) {
		benchSubmission(b, mailserver.Orders{NoSent: true, Exchangers: map[string]string{"*": l.Addr().String()}}, "bob@example.com")
	})
}

func benchSubmission(b *testing.B, o mailserver.Orders, to string) {
	o.Dir, o.AdminToken = b.TempDir(), "t"
	p, err := mailserver.Start(b.Context(), o, mailserver.Ports{}, os.Stderr)
	if err != nil {
		b.Fatal(err)
	}
	defer p.Stop() //nolint:errcheck // a benchmark
	if err := mailserver.AddAccounts(b.Context(), p.Admin, "t", map[string]string{jane: password, "bob@acme.test": password}); err != nil {
		b.Fatal(err)
	}
	trusted := trust(b, o.Dir)
	var next atomic.Int64
	var all sync.WaitGroup
	b.ResetTimer()
	for range 8 {
		all.Go(func() {
			c, err := smtp.DialTLS(p.Submissions, trusted)
			if err == nil {
				err = c.Auth(sasl.NewPlainClient("", jane, password))
			}
			if err != nil {
				b.Error(err)
				return
			}
			defer c.Close()
			for {
				i := next.Add(1)
				if i > int64(b.N) {
					return
				}
				if err := c.SendMail(jane, []string{to}, strings.NewReader(text(jane, to, fmt.Sprintf("%d@acme.test", i), strings.Repeat("some words\r\n", 160)))); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "msg/s")
	b.ReportMetric(residentMB(p.PID()), "MB")
}

func residentMB(pid int) float64 {
	raw, _ := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	var size, resident float64
	_, _ = fmt.Sscan(string(raw), &size, &resident)
	return resident * float64(os.Getpagesize()) / (1 << 20)
}
