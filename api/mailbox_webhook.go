package api

import (
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/google/uuid"

	"outrider/api/gen"
	"outrider/commands"
	"outrider/events"
	"outrider/internal/linktoken"
	"outrider/internal/mail/sendgrid"
	"outrider/projections"
)

// setMailboxWebhook replaces the keys by which SendGrid's posts are checked.
func setMailboxWebhook(_ *call, id uuid.UUID, body gen.MailboxWebhookKeys) (commands.Command, error) {
	cmd := commands.SetMailboxWebhookKeys{MailboxRef: events.MailboxRef{MailboxID: id}}
	for _, x := range []struct {
		field string
		from  []string
		to    *[]string
	}{{"report_keys", body.ReportKeys, &cmd.Reports}, {"mail_keys", body.MailKeys, &cmd.Mail}} {
		for i, text := range x.from {
			key, err := sendgrid.NormalizeKey(text)
			if err != nil {
				return nil, invalidField(x.field+"."+strconv.Itoa(i), sendgrid.ErrKey.Error())
			}
			*x.to = append(*x.to, key)
		}
	}
	return cmd, nil
}

// sendgridOf is what is shown of a mailbox that sends through SendGrid; zero for another.
func sendgridOf(row *projections.Mailbox) (out gen.MailboxSendGrid, err error) {
	if row.Transport != events.TransportSendGrid || row.SMTP == nil {
		return out, nil
	}
	var server struct {
		Host string `json:"host"`
	}
	if err := json.Unmarshal(row.SMTP, &server); err != nil {
		return out, fmt.Errorf("read server of mailbox: %w", err)
	}
	out.Region = gen.SendGridRegion(sendgrid.RegionOf(server.Host))
	if row.WebhookKeys == nil {
		return out, nil
	}
	var keys projections.WebhookKeys
	if err := json.Unmarshal(row.WebhookKeys, &keys); err != nil {
		return out, fmt.Errorf("read keys of mailbox: %w", err)
	}
	out.ReportKeys, out.MailKeys = keys.Reports, keys.Mail
	return out, nil
}

// addHookURLs says where SendGrid is to post. The address for mail is its secret: who knows it may hand over mail.
func addHookURLs(out *gen.Mailbox, row *projections.Mailbox, links linktoken.Links) {
	if out.Sendgrid.Region == "" || links.Signer == nil {
		return
	}
	t := linktoken.Token{Org: row.OrgID, Message: row.MailboxID}
	out.Sendgrid.ReportsURL, out.Sendgrid.MailURL = links.ProviderReports(t), links.ProviderMail(t)
}
