// Package linktoken signs what we put into a message so that what comes back names its message: no look-up, nothing to guess.
package linktoken

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
)

// TokenKind is what a token is for; a token of one kind is worthless as another. The numbers are in messages that people have:
// they never change.
type TokenKind byte

// The kinds.
const (
	MessageID   TokenKind = 1
	Open        TokenKind = 2
	Click       TokenKind = 3
	Unsubscribe TokenKind = 4
	Reply       TokenKind = 5
	Booking     TokenKind = 6
	// In the addresses that a provider posts to; Message is the mailbox.
	ProviderReports TokenKind = 8
	ProviderMail    TokenKind = 9

	// In the link by which a guest moves or cancels; Message is the meeting.
	Meeting TokenKind = 10
	// In the address that Calendly or Cal.com posts to; Message is the connection.
	Bookings TokenKind = 11
	// In the link that ends mails of notifications; Message is the person.
	Notifications TokenKind = 13

	Mailbox TokenKind = 7 // in the tag of a message from a mailbox to itself; Message is the mailbox
)

// Token names a message of an organisation.
type Token struct {
	Org     uuid.UUID
	Message uuid.UUID
	Link    uint16 // of a Click: Trap, or ClickIndex of the index into the message's list of destinations
}

// SigningKey signs. ID (0-15) goes into each token, so that keys can be replaced: sign with a new one, verify with both.
type SigningKey struct {
	ID     byte
	Secret []byte // at least 32 bytes
}

// Signer makes and checks tokens. Safe for many goroutines.
type Signer struct {
	ring     atomic.Pointer[signingRing]
	reload   func() ([]SigningKey, error) // nil = the keys never change
	reloaded atomic.Int64                 // when it last was, in nanoseconds since 1970
}

type signingRing struct {
	newest byte
	keys   [16][]byte
}

// reloadAfter is how often the keys are looked up again for the sake of a token that names an unknown one; anybody can make such tokens.
const reloadAfter = time.Second

// ErrInvalid is for whatever is no token of ours; it doesn't say why.
var ErrInvalid = errors.New("invalid token")

// NewSigner signs with the first key and verifies with all.
func NewSigner(keys ...SigningKey) (*Signer, error) {
	if len(keys) == 0 {
		return nil, errors.New("make signer: no key")
	}
	s := new(Signer)
	return s, s.use(keys)
}

func (s *Signer) use(keys []SigningKey) error {
	ring := signingRing{newest: keys[0].ID}
	for _, k := range keys {
		if k.ID > 15 || len(k.Secret) < 32 || ring.keys[k.ID] != nil {
			return fmt.Errorf("make signer: key %d: want ids from 0 to 15, each once, and 32 bytes", k.ID)
		}
		ring.keys[k.ID] = k.Secret
	}
	s.ring.Store(&ring)
	return nil
}

// LoadSigner signs with the first key that load returns and verifies with all. It calls load again when it meets a token of a key that it
// doesn't know: another process has begun to sign with a new one.
func LoadSigner(load func() ([]SigningKey, error)) (*Signer, error) {
	keys, err := load()
	if err != nil {
		return nil, err
	}
	s, err := NewSigner(keys...)
	if err == nil {
		s.reload = load
	}
	return s, err
}

// learnKey reports whether it has learned the key by looking again.
func (s *Signer) learnKey(id byte) bool {
	before, now := s.reloaded.Load(), time.Now().UnixNano()
	if s.reload == nil || now-before < int64(reloadAfter) || !s.reloaded.CompareAndSwap(before, now) {
		return false
	}
	keys, err := s.reload()
	if err != nil || len(keys) == 0 || s.use(keys) != nil {
		return false
	}
	return s.ring.Load().keys[id] != nil
}

// A token is key id and kind (4 bits each), organisation (16 bytes), message (16), of a click the link (2), and 12 bytes of
// HMAC-SHA-256 (RFC 2104, section 5: at least half of the hash or 80 bits) over "token" and all before.
const macBytes, plainBytes = 12, 1 + 16 + 16

// Sign returns a token for a URL: 60 letters (63 of a click) of base64url (RFC 4648).
func (s *Signer) Sign(kind TokenKind, t Token) string {
	b := make([]byte, 0, plainBytes+2+macBytes)
	ring := s.ring.Load()
	b = append(b, ring.newest<<4|byte(kind))
	b = append(b, t.Org[:]...)
	b = append(b, t.Message[:]...)
	if kind == Click {
		b = binary.BigEndian.AppendUint16(b, t.Link)
	}
	b = append(b, ring.computeMAC(ring.newest, "token", b)[:macBytes]...)
	return base64.RawURLEncoding.EncodeToString(b)
}

// tokenLength is how many letters a token has.
func tokenLength(kind TokenKind) int {
	size := plainBytes + macBytes
	if kind == Click {
		size += 2
	}
	return base64.RawURLEncoding.EncodedLen(size)
}

// VerifyLink reads the token that the last part of a link begins with, as mail programs find links: they take what stands behind one for
// a part of it, and some leave out a last - or _.
func (s *Signer) VerifyLink(kind TokenKind, part string) (Token, error) {
	size := tokenLength(kind)
	for _, cut := range []string{"-", "_"} {
		if len(part) == size-1 {
			if t, err := s.Verify(kind, part+cut); err == nil {
				return t, nil
			}
		}
	}
	return s.Verify(kind, part[:min(len(part), size)])
}

// Verify reads a token of that kind. Any other text is ErrInvalid, and takes as long.
func (s *Signer) Verify(kind TokenKind, text string) (Token, error) {
	if len(text) != tokenLength(kind) {
		return Token{}, ErrInvalid
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || !s.isGenuine(kind, "token", b, macBytes) {
		return Token{}, ErrInvalid
	}
	t := Token{Org: uuid.UUID(b[1:17]), Message: uuid.UUID(b[17:33])}
	if kind == Click {
		t.Link = binary.BigEndian.Uint16(b[33:])
	}
	return t, nil
}

// MessageID returns a Message-ID without angle brackets: token@domain.
func (s *Signer) MessageID(t Token, domain string) string { return s.Sign(MessageID, t) + "@" + domain }

// VerifyMessageID reads a Message-ID, with or without angle brackets.
func (s *Signer) VerifyMessageID(id string) (Token, error) {
	id = strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(id), "<"), ">")
	token, _, found := strings.Cut(id, "@")
	if !found {
		return Token{}, ErrInvalid
	}
	return s.Verify(MessageID, token)
}

// A tag goes into the local part of an address, which has 64 bytes and may be lowered on its way (RFC 5321, 4.5.3.1.1): key
// id and kind, message, 8 bytes of the HMAC. The organisation is signed, but not told: whoever reads the mailbox knows it.
const (
	tagMACBytes = 8
	tagLength   = 40
)

func tagEncoding() *base32.Encoding {
	return base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)
}

// Tag returns 40 lower-case letters and digits.
func (s *Signer) Tag(kind TokenKind, t Token) string {
	ring := s.ring.Load()
	b := append(make([]byte, 0, 25), ring.newest<<4|byte(kind))
	b = append(b, t.Message[:]...)
	b = append(b, ring.computeMAC(ring.newest, "tag", t.Org[:], b)[:tagMACBytes]...)
	return tagEncoding().EncodeToString(b)
}

// VerifyTag returns the message of a tag of that kind in a mailbox of org.
func (s *Signer) VerifyTag(kind TokenKind, org uuid.UUID, tag string) (Token, error) {
	if len(tag) != tagLength {
		return Token{}, ErrInvalid
	}
	b, err := tagEncoding().DecodeString(strings.ToLower(tag))
	if err != nil || !s.isGenuine(kind, "tag", b, tagMACBytes, org[:]) {
		return Token{}, ErrInvalid
	}
	return Token{Org: org, Message: uuid.UUID(b[1:17])}, nil
}

// PlusAddress puts a tag into an address (RFC 5233); false where that would make it longer than an address may be.
func PlusAddress(address, tag string) (string, bool) {
	at := strings.LastIndexByte(address, '@')
	if at < 1 || at+1+len(tag) > 64 {
		return "", false
	}
	return address[:at] + "+" + tag + address[at:], true
}

// TagOf returns what stands behind the last + of an address, or "": a mailbox may have one of its own.
func TagOf(address string) string {
	local := address[:max(strings.LastIndexByte(address, '@'), 0)]
	plus := strings.LastIndexByte(local, '+')
	if plus < 0 {
		return ""
	}
	return local[plus+1:]
}

// isGenuine checks the kind and the MAC at the end of b, whose key is named at its beginning.
func (s *Signer) isGenuine(kind TokenKind, use string, b []byte, size int, before ...[]byte) bool {
	id, body := b[0]>>4, b[:len(b)-size]
	ring := s.ring.Load()
	if ring.keys[id] == nil && s.learnKey(id) {
		ring = s.ring.Load()
	}
	mac := ring.computeMAC(id, use, append(before, body)...)
	same := subtle.ConstantTimeCompare(mac[:size], b[len(body):]) == 1
	return same && ring.keys[id] != nil && TokenKind(b[0]&15) == kind
}

func (s *signingRing) computeMAC(id byte, use string, parts ...[]byte) []byte {
	h := hmac.New(sha256.New, s.keys[id])
	h.Write([]byte(use))
	for _, p := range parts {
		h.Write(p)
	}
	return h.Sum(nil)
}
