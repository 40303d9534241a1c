package commands_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kgo"
	"pgregory.net/rapid"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/es/snapshot/graph"
)

// played is a partition whose owner decides commands as they come; everything that it appends lands at once.
type played struct {
	t       rapid.TB
	owner   *es.Owner
	log     []*kgo.Record
	said    []string // what each command left in the log, and its answer
	decided int
}

// own begins from a fold of a log.
func own(t rapid.TB, fold *es.Fold, log []*kgo.Record) *played {
	p := &played{t: t, log: append([]*kgo.Record(nil), log...)}
	p.owner = es.NewOwner(es.OwnerConfig{Partitions: 1, Domain: commands.Domain(), Now: func() time.Time { return time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC) }, // later than all that is asked
		Nonce:  func() uuid.UUID { return es.DeriveID(org, "nonce", fmt.Sprint(len(p.log))) },
		Report: func(what string, attrs ...any) { t.Fatalf("%s %v", what, attrs) }}, fold)
	p.land(p.owner.Begin(0, int64(len(log))))
	if !p.owner.Owns() {
		t.Fatalf("not owned: %v", first(p.owner.Over()))
	}
	return p
}

func first(why string, _ error) string { return why }

func (p *played) land(s es.Step) (out []es.CommandReply) {
	out = s.Replies
	for _, r := range s.Append {
		r.Offset = int64(len(p.log))
		p.log = append(p.log, r)
		out = append(out, p.owner.Log(r).Replies...)
	}
	return out
}

func (p *played) play(c *es.Command) {
	r := es.CommandRecord(0, c)
	r.Offset = int64(p.decided)
	p.decided++
	s := p.owner.Command(r)
	var b bytes.Buffer
	for _, r := range s.Append {
		fmt.Fprintf(&b, "%s %s %s\n", r.Key, r.Headers, r.Value)
	}
	fmt.Fprintf(&b, "due %v\n", p.owner.NextDue())
	for _, reply := range p.land(s) {
		a, err := es.Marshal(reply)
		if err != nil {
			p.t.Fatal(err)
		}
		b.Write(a)
	}
	if !p.owner.Owns() {
		p.t.Fatalf("%s ended it: %v", c.Type, first(p.owner.Over()))
	}
	p.said = append(p.said, b.String())
}

func folded(t rapid.TB, log []*kgo.Record) *es.Fold {
	f := es.NewFold(commands.Domain())
	for _, r := range log {
		if _, _, err := f.See(r); err != nil {
			t.Fatal(err)
		}
	}
	return f
}

// kept writes a fold and makes it again.
func kept(t rapid.TB, f *es.Fold) *es.Fold {
	plan, err := graph.New(es.Sample(commands.Domain()))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	to := bufio.NewWriter(&b)
	if err := errors.Join(f.Save(to, plan, 3), to.Flush()); err != nil {
		t.Fatal(err)
	}
	restored, at, err := es.Restore(commands.Domain(), bufio.NewReader(&b), plan)
	if err != nil {
		t.Fatal(err)
	}
	if want, _ := f.Checkpoint(3); at != want {
		t.Fatalf("it stands at %+v, want %+v", at, want)
	}
	if b.Len() > 0 {
		t.Fatalf("%d bytes were written that nobody reads", b.Len())
	}
	return restored
}

// TestASnapshotDecidesLikeTheWholeLog plays the campaigns of TestPacingKeepsEveryRule, and at some point of each has one
// owner go on from the whole log, and one from a snapshot: all that they append, chains included, every answer and
// every due time is the same to the byte.
func TestASnapshotDecidesLikeTheWholeLog(t *testing.T) {
	t.Parallel()
	seen := map[string]int{}
	rapid.Check(t, func(r *rapid.T) {
		asked := rich(t, r)
		cut := rapid.IntRange(1, len(asked)-1).Draw(r, "cut")
		p := own(r, es.NewFold(commands.Domain()), nil)
		for _, c := range asked[:cut] {
			p.play(c)
		}
		whole, snap := own(r, folded(r, p.log), p.log), own(r, kept(r, folded(r, p.log)), p.log)
		whole.decided, snap.decided = cut, cut
		rest := append(asked[cut:len(asked):len(asked)], asked[:cut]...) // and then everything is asked once more
		for i, c := range rest {
			whole.play(c)
			snap.play(c)
			if whole.said[i] != snap.said[i] {
				r.Fatalf("command %d behind the snapshot, %s:\n%s\nwith the whole log:\n%s", i, c.Type, snap.said[i], whole.said[i])
			}
		}
		for _, c := range asked {
			seen[c.Type]++
		}
	})
	t.Logf("%v", seen)
}

// rich is what an organisation is asked over some weeks: a campaign, its people, what the world does, and all besides.
func rich(t *testing.T, r *rapid.T) []*es.Command {
	w := newWorld(t, time.Date(2026, 3, 26, 22, 0, 0, 0, time.UTC))
	var asked []*es.Command
	w.record = func(c es.Command) {
		c.ID = es.DeriveID(org, "asked", fmt.Sprint(len(asked)))
		c.CorrelationID, c.CausationID, c.Fingerprint, c.ReplyTo = c.ID, c.ID, uint64(len(asked)%3), 1
		asked = append(asked, &c)
	}
	w.crash = func(id uuid.UUID) bool { return id[1] < 20 }
	w.refuse = func(c events.MessageClaimed) *events.SMTPReply {
		if c.MessageID[2] < 30 {
			return &events.SMTPReply{Stage: "rcpt", Code: 451, Enhanced: "4.7.1"}
		}
		return nil
	}
	people := rapid.IntRange(2, 25).Draw(r, "people")
	s := settingsDrawn(r)
	s.CompanyCap = 1
	w.expected = map[string]int{} // what is broken is another test's
	pace := events.MailboxPace{CapPerDay: 10, CapPerHour: 3, GapSeconds: 30, JitterFrom: 5, JitterTo: 60}
	w.setUp(2, people, pace, sequence(0, 2, 3), func(n int) string { return []string{"", "America/New_York", "Asia/Kolkata"}[n%3] }, &s)
	for _, c := range everythingElse(w.now) {
		_ = w.do(c)
	}
	for range rapid.IntRange(2, 6).Draw(r, "turns") {
		w.turn(r, people)
	}
	return asked
}

// everythingElse is what has nothing to do with a campaign; some of it is refused.
func everythingElse(now time.Time) []commands.Command {
	hours := events.BookingHours{Windows: []events.Window{{Days: []int{1, 2, 3, 4, 5, 6, 7}, From: "00:00", To: "24:00"}}, SlotMinutes: 30, DaysAhead: 14, Zone: "Europe/Paris"}
	about := events.SentMessageRef{MessageID: other, LeadID: leadID(person(0)), CampaignID: campaign, MailboxID: boxID(0)}
	upload, rows := es.DeriveID(org, "import"), []commands.LeadItem{item("in@file.test"), item("also@file.test"), item(person(1))}
	return []commands.Command{
		commands.SetBookingHours{BookingHours: hours},
		commands.BookMeeting{SentMessageRef: about, MeetingID: other, StartsAt: now.Truncate(time.Hour).Add(30 * time.Hour), Details: sealed},
		commands.ConfirmMeeting{MeetingID: other, AddressHash: h(person(0))},
		commands.IssueAPIKey{KeyID: other, Name: "ci", Scopes: []string{"leads:write"}, ExpiresAt: now.AddDate(1, 0, 0)},
		commands.IssueAPIKey{KeyID: org, Name: "old", Scopes: []string{"leads:read"}},
		commands.RevokeAPIKey{KeyID: org},
		commands.RequestImport{ImportRef: events.ImportRef{ImportID: upload}, FileName: "leads.csv", Bytes: 100, Blob: "imports/1", Mapping: map[string]string{"Email": "email"}, OnDuplicate: events.DuplicateSkip, Source: events.SourceCSVUpload},
		commands.ImportLeads{ImportID: upload, Chunk: 1, FirstRow: 2, Rows: len(rows), OnDuplicate: events.DuplicateSkip, Items: rows},
		commands.RecordMailboxRead{MailboxRef: events.MailboxRef{MailboxID: boxID(0)}, Folder: "INBOX", UIDValidity: 1, UID: 7, ReadAt: now},
		commands.RecordUnreadableMail{MailboxRef: events.MailboxRef{MailboxID: boxID(0)}, Folder: "INBOX", UIDValidity: 1, UID: 8},
		commands.RecordReadingFailed{MailboxRef: events.MailboxRef{MailboxID: boxID(0)}, Reason: events.ReadingSilent, Since: now, TriedAt: now},
		commands.RecordBounce{SentMessageRef: about, SMTPReply: events.SMTPReply{Code: 550, Enhanced: "5.1.1"}, ReportedAt: now},
		commands.AddSuppressions{Items: []commands.SuppressionItem{{Kind: "address", Hash: h("no@no.test"), Reason: "manual"}}},
		commands.RequestMailboxChecks{MailboxRef: events.MailboxRef{MailboxID: boxID(1)}},
		commands.SuspendMailbox{MailboxRef: events.MailboxRef{MailboxID: boxID(1)}, Times: 3},
		commands.EraseLead{LeadID: leadID(person(1))},
		commands.RenameCampaign{CampaignID: other, Name: "Nobody's"},
	}
}
