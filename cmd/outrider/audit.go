package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/google/uuid"

	"outrider/internal/app/node"
	"outrider/internal/audit"
)

type auditKeyCmd struct {
	Rotate bool `help:"Replace the key by a new one first. What the old one signed stays verifiable by its public key. Restart what runs afterwards."`
}

// Run prints the public keys of the data folder, that which signs first.
func (c auditKeyCmd) Run(f *node.Folder) error {
	path := f.Keys().Audit()
	if _, err := os.Stat(path); err != nil {
		return fmt.Errorf("there is no audit key yet: %w; `outrider migrate` and `outrider dev` make one", err)
	}
	load := audit.LoadKeyring
	if c.Rotate {
		load = audit.RotateKeyring
	}
	ring, err := load(path)
	if err != nil {
		return err
	}
	for _, k := range ring.Public() {
		fmt.Println(k.ID, k)
	}
	return nil
}

type auditVerifyCmd struct {
	File    string `arg:"" type:"existingfile" help:"What 'outrider audit export' or GET /v1/audit/export gave."`
	Key     string `env:"OUTRIDER_AUDIT_KEY" help:"Public key, base64; default: those of the data folder." placeholder:"PUBLICKEY"`
	KeyFile string `type:"existingfile" help:"File of public keys, as 'outrider audit key' prints them." placeholder:"FILE"`
	Org     string `help:"Whose history it must be; default: anybody's." placeholder:"UUID"`
	JSON    bool   `help:"Print one line of JSON."`
}

// verifiedExport is what a verification found.
type verifiedExport struct {
	OK          bool      `json:"ok"`
	Org         string    `json:"org,omitempty"`
	First       int64     `json:"first,omitempty"`
	Last        int64     `json:"last,omitempty"`
	Events      int64     `json:"events"`
	Checkpoints int64     `json:"checkpoints"`
	Chain       string    `json:"chain,omitempty"`
	Exported    time.Time `json:"exported,omitzero"`
	Key         string    `json:"key,omitempty"`
	Line        int       `json:"line,omitempty"` // the first bad one
	Reason      string    `json:"reason,omitempty"`
}

// Run exits with status 1 and names the first bad line when the file isn't what was exported.
func (c auditVerifyCmd) Run(f *node.Folder) error {
	keys, err := f.AuditKeys(c.Key, c.KeyFile)
	if err != nil {
		return err
	}
	org, err := anyOrg(c.Org)
	if err != nil {
		return err
	}
	file, err := os.Open(c.File)
	if err != nil {
		return fmt.Errorf("open export: %w", err)
	}
	defer file.Close()
	head, err := audit.Verify(file, keys, org)
	var bad *audit.BadLine
	if err != nil && !errors.As(err, &bad) {
		return err
	}
	if c.JSON {
		var out verifiedExport
		if bad != nil {
			out.Line, out.Reason = bad.Line, bad.Reason
		} else {
			out = verifiedExport{OK: true, Org: head.Org.String(), First: head.First, Last: head.Last, Events: head.Events, Checkpoints: head.Checkpoints, Chain: head.Chain.String(), Exported: head.Time, Key: head.Key}
		}
		if err := json.NewEncoder(os.Stdout).Encode(out); err != nil {
			return err
		}
		if bad != nil {
			return node.ErrReported
		}
		return nil
	}
	if bad != nil {
		return fmt.Errorf("%s is not what was exported: %w", c.File, bad)
	}
	fmt.Println(exportSummary(head))
	return nil
}

func exportSummary(h *audit.Head) string {
	return fmt.Sprintf("all of it is as it was written: organisation %s, events %d to %d, %d checkpoints, exported %s, signed with key %s",
		h.Org, h.First, h.Last, h.Checkpoints, h.Time.Format(time.RFC3339), h.Key)
}

func anyOrg(text string) (uuid.UUID, error) {
	if text == "" {
		return uuid.Nil, nil
	}
	org, err := uuid.Parse(text)
	if err != nil {
		return org, fmt.Errorf("--org: %w", err)
	}
	return org, nil
}
