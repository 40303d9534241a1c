package experiments_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/events"
	"outrider/internal/app/asof"
	"outrider/internal/app/experiments"
	"outrider/internal/audit"
	"outrider/internal/engines/enginestest"
	"outrider/internal/es"
	"outrider/internal/es/project/chtest"
	"outrider/projections/analytics"
)

func TestMain(m *testing.M) { enginestest.Main(m) }

var (
	org   = uuid.MustParse("01990000-0000-7000-8000-000000000001")
	trial = uuid.MustParse("01990000-0000-7000-8000-0000000000e1")
	began = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
)

func name(what string, n int) uuid.UUID { return es.DeriveID(org, what, fmt.Sprint(n)) }

// story is a history of 400 people in an experiment: arm 1 answers twice as often as arm 0, and books half as many meetings.
type story struct {
	t     *testing.T
	chain es.ChainHash
	all   []*es.Event
}

func (s *story) add(at time.Time, p es.Payload) {
	s.t.Helper()
	data, err := es.Marshal(p)
	if err != nil {
		s.t.Fatal(err)
	}
	n := int64(len(s.all) + 1)
	e := &es.Event{ID: name("event", int(n)), Type: p.EventType(), Org: org, Subject: p.AggregateID(), Oseq: n, Pseq: n, Last: true, Time: at, CommandID: name("command", int(n)), Data: data}
	s.chain, _ = es.Link(s.chain, e, nil)
	e.Chain = s.chain
	s.all = append(s.all, e)
}

func tell(t *testing.T) *story {
	s := &story{t: t}
	campaign, ref := name("campaign", 0), events.ExperimentRef{ExperimentID: trial}
	s.add(began, events.OrganizationCreated{OrganizationRef: events.OrganizationRef{OrganizationID: org}, Slug: "a", Name: "A", TimeZone: "UTC", BillingAnchor: began})
	for n := range 400 {
		s.add(began, events.LeadCreated{LeadRef: events.LeadRef{LeadID: name("lead", n)}, FreeMail: n%10 == 9, TimeZone: []string{"Europe/Berlin", "Asia/Tokyo"}[n%2]})
	}
	s.add(began, events.ExperimentCreated{ExperimentRef: ref, ExperimentPlan: events.ExperimentPlan{Name: "x", CampaignID: campaign, StepID: name("step", 0), Arms: []events.ExperimentArm{{ArmID: name("arm", 0), Name: "A", Weight: 1},
		{ArmID: name("arm", 1), Name: "B", Weight: 1}}, Traffic: 10_000, Metric: events.MetricHumanReply, WindowDays: 14, MinPerArm: 100, Confidence: 9_500}})
	s.add(began, events.ExperimentStarted{ExperimentRef: ref, CampaignID: campaign, Seed: trial, TakeSeed: trial, To: 10_000, StartedAt: began})
	for n := range 400 {
		at, arm := began.Add(time.Duration(n)*30*time.Minute), n/2%2
		m := events.MessageRef{MessageID: name("message", n), EnrollmentID: name("enrollment", n), LeadID: name("lead", n), CampaignID: campaign}
		sent := events.SentMessageRef{MessageID: m.MessageID, LeadID: m.LeadID, CampaignID: campaign, MailboxID: name("mailbox", n%4)}
		s.add(at, events.MessageRequested{MessageRef: m, StepID: name("step", 0), Step: 1, MailboxID: sent.MailboxID, ExperimentID: trial, ArmID: name("arm", arm)})
		if n%40 == 39 {
			continue // was never sent
		}
		s.add(at.Add(time.Minute), events.MessageSent{MessageRef: m, StepID: name("step", 0), Step: 1, MailboxID: sent.MailboxID, AcceptedAt: at.Add(time.Minute), ExperimentID: trial, ArmID: name("arm", arm)})
		switch k := n / 4; {
		case arm == 1 && k%4 == 0, arm == 0 && k%12 == 0:
			meaning := events.MeansOther
			if n%3 == 0 {
				meaning = events.MeansInterested
			}
			s.add(at.Add(5*time.Minute), events.MessageReplied{SentMessageRef: sent, Mail: events.Mail{MailID: name("mail", n), ReceivedAt: at.Add(5 * time.Minute)}, From: events.FromLead, Meaning: meaning})
		case k%12 == 5 && arm == 0, k%24 == 5 && arm == 1:
			s.add(at.Add(6*time.Minute), events.MeetingBooked{SentMessageRef: sent, MeetingID: name("meeting", n), BookedAt: at.Add(6 * time.Minute)})
		case k%20 == 6:
			s.add(at.Add(7*time.Minute), events.MessageReplied{SentMessageRef: sent, Mail: events.Mail{MailID: name("mail", n), ReceivedAt: at.Add(7 * time.Minute)}, From: events.FromCompany})
		}
	}
	s.add(began.AddDate(0, 0, 20), events.MeetingCancelled{MeetingRef: events.MeetingRef{MeetingID: name("meeting", 20), LeadID: name("lead", 20)}})
	s.add(began.AddDate(0, 0, 21), events.ExperimentStopped{ExperimentRef: ref, Reason: "manual"})
	return s
}

func (s *story) each(yield func(*es.Event, error) bool) {
	for _, e := range s.all {
		if !yield(e, nil) {
			return
		}
	}
}

// counts returns people and successes of both arms.
func counts(v events.Verdict) [4]int {
	return [4]int{v.Arms[0].People, v.Arms[0].Successes, v.Arms[1].People, v.Arms[1].Successes}
}

func TestJudgedByWhateverOneAsks(t *testing.T) {
	t.Parallel()
	s := tell(t)
	berlin := events.EvaluationFilter{TimeZones: []string{"Europe/Berlin"}}
	for what, c := range map[string]struct {
		by   events.EvaluationSettings
		want [4]int
	}{
		"by itself":                    {events.EvaluationSettings{}, [4]int{200, 18, 190, 50}},
		"by meetings, not those off":   {events.EvaluationSettings{Metric: events.MetricMeeting}, [4]int{200, 15, 190, 7}},
		"by interest":                  {events.EvaluationSettings{Metric: events.MetricPositiveReply}, [4]int{200, 9, 190, 17}},
		"of one time zone":             {events.EvaluationSettings{Filter: berlin}, [4]int{100, 9, 100, 25}},
		"without free mail":            {events.EvaluationSettings{Exclude: events.EvaluationExclude{FreeMail: true}}, [4]int{180, 16, 180, 45}},
		"of the first day":             {events.EvaluationSettings{To: began.AddDate(0, 0, 1)}, [4]int{24, 2, 23, 6}},
		"as of the first day":          {events.EvaluationSettings{AsOf: began.AddDate(0, 0, 1)}, [4]int{24, 2, 23, 6}},
		"only who can't change":        {events.EvaluationSettings{Settled: true}, [4]int{168, 14, 160, 42}},
		"from one mailbox":             {events.EvaluationSettings{Filter: events.EvaluationFilter{MailboxIDs: []uuid.UUID{name("mailbox", 0)}}}, [4]int{100, 9, 0, 0}},
		"by answers to the message":    {events.EvaluationSettings{Unit: events.UnitMessage}, [4]int{200, 18, 190, 50}},
		"within a window that is over": {events.EvaluationSettings{WindowDays: 1}, [4]int{200, 18, 190, 50}},
	} {
		got, err := experiments.Evaluate(s.each, trial, c.by)
		if err != nil {
			t.Errorf("%s: %v", what, err)
			continue
		}
		if counts(got.Verdict) != c.want {
			t.Errorf("%s: %v, want %v", what, counts(got.Verdict), c.want)
		}
	}
}

func TestAVerdictIsForEver(t *testing.T) {
	t.Parallel()
	s := tell(t)
	first, err := experiments.Evaluate(s.each, trial, events.EvaluationSettings{})
	if err != nil {
		t.Fatal(err)
	}
	v := first.Verdict
	if !v.Decided || v.Winner != name("arm", 1) || v.Arms[1].PBest < 0.99 || v.PValue > 0.01 || v.Arms[1].RatioLow < 1 || v.Arms[1].DiffLow <= 0 {
		t.Errorf("%+v", v)
	}
	if v.WhatIf == nil || !v.WhatIf.At.Before(first.Settings.AsOf) || v.WhatIf.Winner != name("arm", 1) {
		t.Errorf("it would have stopped %+v", v.WhatIf)
	}
	s.add(began.AddDate(0, 0, 22), events.MeetingCancelled{MeetingRef: events.MeetingRef{MeetingID: name("meeting", 21), LeadID: name("lead", 21)}})
	later, err := experiments.Evaluate(s.each, trial, first.Settings)
	if err != nil || toJSON(t, first) != toJSON(t, later) {
		t.Errorf("the same settings gave, a day later:\n%s\n%s %v", toJSON(t, first), toJSON(t, later), err)
	}
	// Looking at P(best) alone would have stopped earlier.
	hasty := first.Settings
	hasty.Rule.Kind = events.RulePBest
	other, err := experiments.Evaluate(s.each, trial, hasty)
	if err != nil || other.Verdict.WhatIf == nil || other.Verdict.WhatIf.At.After(v.WhatIf.At) {
		t.Errorf("by P(best) alone it would have stopped %+v %v", other.Verdict.WhatIf, err)
	}
	for _, wrong := range []events.EvaluationSettings{{Metric: "opens"}, {Unit: "day"}, {WindowDays: -1}, {Rule: events.EvaluationRule{Kind: "gut"}}} {
		var bad *experiments.SettingsError
		if _, err := experiments.Evaluate(s.each, trial, wrong); !errors.As(err, &bad) {
			t.Errorf("%+v: %v", wrong, err)
		}
	}
	if _, err := experiments.Evaluate(s.each, org, events.EvaluationSettings{}); !errors.Is(err, experiments.ErrUnknown) {
		t.Errorf("another experiment: %v", err)
	}
}

// The same people on the same days: only the rule is another.
func TestWhatIfAnotherRuleHadStoppedIt(t *testing.T) {
	t.Parallel()
	s := tell(t)
	rules := []events.EvaluationRule{{}, {Kind: events.RulePBest}, {Kind: events.RuleFixed, MinPerArm: 150}, {MinPerArm: 1_000}, {Kind: events.RuleSequential, Confidence: 9_999, MinPerArm: 30}}
	got, err := experiments.Replay(s.each, trial, events.EvaluationSettings{}, rules)
	if err != nil || len(got.Rules) != len(rules) {
		t.Fatalf("%+v, %v", got, err)
	}
	usual, err := experiments.Evaluate(s.each, trial, got.Settings)
	if err != nil {
		t.Fatal(err)
	}
	if toJSON(t, got.Rules[0].Stopped) != toJSON(t, usual.Verdict.WhatIf) || got.Oseq != usual.Oseq || got.Verdict.PValue != usual.Verdict.PValue || got.Verdict.Course != nil {
		t.Errorf("by its own rule %+v, judged again %+v", got.Rules[0], usual.Verdict.WhatIf)
	}
	for i, r := range got.Rules {
		least := min(r.Day.People[0], r.Day.People[1])
		switch {
		case r.Rule.MinPerArm > 0 && r.Stopped != nil && least < r.Rule.MinPerArm:
			t.Errorf("rule %d stopped with %v people", i, r.Day.People)
		case r.Stopped == nil && toJSON(t, r.Day) != toJSON(t, got.End):
			t.Errorf("rule %d went on to the end, but stands at %+v", i, r.Day)
		}
	}
	if hasty, own := got.Rules[1].Stopped, got.Rules[0].Stopped; hasty == nil || own == nil || hasty.At.After(own.At) {
		t.Errorf("P(best) alone stops %+v, the always-valid test %+v", hasty, own)
	}
	if fixed := got.Rules[2]; fixed.Stopped == nil || !fixed.Day.Decides || fixed.Looks >= len(usual.Verdict.Course) {
		t.Errorf("one look: %+v", fixed)
	}
	if got.Rules[3].Stopped != nil || got.Rules[3].Rule.Kind != events.RuleSequential || got.Rules[3].Looks != len(usual.Verdict.Course) {
		t.Errorf("with too few people: %+v", got.Rules[3])
	}
	var wrong *experiments.SettingsError
	if _, err := experiments.Replay(s.each, trial, events.EvaluationSettings{}, []events.EvaluationRule{{Kind: "gut"}}); !errors.As(err, &wrong) {
		t.Errorf("a rule that there isn't: %v", err)
	}
}

func TestACorrectedAnswerCountsAsWhatItMeansNow(t *testing.T) {
	t.Parallel()
	s := tell(t)
	at := began.Add(5 * time.Minute) // of the answer of person 0, who is in arm 0 and interested
	about := events.SentMessageRef{MessageID: name("message", 0), LeadID: name("lead", 0), CampaignID: name("campaign", 0), MailboxID: name("mailbox", 0)}
	s.add(began.AddDate(0, 0, 22), events.ReplyReclassified{SentMessageRef: about, MailID: name("mail", 0), From: events.FromLead, ReceivedAt: at, Meaning: events.MeansOutOfOffice, Was: events.MeansInterested})
	s.add(began.AddDate(0, 0, 23), events.ReplyReclassified{SentMessageRef: about, MailID: name("mail", 0), From: events.FromLead, ReceivedAt: at, Meaning: events.MeansNotNow, Was: events.MeansOutOfOffice})
	s.add(began.AddDate(0, 0, 24), events.ExperimentStopped{ExperimentRef: events.ExperimentRef{ExperimentID: trial}, Reason: "manual"})
	for _, c := range []struct {
		days   int
		metric string
		want   int
	}{{21, events.MetricHumanReply, 18}, {22, events.MetricHumanReply, 17}, {23, events.MetricHumanReply, 18}, {21, events.MetricPositiveReply, 9}, {23, events.MetricPositiveReply, 8}} {
		got, err := experiments.Evaluate(s.each, trial, events.EvaluationSettings{Metric: c.metric, AsOf: began.AddDate(0, 0, c.days)})
		if err != nil || got.Verdict.Arms[0].Successes != c.want {
			t.Errorf("%s after %d days: %d, want %d %v", c.metric, c.days, got.Verdict.Arms[0].Successes, c.want, err)
		}
	}
}

func toJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func (s *story) export(ring *audit.Keyring) string {
	s.t.Helper()
	var out bytes.Buffer
	w, err := audit.NewWriter(&out, ring, org, 0, es.ChainHash{}, began)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, e := range s.all {
		if err := w.Event(e); err != nil {
			s.t.Fatal(err)
		}
	}
	if _, err := w.Close(began.AddDate(0, 1, 0)); err != nil {
		s.t.Fatal(err)
	}
	return out.String()
}

// The log in ClickHouse and an exported file alone give the same, to the last digit; neither is judged when it is damaged.
func TestLogAndExportGiveTheSame(t *testing.T) {
	t.Parallel()
	s := tell(t)
	ring, err := audit.LoadKeyring(filepath.Join(t.TempDir(), "audit.key"))
	if err != nil {
		t.Fatal(err)
	}
	engine := chtest.Share(t)
	if err := analytics.Migrate(t.Context(), engine.Conn); err != nil {
		t.Fatal(err)
	}
	table := analytics.Events()
	write := func(list []*es.Event) {
		b, err := engine.Conn.PrepareBatch(t.Context(), "INSERT INTO "+table.Into)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range list {
			if err := table.Append(b, e); err != nil {
				t.Fatal(err)
			}
		}
		if err := b.Send(); err != nil {
			t.Fatal(err)
		}
	}
	write(s.all)
	log, file := analytics.History{Conn: engine.Conn}, s.export(ring)
	for _, by := range []events.EvaluationSettings{{}, {Metric: events.MetricMeeting, WindowDays: 3}, {AsOf: began.AddDate(0, 0, 3), Rule: events.EvaluationRule{Kind: events.RuleFixed, MinPerArm: 20}}} {
		one, err := experiments.FromLog(t.Context(), log, org, trial, by)
		if err != nil {
			t.Fatal(err)
		}
		other, err := experiments.FromExport(strings.NewReader(file), ring.Public(), org, trial, by)
		if err != nil {
			t.Fatal(err)
		}
		if a, b := toJSON(t, one), toJSON(t, other); a != b {
			t.Errorf("the log gives\n%s\nand the export\n%s", a, b)
		}
	}
	now, err := experiments.Standing(t.Context(), log, org, trial, name("campaign", 0))
	if err != nil || counts(now.Verdict) != [4]int{200, 18, 190, 50} {
		t.Errorf("it stands at %v %v", counts(now.Verdict), err)
	}
	var refused *audit.BadLine
	for _, damaged := range []string{strings.Replace(file, `"from":"lead"`, `"from":"mail"`, 1), file[:len(file)/2]} {
		if _, err := experiments.FromExport(io.NewSectionReader(strings.NewReader(damaged), 0, int64(len(damaged))), ring.Public(), org, trial, events.EvaluationSettings{}); !errors.As(err, &refused) {
			t.Errorf("a damaged export was judged: %v", err)
		}
	}
	forged := *s.all[500]
	forged.Org, forged.Data = org, bytes.Replace(forged.Data, []byte(`"step":1`), []byte(`"step":2`), 1)
	if err := engine.Conn.Exec(t.Context(), "ALTER TABLE events DELETE WHERE org = toUUID('"+org.String()+"') AND oseq = 501 SETTINGS mutations_sync = 1"); err != nil {
		t.Fatal(err)
	}
	write([]*es.Event{&forged})
	if _, err := experiments.FromLog(t.Context(), log, org, trial, events.EvaluationSettings{}); !errors.Is(err, asof.ErrDamaged) {
		t.Errorf("a damaged log was judged: %v", err)
	}
}

func TestArmsThatWaitDifferentlySayNothingOfTheSplit(t *testing.T) {
	t.Parallel()
	judge := func(delay *int) events.Verdict {
		s, behind := &story{t: t}, name("arm", 1)
		for _, e := range tell(t).all {
			p, err := events.Decode(e.Type, e.Data)
			if err != nil {
				t.Fatal(err)
			}
			switch p := p.(type) {
			case events.ExperimentCreated:
				p.Arms[1].DelayDays = delay
				s.add(e.Time, p)
				continue
			case events.MessageRequested:
				if p.ArmID == behind {
					continue // still waits
				}
			case events.MessageSent:
				if p.ArmID == behind {
					continue
				}
			}
			s.add(e.Time, p)
		}
		got, err := experiments.Evaluate(s.each, trial, events.EvaluationSettings{})
		if err != nil {
			t.Fatal(err)
		}
		return got.Verdict
	}
	if v := judge(nil); v.Reason != "sample_ratio" {
		t.Errorf("200 to 0 of equal waits: %s, p %v", v.Reason, v.SampleRatioP)
	}
	if v := judge(new(9)); v.Reason != "too_few" || v.SampleRatioP != 1 {
		t.Errorf("200 to 0 while the other arm waits nine days: %s, p %v", v.Reason, v.SampleRatioP)
	}
}
