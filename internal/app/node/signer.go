package node

import (
	"fmt"
	"strconv"

	"outrider/internal/keyfile"
	"outrider/internal/linktoken"
)

// LoadSigner reads the keys that sign links and Message-IDs, or makes one: what it signed is in messages that people have.
func LoadSigner(path string) (*linktoken.Signer, error) {
	return linktoken.LoadSigner(func() ([]linktoken.SigningKey, error) { return loadLinkKeys(path) })
}

// firstLinkKey is the id of a key whose line has none.
func firstLinkKey([]byte) string { return "1" }

func loadLinkRing(path string) ([]keyfile.RingKey, error) {
	text, err := keyfile.LoadOrCreate(path, func() (string, error) {
		return keyfile.FormatRing([]keyfile.RingKey{{ID: firstLinkKey(nil), Secret: keyfile.NewSecret()}}), nil
	})
	if err != nil {
		return nil, fmt.Errorf("load key of links: %w", err)
	}
	ring, err := keyfile.ParseRing(text, firstLinkKey)
	if err != nil {
		return nil, fmt.Errorf("load key of links: %s: %w", path, err)
	}
	return ring, nil
}

func loadLinkKeys(path string) ([]linktoken.SigningKey, error) {
	ring, err := loadLinkRing(path)
	if err != nil {
		return nil, err
	}
	keys := make([]linktoken.SigningKey, len(ring))
	for i, k := range ring {
		id, err := strconv.ParseUint(k.ID, 10, 4)
		if err != nil {
			return nil, fmt.Errorf("load key of links: %s: an id is a number from 0 to 15", path)
		}
		keys[i] = linktoken.SigningKey{ID: byte(id), Secret: k.Secret}
	}
	return keys, nil
}

// LinkKeyIDs are those of the keys of links, that which signs first.
func LinkKeyIDs(path string) (ids []string, err error) {
	ring, err := loadLinkRing(path)
	for _, k := range ring {
		ids = append(ids, k.ID)
	}
	return ids, err
}

// RotateLinkKey puts a new key before those at path: processes that start from now on sign with it, and those that run learn it as soon
// as they meet a token of it. Older keys are kept, as people have what they signed; 16 fit in all.
func RotateLinkKey(path string) error {
	ring, err := loadLinkRing(path)
	if err != nil {
		return err
	}
	used := map[string]bool{}
	for _, k := range ring {
		used[k.ID] = true
	}
	for id := range 16 {
		if fresh := strconv.Itoa(id); !used[fresh] {
			ring = append([]keyfile.RingKey{{ID: fresh, Secret: keyfile.NewSecret()}}, ring...)
			return keyfile.Replace(path, keyfile.FormatRing(ring))
		}
	}
	return fmt.Errorf("rotate key of links: %s holds 16 keys; remove the line of one whose links nobody follows any more", path)
}
