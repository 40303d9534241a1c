package main

import (
	"bufio"
	"bytes"
	"context"
	"strings"
	"testing"

	"outrider/internal/app/logtail"
	"outrider/internal/es/logtest"
)

// tailOf gives what is printed of a log, by line.
func tailOf(t *testing.T, tl *logtail.Tail) []string {
	t.Helper()
	var b bytes.Buffer
	tl.Out, tl.Print = bufio.NewWriter(&b), linePrinter(false)
	if _, err := tl.PrintHistory(t.Context()); err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
}

func TestTailPrintsWhatCounts(t *testing.T) {
	t.Parallel()
	log := logtest.New(t, 1)
	w := logtest.NewWriter(t, log, 0)
	first := w.Command(logtest.Org(0, 1), "a", "b")
	w.Append(w.Records(first)...)
	unfinished := w.Next(logtest.Org(0, 2), "c", "d")
	w.Append(w.Records(unfinished)[0])
	w.Pseq -= 2
	w.Fence()
	w.Command(logtest.Org(0, 3), "e")

	counted := tailOf(t, &logtail.Tail{Log: log, Partitions: []int32{0}})
	if len(counted) != 3 || !strings.Contains(counted[2], logtest.Org(0, 3).String()) {
		t.Errorf("got\n%s\nwant the three events that count", strings.Join(counted, "\n"))
	}
	if last := tailOf(t, &logtail.Tail{Log: log, Partitions: []int32{0}, Keep: 2}); len(last) != 2 || last[1] != counted[2] {
		t.Errorf("got\n%s\nwant the newest two", strings.Join(last, "\n"))
	}
	if of := tailOf(t, &logtail.Tail{Log: log, Partitions: []int32{0}, Org: logtest.Org(0, 1)}); len(of) != 2 {
		t.Errorf("got\n%s\nwant the two of the organisation", strings.Join(of, "\n"))
	}
	raw := tailOf(t, &logtail.Tail{Log: log, Partitions: []int32{0}, Raw: true})
	if len(raw) != 8 || !strings.Contains(raw[3], "VOID: pseq 1 while 3 is next") || !strings.Contains(raw[6], "fence, epoch 2") {
		t.Errorf("got\n%s\nwant all eight records, the void ones with the reason", strings.Join(raw, "\n"))
	}
}

func TestTailMergesPartitionsByTime(t *testing.T) {
	t.Parallel()
	log := logtest.New(t, 2)
	a, b := logtest.NewWriter(t, log, 0), logtest.NewWriter(t, log, 1)
	a.Command(logtest.Org(0, 1), "1ms", "2ms")
	b.Command(logtest.Org(1, 1), "1ms")
	a.Command(logtest.Org(0, 1), "3ms")
	b.Command(logtest.Org(1, 1), "2ms")
	var at []string
	for _, l := range tailOf(t, &logtail.Tail{Log: log, Partitions: []int32{0, 1}}) {
		at = append(at, l[20:26])
	}
	if got := strings.Join(at, " "); got != "001000 001000 002000 002000 003000" {
		t.Errorf("got times %s, want them ascending", got)
	}
}

func TestTailFollows(t *testing.T) {
	t.Parallel()
	log := logtest.New(t, 1)
	w := logtest.NewWriter(t, log, 0)
	w.Command(logtest.Org(0, 1), "a")
	unfinished := w.Records(w.Next(logtest.Org(0, 1), "b", "c"))
	w.Append(unfinished[0])
	ctx, cancel := context.WithCancel(t.Context())
	lines := make(chan logtail.Line, 8)
	tl := &logtail.Tail{Log: log, Partitions: []int32{0}, Out: bufio.NewWriter(new(bytes.Buffer)), Print: func(_ *bufio.Writer, l logtail.Line) error {
		lines <- l
		return nil
	}}
	ends, err := tl.PrintHistory(ctx)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error)
	go func() { done <- tl.FollowNew(ctx, ends) }()
	w.Append(unfinished[1])
	for _, want := range []string{"a", "b", "c"} {
		if l := <-lines; l.Entry.Event.Subject != want {
			t.Fatalf("got %s, want %s", l.Entry.Event.Subject, want)
		}
	}
	cancel()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}
