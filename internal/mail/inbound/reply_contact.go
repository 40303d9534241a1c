package inbound

import (
	"net/mail"
	"regexp"
	"strings"
)

// Contact is somebody whom an answer names.
type Contact struct{ Email, Name string }

var (
	anAddress = regexp.MustCompile(`[\pL\pN._%+-]+@[\pL\pN-]+(?:\.[\pL\pN-]+)+`)
	// A name stands right before an address: "Ann Lee (ann@example.com)", "Ann Lee, ann@example.com".
	nameBefore = regexp.MustCompile(`((?:\p{Lu}[\p{L}'-]+|\p{Lu}\.|de|van|von|der|la|di)(?: (?:\p{Lu}[\p{L}'-]+|\p{Lu}\.|de|van|von|der|la|di)){0,3})[\s,(<:（]*$`)
)

// namedContact returns the one person at another address whom a text names; none where it names several, or gives no address.
func namedContact(said, from string, c Context) (found Contact) {
	own := map[string]bool{strings.ToLower(from): true, strings.ToLower(c.Lead): true, strings.ToLower(c.Mailbox): true, withoutTag(c.Mailbox): true}
	if at := signedAt(said); at < len(said) {
		said = said[:at]
	}
	for _, at := range anAddress.FindAllStringIndex(said, 20) {
		address := strings.TrimRight(said[at[0]:at[1]], ".-")
		if _, err := mail.ParseAddress(address); err != nil || own[strings.ToLower(address)] || strings.EqualFold(found.Email, address) {
			continue
		}
		if found.Email != "" {
			return Contact{}
		}
		found.Email = strings.ToLower(address)
		if name := nameBefore.FindStringSubmatch(strings.TrimSuffix(said[:at[0]], "mailto:")); name != nil {
			found.Name = trimTitle(name[1])
		}
	}
	return found
}

var title = regexp.MustCompile(`^(?:Herrn?|Frau|Mr|Mrs|Ms|Dr|Sr|Sra|Mme|Monsieur|Madame|Señora?|Signora?|Pan|Pani|Mevrouw|Meneer|Kolleg(?:e|in|en)|Collègue|Chef(?:in)?|Contact|Email|Ask|Please|Best|Kontakta|Mejla|Mail|Escriba|Scriva|Contatti|Contactez|Contacte)\.? `)

func trimTitle(name string) string {
	for range 3 {
		name = title.ReplaceAllString(name, "")
	}
	if title.MatchString(name + " ") {
		return ""
	}
	return name
}
