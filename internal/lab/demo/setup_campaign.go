package demo

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"path/filepath"
	"strconv"

	"outrider/internal/app/client"

	"github.com/google/uuid"
)

// serverAt splits host:port.
func serverAt(address string) (map[string]any, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("address %s: %w", address, err)
	}
	n, err := strconv.Atoi(port)
	if err != nil {
		return nil, fmt.Errorf("address %s: %w", address, err)
	}
	return map[string]any{"host": host, "port": n}, nil
}

func (s *Setup) importLeads(ctx context.Context) error {
	f, err := s.openLeads()
	if err != nil {
		return err
	}
	defer f.Close()
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	if err := w.SetBoundary("outrider-demo-" + s.Run); err != nil { // a repeat must be the same
		return fmt.Errorf("make a form: %w", err)
	}
	_ = w.WriteField("source", "csv_upload") // into memory
	part, err := w.CreateFormFile("file", filepath.Base(s.File))
	if err == nil {
		_, err = io.Copy(part, f)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		return fmt.Errorf("read leads: %w", err)
	}
	var i client.Import
	if err := s.Write(ctx, http.MethodPost, "/v1/imports", "import", apiForm{w.FormDataContentType(), form.Bytes()}, &i); err != nil {
		return err
	}
	if err := s.waitUntil(ctx, func() (string, error) {
		if _, err := s.API.askUntilAnswered(ctx, ask{method: http.MethodGet, path: "/v1/imports/" + i.ID, position: s.Made.position}, &i); err != nil {
			return "", err
		}
		return sentenceIf(i.Status == "running", "the import is at row %d", i.Rows), nil
	}); err != nil {
		return err
	}
	if i.Status != "completed" {
		return fmt.Errorf("the import %s: %s", i.Status, i.Reason)
	}
	s.Made.Imported = Count{Rows: int(i.Rows), Imported: int(i.Created), Duplicates: int(i.Duplicates), Rejected: int(i.Rejected)}
	return nil
}

// Steps are the campaign's: what to book comes before what to look at, as people take the first link that is about a meeting.
func Steps(delays []int) (out []map[string]any) {
	texts := [][2]string{
		{`{{ company_name | default: "Your team" }} and fewer empty pipelines`, `Hi {{ first_name | default: "there" }},

I saw that {{ company_name | default: "your company" }} is growing, and wondered how you find new customers today.
We help teams like yours to write to the right people at the right time, and to stop when they should.

Book a time that suits you: {{ booking_link }}
Or see how it works first: https://example.com/how-it-works

Best regards
{{ sender_name }}`},
		{`A quick example for {{ company_name | default: "you" }}`, `Hi {{ first_name | default: "there" }},

a team of your size got eleven meetings out of its first month with us. The story is short:
pick a slot for a call here, {{ booking_link }}
and the numbers are here: https://example.com/stories/eleven-meetings

{{ sender_name }}`},
		{`Shall I close your file, {{ first_name | default: "or not" }}?`, `Hi {{ first_name | default: "there" }},

I don't want to fill your inbox, so this is my last message. Should it be of interest later, my calendar is open:
{{ booking_link }}
What we do in two minutes: https://example.com/two-minutes

All the best for {{ company_name | default: "your team" }}
{{ sender_name }}`},
	}
	for i, delay := range delays {
		t := texts[min(i, len(texts)-1)]
		out = append(out, map[string]any{"kind": "email", "delay_days": delay, "variants": []map[string]any{{"name": "A", "subject": t[0], "body": t[1]}}})
	}
	return out
}

// CampaignSpec is a campaign as the API takes it.
type CampaignSpec struct{ Body, Settings map[string]any }

func campaignSpecOf(p Promise) CampaignSpec {
	return CampaignSpec{
		Body: map[string]any{"name": "Demo", "campaign_type": "cold_outreach", "time_zone": Zone, "approval": "none", "steps": Steps(p.Delays)},
		Settings: map[string]any{"window": map[string]any{"days": []int{1, 2, 3, 4, 5}, "from": "09:00", "to": "17:00"},
			"time_zone": Zone, "max_follow_ups": len(p.Delays) - 1, "follow_up_days": 2, "stop_on_company": false, "company_cap": p.CompanyCap,
			"company_gap_minutes": int(p.CompanyGap.Minutes()), "unsubscribe_footer": true, "track_opens": true, "track_clicks": true, "keep_open": true},
	}
}

func (s *Setup) createCampaign(ctx context.Context) error {
	var made struct{ ID uuid.UUID }
	if err := s.Write(ctx, http.MethodPost, "/v1/campaigns", "campaign", s.Campaign.Body, &made); err != nil {
		return err
	}
	s.Made.Campaign = made.ID
	path := "/v1/campaigns/" + s.Made.Campaign.String()
	if err := s.Write(ctx, http.MethodPut, path+"/settings", "settings", s.Campaign.Settings, nil); err != nil {
		return err
	}
	all, err := s.listMailboxes(ctx)
	if err != nil {
		return err
	}
	ids := []any{}
	for _, m := range all {
		ids = append(ids, m.ID)
	}
	return s.Write(ctx, http.MethodPut, path+"/mailboxes", "campaign mailboxes", map[string]any{"mailbox_ids": ids}, nil)
}

// enrolLeads goes through all leads; whom the plan doesn't admit is counted.
func (s *Setup) enrolLeads(ctx context.Context) error {
	s.Made.Refused = map[string]int{}
	ask := map[string]any{"filter": map[string]any{"all": true}}
	for page := 0; ; page++ {
		var out struct {
			Enrolled, Already int
			Refused           []struct{ Code string }
			RefusedCount      int     `json:"refused_count"`
			NextCursor        *string `json:"next_cursor"`
		}
		err := s.Write(ctx, http.MethodPost, "/v1/campaigns/"+s.Made.Campaign.String()+"/enrollments", fmt.Sprint("enrol ", page), ask, &out)
		if p, ok := problemOf(err); ok && p.Status == http.StatusPaymentRequired {
			return nil // nobody else fits; who is left shows in the end
		}
		if err != nil {
			return err
		}
		s.Made.Enrolled += out.Enrolled + out.Already
		for i := range max(out.RefusedCount, len(out.Refused)) {
			code := "unknown"
			if n := len(out.Refused); n > 0 { // only the first ones are named: the rest is like the last of them
				code = out.Refused[min(i, n-1)].Code
			}
			s.Made.Refused[code]++
		}
		if out.NextCursor == nil {
			return nil
		}
		ask["cursor"] = *out.NextCursor
	}
}

func (s *Setup) Launch(ctx context.Context) error {
	return s.Write(ctx, http.MethodPost, "/v1/campaigns/"+s.Made.Campaign.String()+"/launch", "launch", map[string]any{}, nil)
}
