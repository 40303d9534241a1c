package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/google/uuid"

	"outrider/events"
	"outrider/internal/app/client"
	"outrider/internal/app/experiments"
	"outrider/internal/audit"
	"outrider/internal/lab/prospects"
)

// withQuestion gives the first step a second text: its subject asks something, which makes more people answer, and books no more meetings.
func withQuestion(steps []client.StepInput) []client.StepInput {
	first := steps[0].Variants[0]
	first.Name, first.Subject = new("Question"), prospects.Question+`{{ company_name | default: "your team" }}`
	steps[0].Variants[0].Name = new("Plain")
	steps[0].Variants = append(steps[0].Variants, first)
	return steps
}

// Limits of harm, per 100,000 people: the demonstration's people complain and opt out as they are told to, and both arms alike.
const (
	mostBounces = 15_000
	mostOptOuts = 10_000
)

// startExperiment tries the variants of the first step against each other, by who answers. The better one takes the step over by itself.
func (s *Setup) startExperiment(ctx context.Context) error {
	if !s.Experiment {
		return nil
	}
	campaign, _, err := client.Read[client.Campaign](s.API.GetCampaign(ctx, s.Made.Campaign, nil, client.Showing(s.Made.position)))
	if err != nil {
		return err
	}
	step := campaign.Steps[0]
	ask := client.ExperimentCreate{Name: "A question in the subject", Hypothesis: new("A subject that asks something is answered by more people."), CampaignID: campaign.ID, StepID: step.StepID, AutoPromote: new(true),
		Guards: &[]client.ExperimentGuard{{Metric: events.MetricBounce, Limit: mostBounces}, {Metric: events.MetricUnsubscribe, Limit: mostOptOuts}}}
	for _, v := range step.Variants {
		ask.Arms = append(ask.Arms, client.ExperimentArmCreate{Name: v.Name, VariantID: &v.VariantID})
	}
	made, position, err := client.Read[client.Experiment](s.API.CreateExperiment(ctx, nil, ask, s.Once("experiment")))
	if err != nil {
		return err
	}
	s.remember(position)
	s.Made.Tried = made.ID
	return s.write(s.API.StartExperiment(ctx, made.ID, nil, s.Once("start experiment")))
}

// ExperimentFigures are what the experiment came to, and how it is judged again from history.
type ExperimentFigures struct {
	Status string            `json:"status"`           // running, or decided; "" = there was none
	Winner string            `json:"winner,omitempty"` // its arm
	Again  []ExperimentAgain `json:"again"`
}

// ExperimentAgain is a verdict of the API, which an exported history alone must confirm to the last digit.
type ExperimentAgain struct {
	Metric     string  `json:"metric"`
	WindowDays int     `json:"window_days"`
	Rule       string  `json:"rule"`
	People     []int   `json:"people"`
	Successes  []int   `json:"successes"`
	PValue     float64 `json:"p_value"`
	Reason     string  `json:"reason"`
	Same       bool    `json:"same"` // by the exported history
}

// String says it in sentences.
func (f ExperimentFigures) String() string {
	if f.Status == "" {
		return "There was no experiment."
	}
	var b strings.Builder
	fmt.Fprintf(&b, "The experiment is %s", f.Status)
	if f.Winner != "" {
		fmt.Fprintf(&b, " for %q", f.Winner)
	}
	b.WriteString(". Judged again from history:")
	for _, a := range f.Again {
		fmt.Fprintf(&b, "\n  %s within %d days, rule %s: ", a.Metric, a.WindowDays, a.Rule)
		for i, n := range a.People {
			fmt.Fprintf(&b, "%d of %d, ", a.Successes[i], n)
		}
		fmt.Fprintf(&b, "p %.4f, %s", a.PValue, a.Reason)
	}
	return b.String()
}

// judgements are by what the experiment is judged again: as it was, by meetings, within another window, and by a rule that looks once.
func judgements(is client.Experiment) []client.EvaluationRequest {
	meeting, reply := client.EvaluationRequestMetricMeeting, client.EvaluationRequestMetricHumanReply
	return []client.EvaluationRequest{{}, {Metric: &meeting}, {Metric: &reply, WindowDays: new(3)}, {Metric: &reply, Rule: &client.EvaluationRule{Kind: events.RuleFixed, Confidence: is.Confidence, MinPerArm: is.MinPerArm}}}
}

// addExperiment judges the experiment again by the API, and by an export of the history alone.
func (d *demonstration) addExperiment(ctx context.Context, r *Report) error {
	r.Experiment.Again = []ExperimentAgain{}
	if d.shown.Tried == uuid.Nil {
		return nil
	}
	api := NewAPI(d.server.runningNow().URL, d.shown.Key)
	is, _, err := client.Read[client.Experiment](api.GetExperiment(ctx, d.shown.Tried, nil))
	if err != nil {
		return fmt.Errorf("look at the experiment: %w", err)
	}
	if r.Experiment.Status = string(is.Status); is.Decided != nil {
		for _, a := range is.Arms {
			if a.ArmID == is.Decided.ArmID {
				r.Experiment.Winner = a.Name
			}
		}
	}
	var verdicts []events.ExperimentEvaluated
	var position string
	for _, by := range judgements(is) {
		var v events.ExperimentEvaluated
		if v, position, err = client.Read[events.ExperimentEvaluated](api.EvaluateExperiment(ctx, d.shown.Tried, nil, by, client.Once(uuid.NewString()))); err != nil {
			return fmt.Errorf("judge the experiment again: %w", err)
		}
		verdicts = append(verdicts, v)
	}
	file, keys, err := d.exportHistory(ctx, api, position)
	if err != nil {
		return err
	}
	for _, v := range verdicts {
		offline, err := experiments.FromExport(bytes.NewReader(file), keys, d.shown.ID, d.shown.Tried, v.Settings)
		if err != nil {
			return fmt.Errorf("judge the experiment by its export: %w", err)
		}
		a := ExperimentAgain{Metric: v.Settings.Metric, WindowDays: v.Settings.WindowDays, Rule: v.Settings.Rule.Kind, PValue: v.Verdict.PValue, Reason: v.Verdict.Reason}
		for _, arm := range v.Verdict.Arms {
			a.People, a.Successes = append(a.People, arm.People), append(a.Successes, arm.Successes)
		}
		var told [2][]byte
		for i, x := range []events.ExperimentEvaluated{v, offline} {
			if told[i], err = json.Marshal([]any{x.Settings, x.Verdict, x.Oseq, x.Chain, x.Code}); err != nil {
				return fmt.Errorf("compare verdicts: %w", err)
			}
		}
		if a.Same = bytes.Equal(told[0], told[1]); !a.Same {
			r.Mismatches = append(r.Mismatches, fmt.Sprintf("experiment by %s: the API says %s, the exported history %s", a.Metric, told[0], told[1]))
		}
		r.Experiment.Again = append(r.Experiment.Again, a)
	}
	return nil
}

// exportHistory fetches the organisation's history, and the keys that signed it.
func (d *demonstration) exportHistory(ctx context.Context, api *client.Client, position string) ([]byte, audit.TrustedKeys, error) {
	list, _, err := client.Read[client.AuditKeys](api.GetAuditKey(ctx))
	if err != nil {
		return nil, nil, fmt.Errorf("ask for the keys of histories: %w", err)
	}
	var text strings.Builder
	for _, k := range list.Data {
		fmt.Fprintln(&text, k.PublicKey)
	}
	keys, err := audit.ParseKeys(text.String())
	if err != nil {
		return nil, nil, fmt.Errorf("read the keys of histories: %w", err)
	}
	body, err := client.Stream(api.ExportAudit(ctx, &client.ExportAuditParams{}, client.Showing(position)))
	if err != nil {
		return nil, nil, fmt.Errorf("export the history: %w", err)
	}
	defer body.Close()
	file, err := io.ReadAll(body)
	if err != nil {
		return nil, nil, fmt.Errorf("export the history: %w", err)
	}
	return file, keys, nil
}
