package node

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"outrider/internal/keyfile"
	"outrider/internal/postgres"
)

// needs are the secrets and stores that a process can't work without.
type needs struct {
	postgres                  []string // roles that it signs in as
	clickhouse, blobs         bool
	vault, links, audit, asks bool // the master key; of links; of audit; of commands, to sign
	decides                   bool // to check them
}

// needsOf is the table of what each role of a process may hold.
func needsOf(roles ...string) (all needs) {
	for _, role := range roles {
		switch role {
		case RoleAPI:
			all.postgres = append(all.postgres, postgres.RoleAPI, postgres.RoleIdentity, postgres.RoleVault)
			all.clickhouse, all.blobs, all.vault, all.links, all.audit, all.asks = true, true, true, true, true, true
		case RoleCommands:
			all.blobs, all.decides = true, true
		case RoleProjections:
			all.postgres = append(all.postgres, postgres.RoleProjector, postgres.RoleAPI, postgres.RoleVault)
			all.clickhouse, all.vault = true, true
		case RoleConsumers:
			all.postgres = append(all.postgres, postgres.RoleProjector, postgres.RoleAPI, postgres.RoleIdentity, postgres.RoleVault)
			all.blobs, all.vault, all.links, all.audit, all.asks = true, true, true, true, true
		}
	}
	slices.Sort(all.postgres)
	all.postgres = slices.Compact(all.postgres)
	return all
}

// files are those of k that such a process reads, but for the passwords of roles.
func (n needs) files(k KeyFiles) (out []string) {
	for _, f := range []struct {
		needed bool
		path   string
	}{{n.vault, k.Master()}, {n.links, k.Links()}, {n.audit, k.Audit()}, {n.asks || n.decides, k.Commands()}, {n.decides, k.UnsignedCommands()}} {
		if f.needed {
			out = append(out, f.path)
		}
	}
	return out
}

// RoleFolders says where each role has a data folder of its own.
type RoleFolders struct {
	RoleFolders string `help:"A folder with a data folder for each role, which gets the keys that the role needs and no others." placeholder:"DIR"`
}

// Share copies to each role's folder what the role needs of k, the role that checks commands before those that sign them. What is the same
// already isn't touched. Nothing happens without a folder.
func (f RoleFolders) Share(k KeyFiles) error {
	if f.RoleFolders == "" {
		return nil
	}
	secrets, err := postgres.ReadSecrets(k.Roles())
	if err != nil {
		return err
	}
	for _, role := range []string{RoleCommands, RoleAPI, RoleConsumers, RoleProjections} {
		if err := shareWith(role, k, KeyFilesIn(filepath.Join(f.RoleFolders, role)), secrets); err != nil {
			return fmt.Errorf("give keys to the role %s: %w", role, err)
		}
	}
	return nil
}

func shareWith(role string, k, to KeyFiles, secrets postgres.Secrets) error {
	if err := os.MkdirAll(to.Dir, 0o700); err != nil {
		return err
	}
	need := needsOf(role)
	if len(need.postgres) > 0 {
		text, err := json.Marshal(secrets.Of(need.postgres...))
		if err != nil {
			return err
		}
		if err := replaceIfOther(to.Roles(), string(text)); err != nil {
			return err
		}
	}
	for _, from := range need.files(k) {
		text, err := os.ReadFile(from)
		if errors.Is(err, fs.ErrNotExist) && from == k.UnsignedCommands() {
			continue
		}
		if err != nil {
			return err
		}
		if err := replaceIfOther(filepath.Join(to.Dir, filepath.Base(from)), string(text)); err != nil {
			return err
		}
	}
	return nil
}

func replaceIfOther(path, text string) error {
	if now, err := os.ReadFile(path); err == nil && string(now) == text || err == nil && string(now) == text+"\n" {
		return nil
	}
	return keyfile.Replace(path, text)
}
