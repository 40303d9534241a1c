package node

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"

	"outrider/internal/keyfile"
	"outrider/internal/linktoken"
)

// LoadSigner reads the key that signs links and Message-IDs, or makes it: what it signed is in messages that people have.
func LoadSigner(path string) (*linktoken.Signer, error) {
	text, err := keyfile.LoadOrCreate(path, func() (string, error) {
		secret := make([]byte, 32)
		_, err := rand.Read(secret)
		return base64.StdEncoding.EncodeToString(secret), err
	})
	if err != nil {
		return nil, fmt.Errorf("load key of links: %w", err)
	}
	secret, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, fmt.Errorf("load key of links: %s is not base64", path)
	}
	return linktoken.NewSigner(linktoken.Key{ID: 1, Secret: secret})
}
