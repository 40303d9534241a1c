// Package llm writes messages: with a language model that speaks OpenAI's chat API, or from templates when there is none.
package llm

import (
	"context"
	"fmt"
	"strings"
	"time"

	"outrider/internal/evidence"
	"outrider/internal/template"
)

// MessageWriter writes one message.
type MessageWriter interface {
	Write(ctx context.Context, r Request) (Draft, error)
}

// Request is all that a writer knows of a message.
type Request struct {
	Instructions string         // what the campaign wants said, and how
	Facts        []Fact         // what may be stated; nothing else may
	Approved     []string       // sentences that may be said as they are, without a fact
	Seed         int            // of chance; the same request with the same seed is answered alike where the provider can
	Previous     []string       // what was sent before in this sequence, oldest first
	Subject      string         // Liquid
	Body         string         // Liquid
	Variables    map[string]any // for both, by dotted names
}

// Fact is a stored statement with the id that a draft cites.
type Fact struct {
	ID   string `json:"id"`
	Text string `json:"text"`
}

// Draft is a message that nobody has approved yet. Body is plain text.
type Draft struct {
	Subject string
	Body    string
	Cited   []string // ids of the facts that it states

	Paragraphs [][]evidence.Sentence // of Body, with the fact that each claims to say; nil of the templates
	PromptHash string                // SHA-256 of what was asked, in hex
	Answer     string                // as it came

	Model          string // "" of the templates
	InputTokens    int
	OutputTokens   int
	CostMicroUSD   int64  // what it cost, failed attempts before it included
	FallbackReason string // why the templates wrote it, though a model was asked; "" otherwise
}

// Reason is why there is no draft.
type Reason string

// The reasons. Only Temporary is worth another try.
const (
	Temporary Reason = "temporary" // 429, 5xx, time-out, no connection
	Rejected  Reason = "rejected"  // wrong key, unknown model, no credit: a person must act
	Invalid   Reason = "invalid"   // an answer that breaks the rules: no JSON, unknown facts, a refusal
	OverPlan  Reason = "budget"    // the plan's budget, or the organisation's own, leaves too little
	Stopped   Reason = "stopped"   // somebody has stopped all models, here or everywhere
	Down      Reason = "down"      // it has failed too often lately, and isn't asked for a while
	Off       Reason = "off"       // none is set up
	Lost      Reason = "lost"      // it was asked, and nobody knows what came of it

	OverCampaign Reason = "campaign_budget" // the limit of the campaign leaves too little
	OverLead     Reason = "lead_budget"     // the limit for one lead does
)

// Error is a failure that may have cost something.
type Error struct {
	Reason       Reason
	Unanswered   bool // it may have been worked on all the same
	CostMicroUSD int64
	After        time.Duration // another try waits at least so long; 0 = it isn't said
	Err          error
}

func (e *Error) Error() string { return fmt.Sprintf("ask model: %s: %v", e.Reason, e.Err) }
func (e *Error) Unwrap() error { return e.Err }

// Templates writes by filling in Subject and Body: always the same for the same request. It states no facts.
type Templates struct {
	Shelf *template.Shelf // of what was parsed before; may be nil
}

// Write fails with a *template.MissingError where the lead lacks a value.
func (t Templates) Write(_ context.Context, r Request) (Draft, error) {
	subject, err := t.renderTemplate(r.Subject, r.Variables)
	if err != nil {
		return Draft{}, fmt.Errorf("write subject: %w", err)
	}
	body, err := t.renderTemplate(r.Body, r.Variables)
	if err != nil {
		return Draft{}, fmt.Errorf("write body: %w", err)
	}
	return Draft{Subject: strings.Join(strings.Fields(subject), " "), Body: body}, nil
}

func (t Templates) renderTemplate(source string, values map[string]any) (string, error) {
	parsed, err := t.Shelf.Parse(source)
	if err != nil {
		return "", err
	}
	return parsed.Render(values)
}
