// Package commandkey lets the processes of an installation recognise each other's commands and answers: records carry a MAC with a key
// that nobody else has. Whoever can reach Kafka but doesn't have the key can write anything, but it is neither decided nor believed.
package commandkey

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// Header is the last header of a record with a MAC: the key's id, ".", and base64 of the MAC, without padding.
const Header = "ce_mac"

const (
	macSize     = 16 // bytes of HMAC-SHA-256 that are kept
	reloadAfter = time.Second
	longestID   = 32
)

// The purpose of a MAC is the first thing that it covers, so that no record can pass for one of another topic.
const (
	ofCommand = "outrider command 1\n"
	ofReply   = "outrider reply 1\n"
)

// ErrForged reports that a record doesn't come from a process of this installation, or was changed on its way.
var ErrForged = errors.New("no MAC of this installation")

// Key is a secret with an id.
type Key struct {
	ID     string
	Secret []byte
	// Staged keys are accepted and never used: processes elsewhere may not have them yet.
	Staged bool
}

// Ring signs records with the newest key and accepts those of all. Safe for concurrent use; nil signs nothing and accepts everything.
type Ring struct {
	load   func() ([]Key, error)
	loaded atomic.Int64 // ns; when load was last called
	keys   atomic.Pointer[keys]
	mu     sync.Mutex
}

type keys struct {
	signs *key
	byID  map[string]*key
}

type key struct {
	id   string
	idle sync.Pool // of *mac
}

// mac computes one MAC.
type mac struct {
	hash.Hash
	buffer []byte
}

// Open calls load for the keys, the one that signs first. It is called again from time to time, and at once when a record names a key
// that isn't known; it should be cheap when nothing has changed.
func Open(load func() ([]Key, error)) (*Ring, error) {
	r := &Ring{load: load}
	if err := r.reload(); err != nil {
		return nil, err
	}
	return r, nil
}

// reload leaves the keys as they are when it fails.
func (r *Ring) reload() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.loaded.Store(time.Now().UnixNano())
	all, err := r.load()
	if err != nil {
		return err
	}
	fresh := &keys{byID: map[string]*key{}}
	before := r.keys.Load()
	for _, k := range all {
		if k.ID == "" || len(k.ID) > longestID || strings.Contains(k.ID, ".") || len(k.Secret) < sha256.Size {
			return fmt.Errorf("key %.40q of commands: want an id without a dot and %d bytes", k.ID, sha256.Size)
		}
		fresh.byID[k.ID] = before.known(k)
		if fresh.signs == nil && !k.Staged {
			fresh.signs = fresh.byID[k.ID]
		}
	}
	if fresh.signs == nil {
		return errors.New("there is no key that signs commands")
	}
	r.keys.Store(fresh)
	return nil
}

// known returns a key as it was before, or a new one; an id never gets another secret.
func (k *keys) known(of Key) *key {
	if k != nil && k.byID[of.ID] != nil {
		return k.byID[of.ID]
	}
	secret := of.Secret
	return &key{id: of.ID, idle: sync.Pool{New: func() any { return &mac{Hash: hmac.New(sha256.New, secret)} }}}
}

// SignCommand puts a MAC on a record of commands that is complete.
func (r *Ring) SignCommand(record *kgo.Record) { r.sign(ofCommand, record) }

// CheckCommand returns ErrForged unless the record is as a process of this installation has signed it.
func (r *Ring) CheckCommand(record *kgo.Record) error { return r.check(ofCommand, record) }

// SignReply and CheckReply are the same for answers.
func (r *Ring) SignReply(record *kgo.Record)        { r.sign(ofReply, record) }
func (r *Ring) CheckReply(record *kgo.Record) error { return r.check(ofReply, record) }

func (r *Ring) sign(purpose string, record *kgo.Record) {
	if r == nil {
		return
	}
	if now, last := time.Now().UnixNano(), r.loaded.Load(); now-last > int64(reloadAfter) && r.loaded.CompareAndSwap(last, now) { // one of those who sign now
		_ = r.reload() // a file that can't be read for a moment doesn't matter
	}
	k := r.keys.Load().signs
	value := make([]byte, 0, len(k.id)+1+base64.RawStdEncoding.EncodedLen(macSize))
	value = append(append(value, k.id...), '.')
	var sum [sha256.Size]byte
	k.sum(purpose, record, record.Headers, &sum)
	record.Headers = append(record.Headers, kgo.RecordHeader{Key: Header, Value: base64.RawStdEncoding.AppendEncode(value, sum[:macSize])})
}

func (r *Ring) check(purpose string, record *kgo.Record) error {
	if r == nil {
		return nil
	}
	n := len(record.Headers) - 1
	if n < 0 || record.Headers[n].Key != Header {
		return fmt.Errorf("%w: it has none", ErrForged)
	}
	id, encoded, _ := strings.Cut(string(record.Headers[n].Value), ".")
	var given [macSize + 1]byte
	if size, err := base64.RawStdEncoding.Decode(given[:], []byte(encoded[:min(len(encoded), 22)])); err != nil || size != macSize || len(encoded) != 22 {
		return fmt.Errorf("%w: it has another form", ErrForged)
	}
	k := r.keys.Load().byID[id]
	if k == nil {
		if err := r.reload(); err != nil {
			return fmt.Errorf("%w: key %.40q isn't known, and the keys can't be read: %w", ErrForged, id, err)
		}
		if k = r.keys.Load().byID[id]; k == nil {
			return fmt.Errorf("%w: key %.40q isn't known", ErrForged, id)
		}
	}
	var want [sha256.Size]byte
	k.sum(purpose, record, record.Headers[:n], &want)
	if !hmac.Equal(given[:macSize], want[:macSize]) {
		return fmt.Errorf("%w: what key %s signed is something else", ErrForged, id)
	}
	return nil
}

// sum covers the whole content of a record: headers in their order, key and value, each with its length before it.
func (k *key) sum(purpose string, record *kgo.Record, headers []kgo.RecordHeader, out *[sha256.Size]byte) {
	m := k.idle.Get().(*mac)
	defer k.idle.Put(m)
	b := append(m.buffer[:0], purpose...)
	b = binary.BigEndian.AppendUint32(b, uint32(len(headers)))
	for i := range headers {
		b = append(binary.BigEndian.AppendUint32(b, uint32(len(headers[i].Key))), headers[i].Key...)
		b = append(binary.BigEndian.AppendUint32(b, uint32(len(headers[i].Value))), headers[i].Value...)
	}
	b = append(binary.BigEndian.AppendUint32(b, uint32(len(record.Key))), record.Key...)
	b = binary.BigEndian.AppendUint32(b, uint32(len(record.Value)))
	m.buffer = b
	m.Reset()
	m.Write(b) // a hash never fails
	m.Write(record.Value)
	m.Sum(out[:0])
}
