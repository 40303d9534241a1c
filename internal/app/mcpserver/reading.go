package mcpserver

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"outrider/internal/app/client"
)

// most is how many rows a tool gives at most.
const most = 50

type findIn struct {
	Query string `json:"query" jsonschema:"part of a name, an address or a company"`
	Limit int    `json:"limit,omitempty" jsonschema:"how many at most, 1 to 50; 10 when left out"`
}

type leadIn struct {
	LeadID string `json:"lead_id" jsonschema:"id of the lead, as find_leads gives it"`
}

type figuresIn struct {
	Metrics []string `json:"metrics" jsonschema:"what to count, such as sent, delivered, opened, clicked, replied, interested, meeting, bounced, complained, unsubscribed"`
	By      []string `json:"by,omitempty" jsonschema:"at most two of: campaign, step, variant, mailbox, domain, day, week"`
	Days    int      `json:"days,omitempty" jsonschema:"how many days back, 1 to 366; 28 when left out"`
	Unit    string   `json:"unit,omitempty" jsonschema:"person or message; person when left out"`
}

type nothingIn struct{}

func (t *tools) addReading(s *mcp.Server, may func(string) bool) {
	reads := &mcp.ToolAnnotations{ReadOnlyHint: true}
	if may("leads:read") {
		mcp.AddTool(s, &mcp.Tool{Name: "find_leads", Annotations: reads, Description: "Find leads by part of their name, address or company."}, t.findLeads)
		mcp.AddTool(s, &mcp.Tool{Name: "lead_timeline", Annotations: reads, Description: "What happened to a lead, in words, the newest first."}, t.timeline)
	}
	if may("campaigns:read") {
		mcp.AddTool(s, &mcp.Tool{Name: "list_campaigns", Annotations: reads, Description: "All campaigns with their status."}, t.campaigns)
		if may("leads:read") {
			mcp.AddTool(s, &mcp.Tool{Name: "why_waiting", Annotations: reads, Description: "Why the next message to a lead waits, in each campaign that they are in: the rules, until when, and which one binds."}, t.why)
		}
	}
	if may("analytics:read") {
		mcp.AddTool(s, &mcp.Tool{Name: "figures", Annotations: reads, Description: "Counts and rates of what was sent, each with its interval."}, t.figures)
	}
}

func limitOf(n, fallback int) int {
	if n == 0 {
		n = fallback
	}
	return min(max(n, 1), most)
}

func (t *tools) findLeads(ctx context.Context, _ *mcp.CallToolRequest, in findIn) (*mcp.CallToolResult, any, error) {
	limit := limitOf(in.Limit, 10)
	return answer(t.api.ListLeads(ctx, &client.ListLeadsParams{Q: &in.Query, Limit: &limit})) //nolint:bodyclose // answer closes it
}

func (t *tools) timeline(ctx context.Context, _ *mcp.CallToolRequest, in leadIn) (*mcp.CallToolResult, any, error) {
	id, err := idOf("lead_id", in.LeadID)
	if err != nil {
		return nil, nil, err
	}
	limit := most
	return answer(t.api.GetLeadTimeline(ctx, id, &client.GetLeadTimelineParams{Limit: &limit})) //nolint:bodyclose // answer closes it
}

func (t *tools) campaigns(ctx context.Context, _ *mcp.CallToolRequest, _ nothingIn) (*mcp.CallToolResult, any, error) {
	limit := most
	return answer(t.api.ListCampaigns(ctx, &client.ListCampaignsParams{Limit: &limit})) //nolint:bodyclose // answer closes it
}

// why asks for each enrollment of a lead.
func (t *tools) why(ctx context.Context, _ *mcp.CallToolRequest, in leadIn) (*mcp.CallToolResult, any, error) {
	id, err := idOf("lead_id", in.LeadID)
	if err != nil {
		return nil, nil, err
	}
	page, _, err := client.Read[client.EnrollmentPage](t.api.ListLeadEnrollments(ctx, id, &client.ListLeadEnrollmentsParams{})) //nolint:bodyclose // Read closes it
	if err != nil {
		return nil, nil, err
	}
	out := []map[string]any{}
	for _, e := range page.Data {
		why, _, err := client.Read[map[string]any](t.api.WhyEnrollment(ctx, e.ID, &client.WhyEnrollmentParams{})) //nolint:bodyclose // Read closes it
		if err != nil {
			return nil, nil, err
		}
		out = append(out, map[string]any{"enrollment_id": e.ID, "campaign_id": e.CampaignID, "why": why})
	}
	return answerWith(map[string]any{"lead_id": id, "enrollments": out})
}

func (t *tools) figures(ctx context.Context, _ *mcp.CallToolRequest, in figuresIn) (*mcp.CallToolResult, any, error) {
	if len(in.Metrics) == 0 {
		return nil, nil, errors.New("metrics must name what to count")
	}
	days := in.Days
	if days == 0 {
		days = 28
	}
	unit := client.AnalyticsUnit(cmp.Or(in.Unit, "person"))
	to := time.Now().UTC()
	body := client.AnalyticsQuery{Unit: &unit, Period: client.AnalyticsPeriod{From: to.AddDate(0, 0, 1-min(max(days, 1), 366)).Format(time.DateOnly), To: to.Format(time.DateOnly)}}
	for _, m := range in.Metrics {
		body.Metrics = append(body.Metrics, client.AnalyticsMetric(m))
	}
	by := []client.AnalyticsDimension{}
	for _, d := range in.By {
		by = append(by, client.AnalyticsDimension(d))
	}
	body.By = &by
	return answer(t.api.QueryAnalytics(ctx, &client.QueryAnalyticsParams{}, body)) //nolint:bodyclose // answer closes it
}
