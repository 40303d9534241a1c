package linktoken

import (
	"net/url"
	"strings"

	"github.com/google/uuid"
)

// Links makes what leads from a message back to us.
type Links struct {
	Signer *Signer
	Base   string // https://host, no slash at the end
}

// Open is the address of the pixel, Click that of a link by its index, Unsubscribe that of RFC 8058 and of the page.
func (l Links) Open(t Token) string {
	return l.Base + "/t/o/" + l.Signer.Sign(Open, t)
}
func (l Links) Click(t Token) string {
	return l.Base + "/t/c/" + l.Signer.Sign(Click, t)
}
func (l Links) Unsubscribe(t Token) string {
	return l.Base + "/u/" + l.Signer.Sign(Unsubscribe, t)
}

// Booking is the address of the page on which a meeting is picked.
func (l Links) Booking(t Token) string {
	return l.Base + "/b/" + l.Signer.Sign(Booking, t)
}

// Meeting is the address of the page on which a guest moves or cancels a meeting; Message is the meeting.
func (l Links) Meeting(t Token) string {
	return l.Base + "/m/" + l.Signer.Sign(Meeting, t)
}

// Notifications is the address of the page that ends mails of notifications to a person; Message is the person.
func (l Links) Notifications(t Token) string {
	return l.Base + "/n/" + l.Signer.Sign(Notifications, t)
}

// ProviderReports is where a provider posts what became of a mailbox's messages, ProviderMail where it posts mail that came for it.
func (l Links) ProviderReports(t Token) string {
	return l.Base + "/hooks/sendgrid/events/" + l.Signer.Sign(ProviderReports, t)
}
func (l Links) ProviderMail(t Token) string {
	return l.Base + "/hooks/sendgrid/mail/" + l.Signer.Sign(ProviderMail, t)
}

// Bookings is where a service posts what becomes of bookings on its pages.
func (l Links) Bookings(service string, t Token) string {
	return l.Base + "/hooks/" + service + "/" + l.Signer.Sign(Bookings, t)
}

// TrapLink is a link that only machines follow.
func (l Links) TrapLink(t Token) string {
	t.Link = Trap
	return l.Click(t)
}

// IsOurs reports whether an address leads to us: it is at our host, or carries a token of the organisation's behind somebody else's host, as image
// proxies of mail programs and scanners' redirects have it.
func (l Links) IsOurs(org uuid.UUID, address string) bool {
	base, err := url.Parse(l.Base)
	if u, bad := url.Parse(address); err == nil && bad == nil && base.Host != "" && strings.EqualFold(strings.TrimSuffix(u.Hostname(), "."), base.Hostname()) && webPort(u) == webPort(base) {
		return true
	}
	for range 3 { // a redirect's address may stand in another's
		if l.Signer != nil && len(l.Signer.Find(org, []byte(address))) > 0 {
			return true
		}
		plain, err := url.PathUnescape(address)
		if err != nil || plain == address {
			break
		}
		address = plain
	}
	return false
}

// webPort is the port that tells servers of a host apart; "" for those of web pages.
func webPort(u *url.URL) string {
	if port := u.Port(); port != "80" && port != "443" {
		return port
	}
	return ""
}
