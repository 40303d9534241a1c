package mailserver_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"outrider/internal/lab/mailserver"
)

func TestIMAP(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	p := setup(t, mailserver.Options{Now: func() time.Time { return now }})
	for i := range 5 {
		now = now.AddDate(0, 0, 1)
		if err := arrive(p.mx, "x@example.com", jane, text("x@example.com", jane, fmt.Sprintf("%d@example.com", i+1), fmt.Sprintf("word%d", i+1))); err != nil {
			t.Fatal(err)
		}
	}
	exists := make(chan uint32, 10)
	c := open(t, p.imaps, p.dir, jane, &imapclient.Options{UnilateralDataHandler: &imapclient.UnilateralDataHandler{Mailbox: func(d *imapclient.UnilateralDataMailbox) {
		if d.NumMessages != nil {
			exists <- *d.NumMessages
		}
	}}})
	uids := func(c *imapclient.Client, criteria *imap.SearchCriteria) []imap.UID {
		t.Helper()
		data, err := c.UIDSearch(criteria, nil).Wait()
		if err != nil {
			t.Fatal(err)
		}
		return data.AllUIDs()
	}
	want := func(got []imap.UID, want ...imap.UID) {
		t.Helper()
		if !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	}
	box, err := c.Select("INBOX", nil).Wait()
	if err != nil || box.NumMessages != 5 || box.UIDNext != 6 {
		t.Fatal(box, err)
	}
	want(uids(c, &imap.SearchCriteria{UID: []imap.UIDSet{{{Start: 3, Stop: 0}}}}), 3, 4, 5)
	want(uids(c, &imap.SearchCriteria{UID: []imap.UIDSet{{{Start: 9, Stop: 0}}}}), 5) // RFC 3501: "*" is the last one
	want(uids(c, &imap.SearchCriteria{Since: time.Date(2026, 3, 6, 0, 0, 0, 0, time.UTC)}), 4, 5)
	want(uids(c, &imap.SearchCriteria{Header: []imap.SearchCriteriaHeaderField{{Key: "Message-ID", Value: "2@example.com"}}}), 2)
	want(uids(c, &imap.SearchCriteria{Body: []string{"WORD4"}}), 4)
	want(uids(c, &imap.SearchCriteria{Not: []imap.SearchCriteria{{Text: []string{"word4"}}}, Or: [][2]imap.SearchCriteria{{{Body: []string{"word3"}}, {Body: []string{"word4"}}}}}), 3)

	// Reading with PEEK marks nothing, nor does anything after EXAMINE.
	if _, err := c.Fetch(imap.UIDSet{{Start: 1, Stop: 0}}, &imap.FetchOptions{BodySection: []*imap.FetchItemBodySection{{Peek: true}}}).Collect(); err != nil {
		t.Fatal(err)
	}
	reader := open(t, p.imaps, p.dir, jane, nil)
	if _, err := reader.Select("INBOX", &imap.SelectOptions{ReadOnly: true}).Wait(); err != nil {
		t.Fatal(err)
	}
	if _, err := reader.Fetch(imap.SeqSetNum(1), &imap.FetchOptions{BodySection: []*imap.FetchItemBodySection{{}}}).Collect(); err != nil {
		t.Fatal(err)
	}
	if err := reader.Store(imap.SeqSetNum(1), &imap.StoreFlags{Op: imap.StoreFlagsAdd, Flags: []imap.Flag{imap.FlagSeen}}, nil).Close(); err == nil {
		t.Error("flags changed after EXAMINE")
	}
	want(uids(c, &imap.SearchCriteria{Flag: []imap.Flag{imap.FlagSeen}}))
	if _, err := c.Fetch(imap.SeqSetNum(2), &imap.FetchOptions{BodySection: []*imap.FetchItemBodySection{{}}}).Collect(); err != nil {
		t.Fatal(err)
	}
	want(uids(c, &imap.SearchCriteria{Flag: []imap.Flag{imap.FlagSeen}}), 2)

	// APPEND, flags, expunge, and another session that hears of it.
	a := c.Append("Sent", 5, &imap.AppendOptions{Flags: []imap.Flag{imap.FlagSeen}, Time: now})
	if _, err := a.Write([]byte("a: b\n")); err != nil {
		t.Fatal(err)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	if d, err := a.Wait(); err != nil || d.UID != 1 {
		t.Fatal(d, err)
	}
	if err := c.Store(imap.UIDSetNum(1, 3), &imap.StoreFlags{Op: imap.StoreFlagsAdd, Flags: []imap.Flag{imap.FlagDeleted, "Custom"}}, nil).Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Expunge().Collect(); err != nil {
		t.Fatal(err)
	}
	want(uids(c, &imap.SearchCriteria{}), 2, 4, 5)
	if err := reader.Noop().Wait(); err != nil {
		t.Fatal(err)
	}
	if n := reader.Mailbox().NumMessages; n != 3 {
		t.Errorf("the other session sees %d messages", n)
	}

	idle, err := c.Idle()
	if err != nil {
		t.Fatal(err)
	}
	if err := arrive(p.mx, "x@example.com", jane, text("x@example.com", jane, "6@example.com", "new")); err != nil {
		t.Fatal(err)
	}
	for n := range exists {
		if n == 4 {
			break
		}
	}
	if err := idle.Close(); err != nil {
		t.Fatal(err)
	}
	if err := idle.Wait(); err != nil {
		t.Fatal(err)
	}
	if d, err := c.Move(imap.UIDSetNum(6), "Sent").Wait(); err != nil {
		t.Fatal(d, err)
	}
	want(uids(c, &imap.SearchCriteria{}), 2, 4, 5)
}
