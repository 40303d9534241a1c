package node

import "path/filepath"

// KeyFiles are what a data folder holds beside the engines: without them encrypted data can't be read.
type KeyFiles struct{ Dir string }

// KeyFilesIn gives those of a data folder.
func KeyFilesIn(data string) KeyFiles { return KeyFiles{filepath.Join(data, "keys")} }

// Keys gives those of the folder.
func (f *Folder) Keys() KeyFiles { return KeyFilesIn(f.Data) }

func (k KeyFiles) Roles() string    { return filepath.Join(k.Dir, "roles.json") }   // passwords of Postgres roles
func (k KeyFiles) Master() string   { return filepath.Join(k.Dir, "master.key") }   // wraps every organisation's root key
func (k KeyFiles) Links() string    { return filepath.Join(k.Dir, "links.key") }    // signs links and Message-IDs
func (k KeyFiles) Commands() string { return filepath.Join(k.Dir, "commands.key") } // signs commands and their answers
func (k KeyFiles) Audit() string    { return filepath.Join(k.Dir, "audit.key") }    // signs exports and checkpoints of histories
func (k KeyFiles) Platform() string { return filepath.Join(k.Dir, "platform.key") } // API key that creates organisations

// UnsignedCommands says how far commands carry no MAC, where there were any before there was a key.
func (k KeyFiles) UnsignedCommands() string { return filepath.Join(k.Dir, "commands-unsigned.json") }
