package demo

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/events"
	"outrider/internal/app/client"
	"outrider/internal/lab/mailserver/loopback"
	"outrider/internal/lab/modelserver"
	"outrider/projections"
)

// Which language model a demonstration uses.
const (
	AINone        = ""
	AIStandIn     = "stand-in"    // one of this machine, by rules, which makes something up now and then
	AIEnvironment = "environment" // the one that the environment names
)

// What the stand-in costs and does.
const (
	standInModel  = "stand-in"
	standInInput  = 400_000 // micro-USD a million tokens
	standInOutput = 1_600_000
	lieEvery      = 5 // answers

	aiLeads      = 240 // made up where no file is named
	seenByPerson = 10  // percent of the messages
)

// standIn is a language model of this machine.
type standIn struct {
	writer   *modelserver.Liar
	model    *modelserver.Server
	listener net.Listener
	server   *http.Server
}

func openStandIn() (*standIn, error) {
	s := &standIn{writer: &modelserver.Liar{Every: lieEvery}}
	s.model = &modelserver.Server{Answer: s.writer.Answer, InputPrice: standInInput, OutputPrice: standInOutput}
	var err error
	if s.listener, err = loopback.Listen("127.0.0.1:0"); err != nil {
		return nil, err
	}
	s.server = &http.Server{Handler: s.model, ReadHeaderTimeout: time.Minute}
	go func() { _ = s.server.Serve(s.listener) }() // until close
	return s, nil
}

// environment tells the server of it.
func (s *standIn) environment() []string {
	return []string{"OPENAI_BASE_URL=http://" + s.listener.Addr().String() + "/v1", "OPENAI_API_KEY=stand-in", "OPENAI_MODEL=" + standInModel,
		fmt.Sprintf("OPENAI_PRICE=%d,%d,%d", standInInput, standInInput, standInOutput)}
}

func (s *standIn) close() error {
	if err := s.server.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
		return fmt.Errorf("close the language model: %w", err)
	}
	return nil
}

// wantModel has leads scored, says what may be said of the organisation, and has a sample of the messages seen by a person. What a model writes and nothing carries is left out.
func (s *Setup) wantModel(ctx context.Context) error {
	if !s.Model {
		return nil
	}
	rule := func(name string, of client.ScoreOf, field string, test client.ScoreTest, weight int, values ...string) client.ScoreRuleInput {
		r := client.ScoreRuleInput{Name: name, Of: of, Field: field, Test: test, Weight: weight}
		if len(values) > 0 {
			r.Values = &values
		}
		return r
	}
	rules := client.ScoreRulesInput{QualifiedLead: 60, QualifiedIntent: 20, ReviewLead: 20, Rules: []client.ScoreRuleInput{
		rule("Location: a market of ours", client.ScoreOfLead, "country", client.ScoreTestOneOf, 40, "Germany", "United Kingdom", "France", "Netherlands", "Sweden"),
		rule("Role: who decides", client.ScoreOfLead, "job_title", client.ScoreTestContains, 30, "Head", "CEO", "VP", "Founder", "Director"),
		rule("Size is known", client.ScoreOfLead, "fact.employees", client.ScoreTestExists, 30),
		rule("They are hiring", client.ScoreOfIntent, "fact.hiring", client.ScoreTestExists, 40),
		rule("They have raised money", client.ScoreOfIntent, "fact.raised", client.ScoreTestExists, 40),
	}}
	if err := s.write(s.API.SetScoreRules(ctx, nil, rules, s.Once("score rules"))); err != nil {
		return err
	}
	if err := s.write(s.API.ApproveClaim(ctx, nil, client.ClaimCreate{Text: "We serve 800 teams in Europe.", Source: "https://example.com/about"}, s.Once("claim"))); err != nil {
		return err
	}
	if err := s.write(s.API.UpdateCampaign(ctx, s.Made.Campaign, nil, client.CampaignPatch{Approval: new(client.ApprovalSample), ApprovalSample: new(seenByPerson)}, s.Once("approval"))); err != nil {
		return err
	}
	return s.write(s.API.SetCampaignWriting(ctx, s.Made.Campaign, nil, client.CampaignWriting{Refused: client.CampaignWritingRefusedReplace}, s.Once("writing")))
}

// approveWaiting approves what waits for a person, as somebody does who looks in now and then.
func (d *demonstration) approveWaiting(ctx context.Context) error {
	if d.ai == AINone {
		return nil
	}
	var waiting []uuid.UUID
	if err := d.queryAsAPI(ctx, d.server.runningNow(), func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `select message_id from read.messages where org_id = $1 and campaign_id = $2 and state = $3 order by message_id limit 500`, d.shown.ID, d.shown.Campaign, projections.MessageDrafted)
		if err != nil {
			return fmt.Errorf("list drafts: %w", err)
		}
		if waiting, err = pgx.CollectRows(rows, pgx.RowTo[uuid.UUID]); err != nil {
			return fmt.Errorf("list drafts: %w", err)
		}
		return nil
	}); err != nil || len(waiting) == 0 {
		return err
	}
	api := NewAPI(d.server.runningNow().URL, d.shown.Key)
	var refusal *client.Refusal
	if _, _, err := client.Read[any](api.ApproveMessages(ctx, nil, client.MessageSelection{MessageIds: waiting}, client.Once("approve "+uuid.NewString()))); err != nil && !errors.As(err, &refusal) {
		return err
	}
	return nil
}

// AIFigures are what a language model did, held against what the stand-in knows of itself.
type AIFigures struct {
	Calls       int64 `json:"calls"`
	CostMicros  int64 `json:"cost_micros"` // by the ledger
	BillMicros  int64 `json:"bill_micros"` // by the stand-in
	ByModel     int   `json:"messages_of_model_sent"`
	Judged      int   `json:"sentences_judged"` // of those
	Facts       int   `json:"sentences_of_facts"`
	Dropped     int   `json:"sentences_dropped"`
	Replaced    int   `json:"sentences_replaced"`
	LiesOfPages int   `json:"false_facts_made_up"`
	Lies        int   `json:"false_sentences_written"`
	LiesSent    int   `json:"false_sentences_sent"`
	Approved    int   `json:"approved_by_person"`
	Waiting     int   `json:"waiting_for_person"`
	Scored      int   `json:"leads_scored"`
	Qualified   int   `json:"leads_qualified"`

	WholeStories int    `json:"whole_stories"`  // people on whose timeline each step stands, from research to the end
	Story        string `json:"story,omitzero"` // the page of one of them

	standIn, killed bool
}

// storySteps are what stands on the timeline of somebody who was looked up, scored, written to with a fact, and has ended by what they did.
func storySteps() []string {
	return []string{"research.completed", "fact.found", "lead.scored", "message.requested", "ai_call.reserved", "ai_call.settled", "message.drafted", "evidence.recorded", "message.approved", "message.scheduled", "message.sent",
		"message.replied", "enrollment.stopped"}
}

// sentText is a message as it left.
type sentText struct {
	Message uuid.UUID
	Lead    uuid.UUID
	Writer  string
	Body    *string
	Email   *string
}

// compareAI reads what a model did, and looks for everything that it made up in all that was sent.
func (d *demonstration) compareAI(ctx context.Context) (*AIFigures, error) {
	if d.ai == AINone {
		return nil, nil //nolint:nilnil // no model, no figures
	}
	f := &AIFigures{standIn: d.model != nil, killed: d.killEvery > 0}
	var sent []sentText
	if err := d.queryAsAPI(ctx, d.server.runningNow(), func(tx pgx.Tx) error {
		sums, err := projections.SumAICalls(ctx, tx, d.shown.ID, projections.AICallFilter{}, "", 1)
		if err != nil {
			return err
		}
		for _, s := range sums {
			f.Calls, f.CostMicros = s.Calls, s.CostMicros
		}
		rows, err := tx.Query(ctx, `select m.message_id, m.lead_id, m.writer, t.body, l.email from read.messages m join read.message_texts t on t.org_id = m.org_id and t.message_id = m.message_id
			join read.leads l on l.org_id = m.org_id and l.lead_id = m.lead_id where m.org_id = $1 and m.campaign_id = $2 and m.state = $3`, d.shown.ID, d.shown.Campaign, projections.MessageSent)
		if err != nil {
			return fmt.Errorf("list what was sent: %w", err)
		}
		if sent, err = pgx.CollectRows(rows, pgx.RowToStructByPos[sentText]); err != nil {
			return fmt.Errorf("list what was sent: %w", err)
		}
		if err := tx.QueryRow(ctx, `select count(*) filter (where score_version > 0), count(*) filter (where qualification = $2) from read.leads where org_id = $1`, d.shown.ID, events.LeadQualified).Scan(&f.Scored, &f.Qualified); err != nil {
			return fmt.Errorf("count scores: %w", err)
		}
		if err := tx.QueryRow(ctx, `select count(*) from read.messages where org_id = $1 and state = $2`, d.shown.ID, projections.MessageDrafted).Scan(&f.Waiting); err != nil {
			return fmt.Errorf("count drafts: %w", err)
		}
		figures, err := projections.CountApprovals(ctx, tx, d.shown.ID, d.shown.Campaign)
		if err != nil {
			return err
		}
		f.Approved = figures.Approved
		if err := d.addVerdicts(ctx, tx, f, sent); err != nil {
			return err
		}
		return d.addStories(ctx, tx, f, sent)
	}); err != nil {
		return nil, err
	}
	if d.model != nil {
		f.addLies(d.model.writer, sent)
		f.BillMicros = d.model.model.Bill() + d.sites.engine.Bill() // a search is in the same ledger
	}
	return f, nil
}

// addLies looks for what was made up of somebody in what was sent to them, and where it isn't known of whom in everything.
func (f *AIFigures) addLies(w *modelserver.Liar, sent []sentText) {
	f.LiesOfPages = w.LiesOfPages()
	for _, lie := range w.Lies() {
		f.Lies++
		if slices.ContainsFunc(sent, func(s sentText) bool {
			return s.Body != nil && strings.Contains(*s.Body, lie.Text) && (lie.Email == "" || s.Email != nil && strings.EqualFold(*s.Email, lie.Email))
		}) {
			f.LiesSent++
		}
	}
}
