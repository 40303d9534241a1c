package node

import (
	"fmt"
	"os"

	"outrider/internal/audit"
)

// AuditKeys reads the public keys that histories are verified with: one that is given, those of a file, or else those of the folder.
func (f *Folder) AuditKeys(key, file string) (audit.TrustedKeys, error) {
	text := key
	if file != "" {
		b, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("read public keys: %w", err)
		}
		text += "\n" + string(b)
	}
	if text != "" {
		return audit.ParseKeys(text)
	}
	path := f.Keys().Audit()
	if _, err := os.Stat(path); err != nil {
		return nil, fmt.Errorf("name the public key with --key or --key-file (there is no %s)", path)
	}
	ring, err := audit.LoadKeyring(path)
	if err != nil {
		return nil, err
	}
	return ring.Public(), nil
}
