package prospects_test

import (
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"outrider/internal/lab/mailserver"
	"outrider/internal/lab/prospects"
)

// BenchmarkCampaign: b.N people get three messages each, in batches of 50 at a simulated minute over 4 connections, and three weeks pass; all in processes.
func BenchmarkCampaign(b *testing.B) {
	p := processes(b)
	trusted := trusting(b, p.mail.CA())
	clients := make(chan *client, 4)
	for range 4 {
		clients <- &client{address: p.mail.Submissions, trusted: trusted}
	}
	const batch = 50
	for n := range 3 {
		for first := 0; first < b.N; first += batch {
			p.driver.At(start.AddDate(0, 0, 3*n).Add(time.Duration(first/batch)*time.Minute), func() {
				var all sync.WaitGroup
				for i := first; i < min(first+batch, b.N); i++ {
					all.Go(func() {
						c := <-clients
						_ = c.send(fmt.Sprintf("p%d@company%d.example", i, i/3), n+1) // some refuse
						clients <- c
					})
				}
				all.Wait()
			})
		}
	}
	end := make(chan struct{})
	p.driver.At(start.AddDate(0, 0, 21), func() { close(end) })
	b.ResetTimer()
	p.driver.Ready()
	<-end
	b.StopTimer()
	mail, err := mailserver.ReadJournal(p.mail.Journal())
	if err != nil {
		b.Fatal(err)
	}
	people, err := prospects.ReadJournal(p.people.Journal())
	if err != nil {
		b.Fatal(err)
	}
	began := time.Now()
	v := prospects.Judge(mail, people, prospects.Params{})
	b.ReportMetric(float64(v.Truth.Sent)/b.Elapsed().Seconds(), "msg/s")
	b.ReportMetric(float64(p.clock.Moves())/b.Elapsed().Seconds(), "moves/s")
	b.ReportMetric(residentMB(p.people.PID()), "MB")
	b.ReportMetric(time.Since(began).Seconds()*1000, "judge-ms")
	b.Logf("%+v, %d lines", v.Truth, len(people))
}

func residentMB(pid int) float64 {
	raw, _ := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	var size, resident float64
	_, _ = fmt.Sscan(string(raw), &size, &resident)
	return resident * float64(os.Getpagesize()) / (1 << 20)
}
