package node

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/twmb/franz-go/pkg/kadm"

	"outrider/internal/es/commandkey"
	"outrider/internal/kafka"
	"outrider/internal/keyfile"
)

// staged begins the id of a key that is accepted and doesn't sign yet.
const staged = "+"

// OpenCommandKeys reads the keys by which the processes of an installation know each other's commands.
func OpenCommandKeys(k KeyFiles) (*commandkey.Ring, error) {
	f := &commandKeyFile{path: k.Commands()}
	ring, err := commandkey.Open(f.load)
	if err != nil {
		return nil, fmt.Errorf("load keys of commands: %w", err)
	}
	return ring, nil
}

// commandKeyFile reads the file again only when it is another one. Its ring asks once at a time.
type commandKeyFile struct {
	path string
	info fs.FileInfo // of the file that was read
	keys []commandkey.Key
}

func (f *commandKeyFile) load() ([]commandkey.Key, error) {
	info, err := os.Stat(f.path)
	if err != nil {
		return nil, commandRingError(f.path, err)
	}
	if f.info != nil && os.SameFile(info, f.info) && info.ModTime().Equal(f.info.ModTime()) {
		return f.keys, nil
	}
	ring, err := loadCommandRing(f.path)
	if err != nil {
		return nil, err
	}
	keys := make([]commandkey.Key, len(ring))
	for i, k := range ring {
		id, isStaged := strings.CutPrefix(k.ID, staged)
		keys[i] = commandkey.Key{ID: id, Secret: k.Secret, Staged: isStaged}
	}
	f.info, f.keys = info, keys
	return keys, nil
}

// commandRingError says of a file that is missing how to get it.
func commandRingError(path string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w: %s; run `outrider migrate` for the first time, or put it back from the backup", keyfile.ErrMissing, path)
	}
	return err
}

func loadCommandRing(path string) ([]keyfile.RingKey, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, commandRingError(path, err)
	}
	ring, err := keyfile.ParseRing(string(text), keyfile.IDOf)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return ring, nil
}

func newCommandKey() keyfile.RingKey {
	secret := keyfile.NewSecret()
	return keyfile.RingKey{ID: keyfile.IDOf(secret), Secret: secret}
}

// ensureCommandKeys makes the first key. Commands that are in the log by then carry no MAC: where they end is written down first, so
// that those that nobody has decided yet still are.
func ensureCommandKeys(ctx context.Context, k KeyFiles, log kafka.Log) error {
	if _, err := os.Stat(k.Commands()); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	ends, err := commandEnds(ctx, log)
	if err != nil {
		return fmt.Errorf("make key of commands: %w", err)
	}
	if len(ends) > 0 {
		text, err := json.Marshal(unsignedCommands{log.Commands(), ends})
		if err != nil {
			return fmt.Errorf("make key of commands: %w", err)
		}
		if _, err := keyfile.LoadOrCreate(k.UnsignedCommands(), func() (string, error) { return string(text), nil }); err != nil {
			return err
		}
	}
	_, err = keyfile.LoadOrCreate(k.Commands(), func() (string, error) { return keyfile.FormatRing([]keyfile.RingKey{newCommandKey()}), nil })
	return err
}

// unsignedCommands says how far commands carry no MAC.
type unsignedCommands struct {
	Topic  string          `json:"topic"`
	Before map[int32]int64 `json:"before"` // offset by partition; nothing for those that were empty
}

func commandEnds(ctx context.Context, log kafka.Log) (map[int32]int64, error) {
	cl, err := log.Open()
	if err != nil {
		return nil, err
	}
	defer cl.Close()
	ends, err := kadm.NewClient(cl).ListEndOffsets(ctx, log.Commands())
	if err == nil {
		err = ends.Error()
	}
	if err != nil {
		return nil, fmt.Errorf("find the end of %s: %w", log.Commands(), err)
	}
	before := map[int32]int64{}
	ends.Each(func(o kadm.ListedOffset) {
		if o.Offset > 0 {
			before[o.Partition] = o.Offset
		}
	})
	return before, nil
}

// loadUnsigned returns up to which offset of each partition commands are decided without a MAC; nil = none are.
func loadUnsigned(k KeyFiles, log kafka.Log) (map[int32]int64, error) {
	text, err := os.ReadFile(k.UnsignedCommands())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var u unsignedCommands
	if err == nil {
		err = json.Unmarshal(text, &u)
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", k.UnsignedCommands(), err)
	}
	if u.Topic != log.Commands() {
		return nil, nil // of a log that this one was copied from
	}
	return u.Before, nil
}

// CommandKeyIDs are those of the keys of commands, that which signs first; staged ones begin with a plus.
func CommandKeyIDs(k KeyFiles) (ids []string, err error) {
	ring, err := loadCommandRing(k.Commands())
	for _, key := range ring {
		ids = append(ids, key.ID)
	}
	return ids, err
}

// StageCommandKey adds a key that is accepted and doesn't sign yet, for installations whose hosts have copies of the file.
func StageCommandKey(k KeyFiles) (id string, err error) {
	ring, err := loadCommandRing(k.Commands())
	if err != nil {
		return "", err
	}
	if n := slices.IndexFunc(ring, isStagedKey); n >= 0 {
		return strings.TrimPrefix(ring[n].ID, staged), nil
	}
	fresh := newCommandKey()
	id, fresh.ID = fresh.ID, staged+fresh.ID
	return id, keyfile.Replace(k.Commands(), keyfile.FormatRing(append(ring, fresh)))
}

func isStagedKey(k keyfile.RingKey) bool { return strings.HasPrefix(k.ID, staged) }

// RotateCommandKey lets the staged key sign from now on, or a new one. Processes that run learn it within a second, those that decide
// as they meet it. Older keys are accepted until RetireCommandKeys.
func RotateCommandKey(k KeyFiles) (id string, err error) {
	ring, err := loadCommandRing(k.Commands())
	if err != nil {
		return "", err
	}
	fresh := newCommandKey()
	if n := slices.IndexFunc(ring, isStagedKey); n >= 0 {
		fresh = ring[n]
		fresh.ID = strings.TrimPrefix(fresh.ID, staged)
		ring = slices.Delete(ring, n, n+1)
	}
	return fresh.ID, keyfile.Replace(k.Commands(), keyfile.FormatRing(append([]keyfile.RingKey{fresh}, ring...)))
}

// RetireCommandKeys forgets all keys but that which signs: commands of others that nobody has decided are passed over from then on.
func RetireCommandKeys(k KeyFiles) (id string, err error) {
	ring, err := loadCommandRing(k.Commands())
	if err != nil {
		return "", err
	}
	ring = slices.DeleteFunc(ring, isStagedKey)
	if len(ring) == 0 {
		return "", fmt.Errorf("%s holds no key that signs", k.Commands())
	}
	return ring[0].ID, keyfile.Replace(k.Commands(), keyfile.FormatRing(ring[:1]))
}
