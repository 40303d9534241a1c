package e2e

import (
	"net/http"
	"regexp"
	"strings"
	"time"
)

var (
	dateField   = regexp.MustCompile(`(?m)^Date: .*$`)
	recipient   = regexp.MustCompile(`(?m)^To: .*$`)
	softBreak   = regexp.MustCompile(`=\n`)
	longWord    = regexp.MustCompile(`[A-Za-z0-9_-]{30,}`)
	foldedField = regexp.MustCompile(`\n[ \t]+`)
)

// asPreviewed compares the bytes that came out of a mail server with those that the preview of the same message shows. The time of day is another, and servers add lines above.
func (s *correspondence) asPreviewed(name string) {
	s.t.Helper()
	id, _ := s.message(name+"@acme.test", "sent_at")["id"].(string)
	shown := s.must(http.StatusOK, s.key, http.MethodGet, "/v1/messages/"+id+"/preview", nil)
	plain := func(text string) string {
		return dateField.ReplaceAllString(strings.ReplaceAll(text, "\r\n", "\n"), "Date: then")
	}
	arrived, want := plain(s.servers.inbox(s.t, name)[0]), plain(shown.text("source"))
	if want == "" || !strings.HasSuffix(strings.TrimRight(arrived, "\n"), strings.TrimRight(want, "\n")) {
		s.t.Errorf("what arrived is\n%s\nand not as it was previewed:\n%s", arrived, want)
	}
}

// testSend has a test sent to the mailbox itself: it arrives as the campaign's preview shows it, but for what names it, and is no message.
func (s *correspondence) testSend(campaign, lead string) {
	s.t.Helper()
	path := "/v1/campaigns/" + campaign
	preview := s.must(http.StatusOK, s.key, http.MethodPost, path+"/preview", map[string]any{"lead_id": lead})
	sent, _ := preview.Body["as_sent"].(map[string]any)
	source, _ := sent["source"].(string)
	test := s.must(http.StatusCreated, s.key, http.MethodPost, path+"/test-sends", map[string]any{"lead_id": lead, "to_mailbox": true})
	s.until("/v1/test-sends/"+test.text("id"), func(r response) bool { return r.text("state") == "sent" })
	anonymous := func(text string) string {
		text = foldedField.ReplaceAllString(softBreak.ReplaceAllString(strings.ReplaceAll(text, "\r\n", "\n"), ""), " ")
		return strings.TrimRight(longWord.ReplaceAllString(recipient.ReplaceAllString(dateField.ReplaceAllString(text, "Date: then"), "To: somebody"), "TOKEN"), "\n")
	}
	for range 600 {
		for _, text := range s.servers.inbox(s.t, "jane") {
			if strings.Contains(text, "Subject: A question") && strings.HasSuffix(anonymous(text), anonymous(source)) {
				if r := s.must(http.StatusOK, s.key, http.MethodGet, "/v1/messages?campaign_id="+campaign, nil); strings.Contains(string(r.Raw), `"sent_at"`) {
					s.t.Errorf("the test counts: %s", r.Raw)
				}
				return
			}
		}
		time.Sleep(100 * time.Millisecond)
	}
	s.t.Errorf("the test doesn't arrive as it was previewed:\n%s\nin\n%s", anonymous(source), strings.Join(s.servers.inbox(s.t, "jane"), "\n---\n"))
}
