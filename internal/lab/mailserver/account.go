package mailserver

import (
	"cmp"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-imap/v2"
)

// The folders that every account has. What is submitted is kept in Sent, as large providers do.
const (
	Inbox = "INBOX"
	Sent  = "Sent"
)

// Account is one mailbox: an address, a password, folders.
type Account struct {
	Address string
	salt    []byte
	hash    []byte

	file    *recordFile
	mu      sync.Mutex
	folders map[string]*folder
	births  uint32 // UIDVALIDITY of the newest folder
}

// hashRounds is low: passwords of this server are made by the same machine, and a connection costs one hash.
const hashRounds = 4096

type accountLine struct {
	Address string `json:"address"`
	Salt    string `json:"salt"`
	Hash    string `json:"hash"`
}

func hashPassword(password string, salt []byte) ([]byte, error) {
	return pbkdf2.Key(sha256.New, password, salt, hashRounds, 32)
}

func newAccountLine(address, password string) (accountLine, error) {
	salt := make([]byte, 16)
	_, _ = rand.Read(salt) // never fails
	hash, err := hashPassword(password, salt)
	if err != nil {
		return accountLine{}, fmt.Errorf("hash password: %w", err)
	}
	return accountLine{address, hex.EncodeToString(salt), hex.EncodeToString(hash)}, nil
}

func openAccount(dir string, line accountLine, fsync bool) (*Account, error) {
	salt, err := hex.DecodeString(line.Salt)
	if err != nil {
		return nil, fmt.Errorf("read account %s: %w", line.Address, err)
	}
	hash, err := hex.DecodeString(line.Hash)
	if err != nil {
		return nil, fmt.Errorf("read account %s: %w", line.Address, err)
	}
	a := &Account{Address: line.Address, salt: salt, hash: hash, folders: map[string]*folder{}}
	name := sha256.Sum256([]byte(line.Address))
	a.file, err = openRecords(filepath.Join(dir, hex.EncodeToString(name[:12])+".mbox"), fsync, a.replayFolders)
	if err != nil {
		return nil, fmt.Errorf("open account %s: %w", line.Address, err)
	}
	for _, f := range a.folders {
		f.file = a.file
	}
	for _, name := range []string{Inbox, Sent} {
		if a.folders[name] == nil {
			if err := a.createFolder(name); err != nil {
				return nil, err
			}
		}
	}
	return a, nil
}

func (a *Account) replayFolders(r record, at int64) error {
	if r.Kind == "create" {
		a.folders[r.Folder], a.births = newFolder(r.Folder, r.UID, nil), r.UID
		return nil
	}
	f := a.folders[r.Folder]
	if f == nil {
		return fmt.Errorf("%w: no folder %q", errDamaged, r.Folder)
	}
	switch r.Kind {
	case "delete":
		delete(a.folders, r.Folder)
	case "message":
		f.applyMessage(r, at)
	case "flags":
		f.applyFlags(r, nil)
	case "expunge":
		f.applyExpunge(r)
	}
	return nil
}

func (a *Account) checkPassword(password string) bool {
	hash, err := hashPassword(password, a.salt)
	return err == nil && subtle.ConstantTimeCompare(hash, a.hash) == 1
}

// folderNamed finds one by its name; INBOX in any case.
func (a *Account) folderNamed(name string) (*folder, error) {
	if strings.EqualFold(name, Inbox) {
		name = Inbox
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if f := a.folders[name]; f != nil {
		return f, nil
	}
	return nil, &imap.Error{Type: imap.StatusResponseTypeNo, Code: imap.ResponseCodeNonExistent, Text: "No such mailbox"}
}

// CreateFolder makes one.
func (a *Account) CreateFolder(name string) error { return a.createFolder(name) }

func (a *Account) createFolder(name string) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.folders[name] != nil {
		return &imap.Error{Type: imap.StatusResponseTypeNo, Code: imap.ResponseCodeAlreadyExists, Text: "Mailbox already exists"}
	}
	a.births++
	if _, err := a.file.appendRecord(record{Kind: "create", Folder: name, UID: a.births}, nil); err != nil {
		return err
	}
	a.folders[name] = newFolder(name, a.births, a.file)
	return nil
}

func (a *Account) removeFolder(name string) error {
	if _, err := a.folderNamed(name); err != nil {
		return err
	}
	if strings.EqualFold(name, Inbox) || name == Sent {
		return &imap.Error{Type: imap.StatusResponseTypeNo, Code: imap.ResponseCodeCannot, Text: "This mailbox stays"}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if _, err := a.file.appendRecord(record{Kind: "delete", Folder: name}, nil); err != nil {
		return err
	}
	delete(a.folders, name)
	return nil
}

// listFolders gives the folders by name.
func (a *Account) listFolders() []*folder {
	a.mu.Lock()
	defer a.mu.Unlock()
	var out []*folder
	for _, f := range a.folders {
		out = append(out, f)
	}
	slices.SortFunc(out, func(x, y *folder) int { return cmp.Compare(x.name, y.name) })
	return out
}

// Deliver stores a message in a folder. When it returns without an error the message outlives the process.
func (a *Account) Deliver(name string, bytes []byte, at time.Time) error {
	f, err := a.folderNamed(name)
	if err != nil {
		return err
	}
	var flags []imap.Flag
	if name == Sent {
		flags = []imap.Flag{imap.FlagSeen}
	}
	_, err = f.addMessage(bytes, at, flags)
	return err
}

// Count is how many messages a folder holds; 0 when there is no such folder.
func (a *Account) Count(name string) uint32 {
	f, err := a.folderNamed(name)
	if err != nil {
		return 0
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return uint32(len(f.all))
}

// Messages are what a folder holds, the oldest first; none when there is no such folder.
func (a *Account) Messages(name string) (out [][]byte, err error) {
	f, err := a.folderNamed(name)
	if err != nil {
		return nil, nil // there is nothing in it
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, m := range f.all {
		bytes, err := f.file.readRecords(m.at, m.size)
		if err != nil {
			return nil, err
		}
		out = append(out, bytes)
	}
	return out, nil
}
