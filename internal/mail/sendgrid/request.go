// Package sendgrid sends through SendGrid's API (v3/mail/send), and reads what its webhooks post.
package sendgrid

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"

	"github.com/emersion/go-message/mail"
	api "github.com/sendgrid/sendgrid-go/helpers/mail"
)

// requestOf returns the request that sends a message as compose wrote it: the API takes its parts, and makes the mail itself. Its header is what is left of
// ours, the Message-ID among it; arguments gives what reports name it by, of its content: nothing of a person, as the provider keeps it for good.
func requestOf(to string, message []byte, arguments func(content string) map[string]string) ([]byte, error) {
	r, err := mail.CreateReader(bytes.NewReader(message))
	if err != nil {
		return nil, fmt.Errorf("read message: %w", err)
	}
	m := api.NewV3Mail()
	m.Subject, err = r.Header.Subject()
	if err != nil {
		return nil, fmt.Errorf("read subject: %w", err)
	}
	from, err := r.Header.AddressList("From")
	if err != nil || len(from) != 1 {
		return nil, errors.Join(errors.New("read sender"), err)
	}
	m.SetFrom(api.NewEmail(from[0].Name, from[0].Address))
	if answers, err := r.Header.AddressList("Reply-To"); err == nil && len(answers) == 1 {
		m.SetReplyTo(api.NewEmail(answers[0].Name, answers[0].Address))
	}
	p := api.NewPersonalization()
	p.AddTos(api.NewEmail("", to))
	m.AddPersonalizations(p)
	for _, name := range keptFields() {
		if value, err := r.Header.Text(name); err == nil && value != "" {
			m.SetHeader(name, value)
		}
	}
	if err := addParts(m, r); err != nil {
		return nil, err
	}
	content := make([]string, 0, len(m.Content))
	for _, c := range m.Content {
		content = append(content, c.Value)
	}
	for name, value := range arguments(strings.Join(content, "\n")) {
		p.SetCustomArg(name, value)
	}
	off := false // opens and clicks are ours to count, and a link of theirs would stand in for ours
	m.SetTrackingSettings(&api.TrackingSettings{ClickTracking: &api.ClickTrackingSetting{Enable: &off, EnableText: &off}, OpenTracking: &api.OpenTrackingSetting{Enable: &off},
		SubscriptionTracking: &api.SubscriptionTrackingSetting{Enable: &off}, GoogleAnalytics: &api.GaSetting{Enable: &off}})
	return api.GetRequestBody(m), nil
}

// keptFields are the fields of ours that the API lets through, and doesn't make itself.
func keptFields() []string {
	return []string{"Message-ID", "In-Reply-To", "References", "List-Unsubscribe", "List-Unsubscribe-Post", "Auto-Submitted"}
}

// addParts adds the forms of the content, the plainest first as the API wants them, and files.
func addParts(m *api.SGMailV3, r *mail.Reader) error {
	for {
		part, err := r.NextPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read part: %w", err)
		}
		content, err := io.ReadAll(part.Body)
		if err != nil {
			return fmt.Errorf("read part: %w", err)
		}
		switch h := part.Header.(type) {
		case *mail.InlineHeader:
			kind, params, err := h.ContentType()
			if err != nil {
				return fmt.Errorf("read type of part: %w", err)
			}
			if method := params["method"]; method != "" {
				kind += "; method=" + method
			}
			m.AddContent(api.NewContent(kind, strings.ReplaceAll(string(content), "\r\n", "\n")))
		case *mail.AttachmentHeader:
			kind, _, err := h.ContentType()
			if err != nil {
				return fmt.Errorf("read type of file: %w", err)
			}
			name, err := h.Filename()
			if err != nil {
				return fmt.Errorf("read name of file: %w", err)
			}
			m.AddAttachment(api.NewAttachment().SetContent(base64.StdEncoding.EncodeToString(content)).SetType(kind).SetFilename(name).SetDisposition("attachment"))
		}
	}
}

// Hosts of the API by region.
const (
	HostGlobal = "api.sendgrid.com"
	HostEU     = "api.eu.sendgrid.com"
)

// HostOf returns the host of a region; false for one that isn't known.
func HostOf(region string) (string, bool) {
	switch region {
	case "", "global":
		return HostGlobal, true
	case "eu":
		return HostEU, true
	}
	return "", false
}

// RegionOf returns the region of a host.
func RegionOf(host string) string {
	if host == HostEU {
		return "eu"
	}
	return "global"
}

// baseOf is where the API of a host is; standIn ("" = none) takes the place of every one.
func baseOf(host, standIn string) string {
	if standIn != "" {
		return strings.TrimSuffix(standIn, "/")
	}
	return (&url.URL{Scheme: "https", Host: host}).String()
}
