package worker

import (
	"fmt"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/internal/lab/hostilemail"
	"outrider/internal/mail/imap"
	"outrider/internal/mail/mailtest"
	"outrider/internal/mail/transport"
)

// BenchmarkRound reads 1,000 mailboxes of as many organisations, eight at once as the monitor does, without anything new in them. The server is in this process,
// so that what the child costs is the difference.
func BenchmarkRound(b *testing.B) {
	ca := mailtest.NewCA(b)
	server, err := hostilemail.Serve("imap", hostilemail.Mode{Name: "none"}, ca.Server)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(server.Close)
	account := transport.ServerLogin{Host: "127.0.0.1", Port: server.Port, Username: "a", Password: "b"}
	dialer := transport.Dialer{LoopbackOnly: true, Roots: ca.Roots}
	for name, servers := range map[string]func(b *testing.B) Servers{
		"here": func(*testing.B) Servers { return Direct{IMAP: imap.Options{Dialer: dialer}} },
		"children": func(b *testing.B) Servers {
			p := NewPool(PoolConfig{Setup: Setup{LoopbackOnly: true, CA: ca.PEM}})
			b.Cleanup(p.Close)
			return p
		},
	} {
		b.Run(name, func(b *testing.B) {
			s := servers(b)
			readers := make([]Reader, 1000)
			for i := range readers {
				readers[i] = s.Reader(Mailbox{uuid.New(), uuid.New()}, account)
			}
			round := func() {
				var all sync.WaitGroup
				turns := make(chan struct{}, 8)
				for _, r := range readers {
					turns <- struct{}{}
					all.Go(func() {
						defer func() { <-turns }()
						if _, err := r.Poll(b.Context(), imap.Inbox, imap.Cursor{Validity: 1, Next: 4}); err != nil {
							b.Error(err)
						}
					})
				}
				all.Wait()
			}
			before := cpuOf(s)
			round() // connects
			first := cpuOf(s) - before
			before = cpuOf(s)
			began := time.Now()
			for b.Loop() {
				round()
			}
			rounds := float64(b.N)
			b.ReportMetric(float64(first.Microseconds())/1000, "first-µs-cpu/poll")
			b.ReportMetric(float64((cpuOf(s)-before).Microseconds())/1000/rounds, "µs-cpu/poll")
			b.ReportMetric(1000*rounds/time.Since(began).Seconds(), "polls/s")
			if p, ok := s.(*Pool); ok {
				p.mu.Lock()
				var sum int64
				for _, c := range p.children {
					rss, _ := usageOf(c.cmd.Process.Pid)
					sum += rss
				}
				b.ReportMetric(float64(len(p.children)), "children")
				b.ReportMetric(float64(sum)/float64(len(p.children))/(1<<20), "MB/child")
				p.mu.Unlock()
			}
			for _, r := range readers {
				r.Close()
			}
		})
	}
}

// cpuOf is what this process and its children have used.
func cpuOf(s Servers) (sum time.Duration) {
	var self syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &self); err != nil {
		panic(fmt.Sprint("rusage: ", err))
	}
	sum = time.Duration(self.Utime.Nano() + self.Stime.Nano())
	if p, ok := s.(*Pool); ok {
		p.mu.Lock()
		defer p.mu.Unlock()
		for _, c := range p.children {
			_, cpu := usageOf(c.cmd.Process.Pid)
			sum += cpu
		}
	}
	return sum
}
