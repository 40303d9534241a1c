package mcpserver

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"outrider/internal/app/client"
)

type draftStep struct {
	DelayDays int    `json:"delay_days,omitempty" jsonschema:"business days after the step before; 0 for the first"`
	Subject   string `json:"subject,omitempty" jsonschema:"Liquid template; leave it out of follow-ups, which answer in the same thread"`
	Body      string `json:"body" jsonschema:"Liquid template of plain text; variables such as first_name and company_name stand in double braces"`
}

type draftIn struct {
	Name  string      `json:"name" jsonschema:"name of the campaign"`
	Steps []draftStep `json:"steps" jsonschema:"the messages of the sequence, in order"`
}

type enrollIn struct {
	CampaignID string   `json:"campaign_id" jsonschema:"id of the campaign, as list_campaigns gives it"`
	LeadIDs    []string `json:"lead_ids,omitempty" jsonschema:"ids of leads, at most 500"`
	Tag        string   `json:"tag,omitempty" jsonschema:"instead of lead_ids: everybody with this tag"`
	Confirm    bool     `json:"confirm,omitempty" jsonschema:"false tells what would happen and does nothing; true enrolls"`
}

type suppressIn struct {
	Values []string `json:"values" jsonschema:"e-mail addresses or domains that nothing may be sent to, at most 100"`
}

func (t *tools) addWriting(s *mcp.Server, may func(string) bool) {
	no := false
	if may("campaigns:write") {
		mcp.AddTool(s, &mcp.Tool{Name: "draft_campaign", Annotations: &mcp.ToolAnnotations{DestructiveHint: &no, IdempotentHint: true}, Description: "Write a campaign as a draft. Nothing is sent: a person has to launch it."}, t.draft)
	}
	if may("campaigns:write") && may("campaigns:read") && may("leads:read") {
		mcp.AddTool(s, &mcp.Tool{Name: "enroll_leads", Annotations: &mcp.ToolAnnotations{DestructiveHint: &no, IdempotentHint: true}, Description: "Put leads on a campaign's sequence. Without confirm it is a dry run: it says how many there are and what would become of them."}, t.enroll)
	}
	if may("suppressions:write") {
		mcp.AddTool(s, &mcp.Tool{Name: "suppress", Annotations: &mcp.ToolAnnotations{IdempotentHint: true}, Description: "Never send to these addresses or domains again. Sequences to them stop."}, t.suppress)
	}
}

func (t *tools) draft(ctx context.Context, _ *mcp.CallToolRequest, in draftIn) (*mcp.CallToolResult, any, error) {
	steps := make([]client.StepInput, 0, len(in.Steps))
	for _, s := range in.Steps {
		delay := s.DelayDays
		steps = append(steps, client.StepInput{DelayDays: &delay, Variants: []client.VariantInput{{Subject: s.Subject, Body: s.Body}}})
	}
	once, err := t.once("draft_campaign", in)
	if err != nil {
		return nil, nil, err
	}
	return answer(t.api.CreateCampaign(ctx, &client.CreateCampaignParams{}, client.CampaignCreate{Name: in.Name, Steps: &steps}, once)) //nolint:bodyclose // it is closed by whoever reads it
}

// dryRun is what enroll_leads says before it is confirmed.
type dryRun struct {
	DryRun   bool   `json:"dry_run"`
	Campaign string `json:"campaign"`
	Status   string `json:"status"`
	Leads    int    `json:"leads"`
	Blocked  int    `json:"suppressed"` // of them
	Says     string `json:"says"`
}

func (t *tools) enroll(ctx context.Context, _ *mcp.CallToolRequest, in enrollIn) (*mcp.CallToolResult, any, error) {
	campaign, err := idOf("campaign_id", in.CampaignID)
	if err != nil {
		return nil, nil, err
	}
	body := client.EnrollmentCreate{}
	switch {
	case (in.Tag == "") == (len(in.LeadIDs) == 0):
		return nil, nil, errors.New("give either lead_ids or a tag")
	case len(in.LeadIDs) > 500:
		return nil, nil, errors.New("at most 500 lead_ids at once")
	case in.Tag != "":
		body.Filter = &client.LeadSelection{Tag: &in.Tag}
	default:
		ids := make([]uuid.UUID, len(in.LeadIDs))
		for i, text := range in.LeadIDs {
			if ids[i], err = idOf("lead_ids", text); err != nil {
				return nil, nil, err
			}
		}
		body.LeadIds = &ids
	}
	if !in.Confirm {
		return t.tellEnrolling(ctx, campaign, body)
	}
	once, err := t.once("enroll_leads", in)
	if err != nil {
		return nil, nil, err
	}
	return answer(t.api.EnrollLeads(ctx, campaign, &client.EnrollLeadsParams{}, body, once)) //nolint:bodyclose // it is closed by whoever reads it
}

// tellEnrolling says what would happen, and changes nothing.
func (t *tools) tellEnrolling(ctx context.Context, id uuid.UUID, body client.EnrollmentCreate) (*mcp.CallToolResult, any, error) {
	is, _, err := client.Read[client.Campaign](t.api.GetCampaign(ctx, id, &client.GetCampaignParams{})) //nolint:bodyclose // it is closed by whoever reads it
	if err != nil {
		return nil, nil, err
	}
	out := dryRun{DryRun: true, Campaign: is.Name, Status: string(is.Status)}
	if body.Filter != nil {
		if out.Leads, err = t.countLeads(ctx, *body.Filter.Tag, nil); err != nil {
			return nil, nil, err
		}
		yes := true
		if out.Blocked, err = t.countLeads(ctx, *body.Filter.Tag, &yes); err != nil {
			return nil, nil, err
		}
	} else {
		out.Leads = len(*body.LeadIds)
	}
	out.Says = fmt.Sprintf("%d leads would be put on %q, which is %s; who is suppressed or has been through it is left out.", out.Leads-out.Blocked, is.Name, is.Status)
	return answerWith(out)
}

func (t *tools) countLeads(ctx context.Context, tag string, suppressed *bool) (int, error) {
	total, limit := client.ListLeadsParamsIncludeTotal, 1
	page, _, err := client.Read[client.LeadPage](t.api.ListLeads(ctx, &client.ListLeadsParams{Tag: &tag, Suppressed: suppressed, Include: &total, Limit: &limit})) //nolint:bodyclose // it is closed by whoever reads it
	if err != nil {
		return 0, err
	}
	if page.Total == nil {
		return 0, errors.New("the api counts no leads")
	}
	return *page.Total, nil
}

func (t *tools) suppress(ctx context.Context, _ *mcp.CallToolRequest, in suppressIn) (*mcp.CallToolResult, any, error) {
	if len(in.Values) == 0 || len(in.Values) > 100 {
		return nil, nil, errors.New("values must be 1 to 100 addresses or domains")
	}
	items := make([]client.SuppressionItem, 0, len(in.Values))
	for _, v := range in.Values {
		items = append(items, client.SuppressionItem{Value: v})
	}
	once, err := t.once("suppress", in)
	if err != nil {
		return nil, nil, err
	}
	return answer(t.api.AddSuppressions(ctx, &client.AddSuppressionsParams{}, client.SuppressionCreate{Items: items}, once)) //nolint:bodyclose // it is closed by whoever reads it
}
