package compose

import "strings"

// Letter is the text of a message with what stands below it. A preview and what is sent are both made of one.
type Letter struct {
	Body        string
	Signature   string // of the mailbox; "" = none
	Footer      string // who writes, and from where; "" = none
	Unsubscribe string // the link below the footer
}

// Text returns all of it, as plain text.
func (l Letter) Text() string {
	text := l.Body
	for _, part := range []string{l.Signature, l.End()} {
		if part != "" {
			text = strings.TrimRight(text, "\n") + "\n\n" + strings.TrimRight(part, "\n") + "\n"
		}
	}
	return text
}

// End returns what stands below everything else; "" = nothing.
func (l Letter) End() string {
	if l.Footer == "" {
		return ""
	}
	return "-- \n" + l.Footer + "\nUnsubscribe: " + l.Unsubscribe + "\n"
}

// FooterOf returns the footer that says who writes.
func FooterOf(organization, postalAddress string) string {
	if postalAddress == "" {
		return organization
	}
	return organization + ", " + postalAddress
}
