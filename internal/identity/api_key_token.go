package identity

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"strings"

	"github.com/google/uuid"
)

// A token is ork_<key id>_<secret>, for the platform orp_<key id>_<secret>: 57 characters that a secret scanner can look for with
// or[kp]_[a-z2-7]{26}_[a-z2-7]{26}. The id finds the row, so nothing is ever searched by secret; the secret has 130 random bits,
// so SHA-256 without salt or stretching is enough.
const (
	prefixOrganization = "ork_"
	prefixPlatform     = "orp_"
	partLen            = 26
	tokenLen           = len(prefixPlatform) + partLen + 1 + partLen
)

type token struct {
	platform bool
	id       uuid.UUID
	secret   string
}

func newToken(platform bool, id uuid.UUID) token {
	return token{platform: platform, id: id, secret: strings.ToLower(rand.Text())}
}

func (t token) publicPart() string {
	if t.platform {
		return prefixPlatform + encodeID(t.id)
	}
	return prefixOrganization + encodeID(t.id)
}

func (t token) String() string { return t.publicPart() + "_" + t.secret }

func (t token) hashSecret() [sha256.Size]byte { return sha256.Sum256([]byte(t.secret)) }

func parseToken(text string) (token, bool) {
	if t, ok := parseSecret(prefixOrganization, text); ok {
		return t, true
	}
	t, ok := parseSecret(prefixPlatform, text)
	t.platform = ok
	return t, ok
}

// formatSecret is a token of another kind: a prefix of four characters, an id, a secret.
func formatSecret(prefix string, t token) string { return prefix + encodeID(t.id) + "_" + t.secret }

// parseSecret copies what it keeps: the text may be a request's buffer.
func parseSecret(prefix, text string) (token, bool) {
	if len(text) != tokenLen || text[:len(prefix)] != prefix || text[len(prefixPlatform)+partLen] != '_' {
		return token{}, false
	}
	var t token
	id := text[len(prefixPlatform) : len(prefixPlatform)+partLen]
	raw, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.ToUpper(id))
	if err != nil || len(raw) != len(t.id) {
		return token{}, false
	}
	t.id = uuid.UUID(raw)
	t.secret = strings.Clone(text[tokenLen-partLen:])
	return t, encodeID(t.id) == id // one spelling for one key
}

func encodeID(id uuid.UUID) string {
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(id[:]))
}
