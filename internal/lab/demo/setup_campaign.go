package demo

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"path/filepath"

	"outrider/internal/app/client"

	"github.com/google/uuid"
)

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
	i, position, err := client.Read[client.Import](s.API.CreateImportWithBody(ctx, nil, w.FormDataContentType(), bytes.NewReader(form.Bytes()), s.Once("import")))
	if err != nil {
		return err
	}
	s.remember(position)
	if err := s.waitUntil(ctx, func() (_ string, err error) {
		i, _, err = client.Read[client.Import](s.API.GetImport(ctx, i.ID, nil, client.Showing(s.Made.position)))
		return sentenceIf(i.Status == client.ImportStatusRunning, "the import is at row %d", i.Rows), err
	}); err != nil {
		return err
	}
	if i.Status != client.ImportStatusCompleted {
		return fmt.Errorf("the import %s: %s", i.Status, textOf(i.Reason))
	}
	s.Made.Imported = Count{Rows: int(i.Rows), Imported: int(i.Created), Duplicates: int(i.Duplicates), Rejected: int(i.Rejected)}
	return nil
}

// Steps are the campaign's: what to book comes before what to look at, as people take the first link that is about a meeting.
func Steps(delays []int) (out []client.StepInput) {
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
		out = append(out, client.StepInput{DelayDays: &delay, Variants: []client.VariantInput{{Name: new("A"), Subject: t[0], Body: t[1]}}})
	}
	return out
}

// CampaignSpec is a campaign as the API takes it.
type CampaignSpec struct {
	Body     client.CampaignCreate
	Settings client.CampaignSettingsInput
}

func campaignSpecOf(p Promise) CampaignSpec {
	return CampaignSpec{
		Body: client.CampaignCreate{Name: "Demo", CampaignType: new(client.CampaignTypeColdOutreach), TimeZone: new(Zone), Approval: new(client.ApprovalNone), Steps: new(withQuestion(Steps(p.Delays)))},
		Settings: client.CampaignSettingsInput{Window: &client.Window{Days: []int{1, 2, 3, 4, 5}, From: "09:00", To: "17:00"},
			TimeZone: new(Zone), MaxFollowUps: new(len(p.Delays) - 1), FollowUpDays: new(2), StopOnCompany: new(false), CompanyCap: new(p.CompanyCap),
			CompanyGapMinutes: new(int(p.CompanyGap.Minutes())), UnsubscribeFooter: new(true), TrackOpens: new(true), TrackClicks: new(true), KeepOpen: new(true)},
	}
}

func (s *Setup) createCampaign(ctx context.Context) error {
	made, position, err := client.Read[client.Campaign](s.API.CreateCampaign(ctx, nil, s.Campaign.Body, s.Once("campaign")))
	if err != nil {
		return err
	}
	s.remember(position)
	s.Made.Campaign = made.ID
	if err := s.write(s.API.SetCampaignSettings(ctx, made.ID, nil, s.Campaign.Settings, s.Once("settings"))); err != nil {
		return err
	}
	all, err := s.listMailboxes(ctx)
	if err != nil {
		return err
	}
	ids := []uuid.UUID{}
	for _, m := range all {
		ids = append(ids, m.ID)
	}
	return s.write(s.API.AssignMailboxes(ctx, made.ID, nil, client.MailboxAssignment{MailboxIds: ids}, s.Once("campaign mailboxes")))
}

// enrolLeads enrolls all leads and counts those that the plan doesn't admit.
func (s *Setup) enrolLeads(ctx context.Context) error {
	s.Made.Refused = map[string]int{}
	ask := client.EnrollmentCreate{Filter: &client.LeadSelection{All: new(true)}}
	for page := 0; ; page++ {
		out, position, err := client.Read[client.EnrollmentResult](s.API.EnrollLeads(ctx, s.Made.Campaign, nil, ask, s.Once(fmt.Sprint("enrol ", page))))
		if refused, ok := client.RefusalIn(err); ok && refused.Status == http.StatusPaymentRequired {
			return nil // nobody else fits; who is left shows in the end
		}
		if err != nil {
			return err
		}
		s.remember(position)
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
		ask.Cursor = out.NextCursor
	}
}

func (s *Setup) Launch(ctx context.Context) error {
	return s.write(s.API.LaunchCampaign(ctx, s.Made.Campaign, nil, s.Once("launch")))
}

func textOf(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
