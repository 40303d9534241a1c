package mailserver

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// Store holds the accounts of one data folder.
type Store struct {
	dir    string
	fsync  bool
	noTags bool

	mu       sync.RWMutex
	accounts map[string]*Account
	domains  map[string]bool // of the accounts
	lines    *os.File
}

// OpenStore opens (or makes) the accounts in dir. One process at a time may have it open.
func OpenStore(dir string, fsync bool) (*Store, error) {
	if err := os.MkdirAll(filepath.Join(dir, "mail"), 0o700); err != nil {
		return nil, fmt.Errorf("make %s: %w", dir, err)
	}
	f, err := os.OpenFile(filepath.Join(dir, "accounts.jsonl"), os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open accounts: %w", err)
	}
	s := &Store{dir: dir, fsync: fsync, accounts: map[string]*Account{}, domains: map[string]bool{}, lines: f}
	var whole int64
	for in := bufio.NewReader(f); ; {
		text, err := in.ReadBytes('\n')
		if err != nil {
			break // a line without its end was never answered
		}
		var line accountLine
		if err := json.Unmarshal(text, &line); err != nil {
			return nil, errors.Join(fmt.Errorf("read accounts: %w", err), s.Close())
		}
		whole += int64(len(text))
		if old := s.accounts[line.Address]; old != nil { // a new password
			_ = old.file.closeFile()
		}
		a, err := openAccount(filepath.Join(dir, "mail"), line, fsync)
		if err != nil {
			return nil, errors.Join(err, s.Close())
		}
		s.deliver(a)
	}
	if err := f.Truncate(whole); err != nil {
		return nil, errors.Join(fmt.Errorf("cut accounts: %w", err), s.Close())
	}
	return s, nil
}

// AddAccount makes a mailbox. An address that has one already with this password is left as it is; another password is an error.
func (s *Store) AddAccount(address, password string) error {
	address = canonicalAddress(address)
	if _, domain := splitAddress(address); domain == "" || password == "" || strings.ContainsAny(address, " \r\n<>") {
		return fmt.Errorf("add account: %q is no address, or has no password", address)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if a := s.accounts[address]; a != nil {
		if !a.checkPassword(password) {
			return fmt.Errorf("add account %s: it exists with another password", address)
		}
		return nil
	}
	line, err := newAccountLine(address, password)
	if err != nil {
		return err
	}
	text, err := json.Marshal(line)
	if err != nil {
		return fmt.Errorf("encode account: %w", err)
	}
	a, err := openAccount(filepath.Join(s.dir, "mail"), line, s.fsync)
	if err != nil {
		return err
	}
	if _, err := s.lines.Write(append(text, '\n')); err != nil {
		return fmt.Errorf("write account: %w", err)
	}
	if s.fsync {
		if err := s.lines.Sync(); err != nil {
			return fmt.Errorf("sync accounts: %w", err)
		}
	}
	s.deliver(a)
	return nil
}

func (s *Store) deliver(a *Account) {
	s.accounts[a.Address] = a
	_, domain := splitAddress(a.Address)
	s.domains[domain] = true
}

// Account finds the mailbox that mail to address reaches; what stands behind a + is ignored (RFC 5233), the last one first. Nil: there is none.
func (s *Store) Account(address string) *Account {
	address = canonicalAddress(address)
	s.mu.RLock()
	defer s.mu.RUnlock()
	local, domain := splitAddress(address)
	for {
		if a := s.accounts[local+"@"+domain]; a != nil {
			return a
		}
		plus := strings.LastIndexByte(local, '+')
		if plus < 0 || s.noTags {
			return nil
		}
		local = local[:plus]
	}
}

func (s *Store) logIn(user, password string) *Account {
	s.mu.RLock()
	a := s.accounts[canonicalAddress(user)]
	s.mu.RUnlock()
	if a == nil || !a.checkPassword(password) {
		return nil
	}
	return a
}

// holdsAccount says whether any account is in the domain.
func (s *Store) holdsAccount(domain string) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.domains[domain]
}

// Close closes the files.
func (s *Store) Close() error {
	err := s.lines.Close()
	for _, a := range s.accounts {
		err = errors.Join(err, a.file.closeFile())
	}
	return err
}

// canonicalAddress: the domain has no case (RFC 5321); here neither has the part before it, as with every large provider.
func canonicalAddress(address string) string { return strings.ToLower(strings.TrimSpace(address)) }

func splitAddress(address string) (local, domain string) {
	i := strings.LastIndexByte(address, '@')
	if i < 0 {
		return address, ""
	}
	return address[:i], address[i+1:]
}
