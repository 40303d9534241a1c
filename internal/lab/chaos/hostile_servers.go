package chaos

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"outrider/internal/lab/hostilemail"
)

// hostileServers are mail servers that mean harm.
type hostileServers struct {
	process *hostilemail.Process
	ca      []byte // PEM
}

func (s *system) startHostileServers(ctx context.Context) (err error) {
	out, err := openLog(s.cfg.Dir, "hostile-mail")
	if err != nil {
		return err
	}
	s.closers = append(s.closers, func() { _ = out.Close() })
	if s.hostile.process, err = hostilemail.Start(ctx, filepath.Join(s.cfg.Dir, "hostile-mail"), out); err != nil {
		return err
	}
	s.closers = append(s.closers, func() { _ = s.hostile.process.Stop() })
	if s.hostile.ca, err = os.ReadFile(s.hostile.process.CA()); err != nil {
		return fmt.Errorf("read the certificate of hostile mail servers: %w", err)
	}
	return nil
}

// hostileMailboxBody connects an address of the mail server whose one half, imap or smtp, is at a hostile server.
func (l *load) hostileMailboxBody(address, password, mode string) (map[string]any, error) {
	body, err := l.mailboxBody(address, password)
	if err != nil {
		return nil, err
	}
	at := map[string]any{"host": "127.0.0.1", "port": l.s.hostile.process.Port(mode), "security": "tls", "username": address, "password": password}
	body[mode[:len("imap")]] = at
	return body, nil
}
