package linktoken

import (
	"bytes"
	"encoding/base64"

	"github.com/google/uuid"
)

// FoundToken is a token that stands somewhere in a text.
type FoundToken struct {
	Token
	Kind TokenKind
	At   int // its first byte
	Tag  bool
}

// maxTags is how many runs of letters of a text are tried as tags.
const maxTags = 500

// Find returns the tokens and the tags of an organisation in the bytes of a text, whatever stands around them, those of links and Message-IDs
// first. A text costs hardly more than being looked through: what a token begins with follows from its organisation.
func (s *Signer) Find(org uuid.UUID, text []byte) []FoundToken {
	return append(s.findTokens(org, text), s.findTags(org, text)...)
}

func (s *Signer) findTokens(org uuid.UUID, text []byte) (found []FoundToken) {
	// The third to the fourteenth byte of the organisation, which begin with a letter of their own: the fifth.
	const before = 4
	needle := []byte(base64.RawURLEncoding.EncodeToString(org[2:14]))
	for from := 0; from < len(text); {
		at := bytes.Index(text[from:], needle)
		if at < 0 {
			break
		}
		start := from + at - before
		from += at + len(needle)
		if start < 0 {
			continue
		}
		for _, kind := range []TokenKind{MessageID, Unsubscribe, Click, Open, Booking, Reply, Mailbox} {
			end := start + tokenLength(kind)
			if end > len(text) {
				continue
			}
			if t, err := s.Verify(kind, string(text[start:end])); err == nil && t.Org == org {
				found = append(found, FoundToken{Token: t, Kind: kind, At: start})
				break
			}
		}
	}
	return found
}

func (s *Signer) findTags(org uuid.UUID, text []byte) (found []FoundToken) {
	tried := 0
	for at := 0; at < len(text) && tried < maxTags; at++ {
		start := at
		for at < len(text) && isTagLetter(text[at]) {
			at++
		}
		run := text[start:at]
		if len(run) == tagLength+2 && start > 0 && (text[start-1] == '%' || text[start-1] == '=') { // an encoded +
			run = run[2:]
		}
		if len(run) != tagLength {
			continue
		}
		tried++
		for _, kind := range []TokenKind{Reply, Unsubscribe} {
			if t, err := s.VerifyTag(kind, org, string(run)); err == nil {
				found = append(found, FoundToken{Token: t, Kind: kind, At: at - len(run), Tag: true})
			}
		}
	}
	return found
}

func isTagLetter(b byte) bool { return b|0x20 >= 'a' && b|0x20 <= 'z' || b >= '2' && b <= '7' }
