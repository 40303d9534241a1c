// Package experimentcli judges experiments on the command line, without a server.
package experimentcli

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/google/uuid"

	"outrider/events"
	"outrider/internal/app/experiments"
	"outrider/internal/app/node"
)

// Commands are those of `outrider experiments`.
type Commands struct {
	Evaluate evaluateCmd `cmd:"" help:"Judge an experiment again by an exported history alone, with the metric, window and rule of your choice."`
}

type evaluateCmd struct {
	ID         string   `arg:"" help:"The experiment." placeholder:"UUID"`
	File       string   `required:"" type:"existingfile" help:"What 'outrider audit export' or GET /v1/audit/export gave." placeholder:"FILE"`
	Metric     string   `help:"human_reply, positive_reply, meeting, bounce, complaint or unsubscribe; default: the experiment's." placeholder:"METRIC"`
	Window     int      `help:"Days in which a success counts; default: the experiment's." placeholder:"DAYS"`
	From       string   `help:"Only who was written to from then on (RFC 3339)." placeholder:"TIME"`
	To         string   `help:"Only who was written to before." placeholder:"TIME"`
	Until      string   `help:"Look at nothing later; default: just before the newest event." placeholder:"TIME"`
	Unit       string   `help:"person or message; default: person." placeholder:"UNIT"`
	Settled    bool     `help:"Only those whose window was over."`
	Mailbox    []string `help:"Only who was written to from these mailboxes." placeholder:"UUID"`
	TimeZone   []string `help:"Only people of these time zones." placeholder:"ZONE"`
	NoFreeMail bool     `help:"Without addresses of free mail providers."`
	NoBounced  bool     `help:"Without people whose message came back."`
	Rule       string   `help:"sequential, p_best or fixed; default: sequential." placeholder:"RULE"`
	Confidence int      `help:"Of 10,000; default: the experiment's." placeholder:"N"`
	MinPerArm  int      `help:"People in every arm before anything is decided; default: the experiment's." placeholder:"N"`
	Key        string   `env:"OUTRIDER_AUDIT_KEY" help:"Public key, base64; default: those of the data folder." placeholder:"PUBLICKEY"`
	KeyFile    string   `type:"existingfile" help:"File of public keys, as 'outrider audit key' prints them." placeholder:"FILE"`
	JSON       bool     `help:"Print one line of JSON."`
}

// Run verifies the file to its end before it judges anything.
func (c evaluateCmd) Run(f *node.Folder) error {
	id, err := uuid.Parse(c.ID)
	if err != nil {
		return fmt.Errorf("%s is not the id of an experiment: %w", c.ID, err)
	}
	s, err := c.settings()
	if err != nil {
		return err
	}
	keys, err := f.AuditKeys(c.Key, c.KeyFile)
	if err != nil {
		return err
	}
	file, err := os.Open(c.File)
	if err != nil {
		return fmt.Errorf("open export: %w", err)
	}
	defer file.Close()
	out, err := experiments.FromExport(file, keys, uuid.Nil, id, s)
	if err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(os.Stdout).Encode(out)
	}
	return printVerdict(os.Stdout, out)
}

func (c evaluateCmd) settings() (s events.EvaluationSettings, err error) {
	s = events.EvaluationSettings{Metric: c.Metric, WindowDays: c.Window, Unit: c.Unit, Settled: c.Settled, Filter: events.EvaluationFilter{TimeZones: c.TimeZone},
		Exclude: events.EvaluationExclude{FreeMail: c.NoFreeMail, Bounced: c.NoBounced}, Rule: events.EvaluationRule{Kind: c.Rule, Confidence: c.Confidence, MinPerArm: c.MinPerArm}}
	for _, text := range c.Mailbox {
		id, err := uuid.Parse(text)
		if err != nil {
			return s, fmt.Errorf("--mailbox %s: %w", text, err)
		}
		s.Filter.MailboxIDs = append(s.Filter.MailboxIDs, id)
	}
	for _, t := range []struct {
		name, text string
		to         *time.Time
	}{{"from", c.From, &s.From}, {"to", c.To, &s.To}, {"until", c.Until, &s.AsOf}} {
		if t.text == "" {
			continue
		}
		at, err := time.Parse(time.RFC3339Nano, t.text)
		if err != nil {
			return s, fmt.Errorf("--%s must be an instant as in RFC 3339, like 2026-03-02T09:30:00Z: %w", t.name, err)
		}
		*t.to = at.UTC()
	}
	return s, nil
}

// printVerdict tells it to people.
func printVerdict(w io.Writer, e events.ExperimentEvaluated) error {
	s, v := e.Settings, e.Verdict
	_, err := fmt.Fprintf(w, "%s within %d days, by %s, as of %s: event %d, chain %s\n", s.Metric, s.WindowDays, s.Unit, s.AsOf.Format(time.RFC3339Nano), e.Oseq, e.Chain)
	for i, a := range v.Arms {
		if err == nil {
			_, err = fmt.Fprintf(w, "arm %d %s: %d of %d, %.2f %% (%.2f to %.2f), P(best) %.1f %%, expected loss %.3f points\n", i+1, a.ArmID, a.Successes, a.People, 100*a.Rate, 100*a.Low, 100*a.High, 100*a.PBest, 100*a.Loss)
		}
	}
	if err == nil {
		_, err = fmt.Fprintf(w, "always-valid p %.4f, split p %.4f: %s\n", v.PValue, v.SampleRatioP, conclusion(v))
	}
	return err
}

func conclusion(v events.Verdict) string {
	switch {
	case v.Decided:
		return "decided for " + v.Winner.String()
	case v.Reason == "sample_ratio":
		return "not decided: people were not split as the weights say"
	case v.MorePerArm > 0:
		return fmt.Sprintf("not decided: needs about %d more people per arm", v.MorePerArm)
	}
	return "not decided"
}
