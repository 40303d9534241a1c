package pii

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"sync/atomic"

	"github.com/tink-crypto/tink-go/v2/aead/subtle"

	"outrider/internal/keyfile"
)

// keySize is that of AES-256, for every key of this package.
const keySize = 32

// Wrapper encrypts the root keys of organisations: a local master key, or a key management service. It is asked once for
// an organisation and process, so it may be slow. bound is authenticated, not stored.
type Wrapper interface {
	Wrap(ctx context.Context, key, bound []byte) ([]byte, error)
	Unwrap(ctx context.Context, wrapped, bound []byte) ([]byte, error)
}

// Master is a Wrapper that holds its keys in memory: the newest wraps, all unwrap. Safe for concurrent use.
type Master struct {
	path string // of the file that it was read from; "" = none
	keys atomic.Pointer[[]masterKey]
}

type masterKey struct {
	id     string
	secret []byte
	aead   *subtle.AESGCM
}

// NewMaster takes random keys of 32 bytes, the newest first.
func NewMaster(secrets ...[]byte) (*Master, error) {
	ring := make([]keyfile.RingKey, len(secrets))
	for i, s := range secrets {
		ring[i] = keyfile.RingKey{ID: keyfile.IDOf(s), Secret: s}
	}
	m := new(Master)
	return m, m.use(ring)
}

func (m *Master) use(ring []keyfile.RingKey) error {
	if len(ring) == 0 {
		return errors.New("use master key: there is none")
	}
	keys := make([]masterKey, len(ring))
	for i, k := range ring {
		if len(k.Secret) != keySize {
			return fmt.Errorf("use master key: it has %d bytes, want %d", len(k.Secret), keySize)
		}
		aead, err := subtle.NewAESGCM(k.Secret)
		if err != nil {
			return fmt.Errorf("use master key: %w", err)
		}
		keys[i] = masterKey{k.ID, k.Secret, aead}
	}
	m.keys.Store(&keys)
	return nil
}

// ParseMaster reads master keys: one in a line, as `openssl rand -base64 32` prints it or with an id before it, the newest first.
func ParseMaster(text string) (*Master, error) {
	ring, err := keyfile.ParseRing(text, keyfile.IDOf)
	if err != nil {
		return nil, fmt.Errorf("read master key: %w", err)
	}
	m := new(Master)
	return m, m.use(ring)
}

// CreateMaster reads the master keys at path. A missing file is created with a new key, readable by its owner only. Losing the
// file loses every person's data, so it belongs in the backup, apart from that of the database.
func CreateMaster(path string) (*Master, error) {
	if _, err := keyfile.LoadOrCreate(path, func() (string, error) {
		secret := keyfile.NewSecret()
		return keyfile.FormatRing([]keyfile.RingKey{{ID: keyfile.IDOf(secret), Secret: secret}}), nil
	}); err != nil {
		return nil, fmt.Errorf("load master key: %w", err)
	}
	return LoadMaster(path)
}

// LoadMaster reads the master keys at path. keyfile.ErrMissing when there is no such file: a new key could read nothing that is stored.
func LoadMaster(path string) (*Master, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("load master key: %w: %s; put it back from the backup", keyfile.ErrMissing, path)
	}
	if err != nil {
		return nil, fmt.Errorf("load master key: %w", err)
	}
	m, err := ParseMaster(string(text))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	m.path = path
	return m, nil
}

// RotateMaster puts a new key before those at path. What runs reads the file again when it meets something that the new key has
// wrapped. Vault.Rewrap then lets everything rest on the new one, and RetireMaster forgets the others.
func RotateMaster(path string) (*Master, error) {
	m, err := LoadMaster(path)
	if err != nil {
		return nil, err
	}
	secret := keyfile.NewSecret()
	ring := append([]keyfile.RingKey{{ID: keyfile.IDOf(secret), Secret: secret}}, m.ring()...)
	if err := keyfile.Replace(path, keyfile.FormatRing(ring)); err != nil {
		return nil, fmt.Errorf("rotate master key: %w", err)
	}
	return LoadMaster(path)
}

// RetireMaster leaves the newest key at path alone; what older ones have wrapped can't be read any more.
func RetireMaster(path string) (*Master, error) {
	m, err := LoadMaster(path)
	if err != nil {
		return nil, err
	}
	if err := keyfile.Replace(path, keyfile.FormatRing(m.ring()[:1])); err != nil {
		return nil, fmt.Errorf("retire master keys: %w", err)
	}
	return LoadMaster(path)
}

func (m *Master) ring() []keyfile.RingKey {
	keys := *m.keys.Load()
	ring := make([]keyfile.RingKey, len(keys))
	for i, k := range keys {
		ring[i] = keyfile.RingKey{ID: k.id, Secret: k.secret}
	}
	return ring
}

// IDs are those of the keys, that which wraps first.
func (m *Master) IDs() (ids []string) {
	for _, k := range *m.keys.Load() {
		ids = append(ids, k.id)
	}
	return ids
}

// Wrap implements Wrapper. It happens once an organisation, so the file is looked at each time: what an old key wraps may be unreadable soon.
func (m *Master) Wrap(_ context.Context, key, bound []byte) ([]byte, error) {
	m.reload()
	return (*m.keys.Load())[0].aead.Encrypt(key, bound)
}

// Unwrap implements Wrapper. What none of the keys has wrapped may be of one that came into the file since.
func (m *Master) Unwrap(_ context.Context, wrapped, bound []byte) ([]byte, error) {
	key, err := m.unwrap(wrapped, bound)
	if err != nil && m.reload() {
		return m.unwrap(wrapped, bound)
	}
	return key, err
}

func (m *Master) unwrap(wrapped, bound []byte) (key []byte, err error) {
	for _, k := range *m.keys.Load() {
		if key, err = k.aead.Decrypt(wrapped, bound); err == nil {
			return key, nil
		}
	}
	return nil, err
}

// reload reports whether the file holds other keys now.
func (m *Master) reload() bool {
	if m.path == "" {
		return false
	}
	now, err := LoadMaster(m.path)
	if err != nil || slices.EqualFunc(now.ring(), m.ring(), func(a, b keyfile.RingKey) bool { return bytes.Equal(a.Secret, b.Secret) }) {
		return false
	}
	m.keys.Store(now.keys.Load())
	return true
}
