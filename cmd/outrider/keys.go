package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"outrider/internal/app/client"
	"outrider/internal/app/node"
	"outrider/internal/pii"
)

type keysCmd struct {
	List   keysListCmd   `cmd:"" help:"Print the ids of the keys in the data folder, those in use first."`
	Rotate keysRotateCmd `cmd:"" help:"Replace a key of the data folder by a new one, beside what runs."`
	Stage  keysStageCmd  `cmd:"" help:"Add the next key of commands, accepted and not used yet: for hosts that have copies of the key files."`
	Retire keysRetireCmd `cmd:"" help:"Forget the keys of commands that don't sign any more."`

	Platform struct {
		List   platformListCmd   `cmd:"" help:"List platform keys."`
		Issue  platformIssueCmd  `cmd:"" help:"Issue a platform key and print it; it can't be had again."`
		Revoke platformRevokeCmd `cmd:"" help:"Revoke a platform key."`
	} `cmd:"" help:"Keys of who runs the platform."`
}

type keysListCmd struct{}

// Run prints a line for each kind of key.
func (keysListCmd) Run(f *node.Folder) error {
	k := f.Keys()
	master, err := pii.LoadMaster(k.Master())
	if err != nil {
		return err
	}
	links, err := node.LinkKeyIDs(k.Links())
	if err != nil {
		return err
	}
	commands, err := node.CommandKeyIDs(k)
	if err != nil {
		return err
	}
	fmt.Println("master  ", strings.Join(master.IDs(), " "))
	fmt.Println("links   ", strings.Join(links, " "))
	fmt.Println("commands", strings.Join(commands, " "))
	return nil
}

type keysRotateCmd struct {
	node.Addresses
	node.RoleFolders
	Which string `arg:"" enum:"master,links,commands" help:"master (wraps every organisation's key), links (signs links and Message-IDs) or commands (signs what processes ask of each other)."`
}

// Run rotates a key. Of the master key nothing old is left: every organisation's key is wrapped again, which touches neither the log nor
// what they encrypted. Older keys of links stay, as people have what they signed.
func (c keysRotateCmd) Run(ctx context.Context, f *node.Folder) error {
	k := f.Keys()
	if c.Which == "links" {
		if err := errors.Join(node.RotateLinkKey(k.Links()), c.Share(k)); err != nil {
			return err
		}
		fmt.Println("new links are signed with the new key once a process starts anew, or meets one of them; the old ones go on working")
		return nil
	}
	if c.Which == "commands" {
		id, err := node.RotateCommandKey(k)
		if err = errors.Join(err, c.Share(k)); err == nil {
			fmt.Printf("key %s signs commands from now on; after a minute, when nothing waits to be decided any more, forget the others: outrider keys retire\n", id)
		}
		return err
	}
	a, err := c.OrRunning(f)
	if err != nil {
		return err
	}
	if err := node.CheckMaster(ctx, a, k); err != nil {
		return err
	}
	if _, err := pii.RotateMaster(k.Master()); err != nil {
		return err
	}
	if err := c.Share(k); err != nil {
		return err
	}
	n, err := node.RewrapMaster(ctx, a, k)
	if err != nil {
		return fmt.Errorf("%w; both keys are in %s, so nothing is lost: run this again", err, k.Master())
	}
	master, err := pii.RetireMaster(k.Master())
	if err = errors.Join(err, c.Share(k)); err != nil {
		return err
	}
	fmt.Printf("master key %s has wrapped the keys of %d organisations; put %s into the backup now, the old one reads nothing any more\n", master.IDs()[0], n, k.Master())
	return nil
}

type platformListCmd struct{ APIAccess }

// Run prints a line for each key.
func (c platformListCmd) Run(ctx context.Context, f *node.Folder) error {
	api, err := c.newClient(f, true)
	if err != nil {
		return err
	}
	page, _, err := client.Read[client.PlatformKeyPage](api.ListPlatformKeys(ctx))
	if err != nil {
		return err
	}
	for _, k := range page.Data {
		state := "valid"
		switch {
		case k.RevokedAt != nil:
			state = "revoked " + k.RevokedAt.Format(time.RFC3339)
		case k.ExpiresAt != nil:
			state = "until " + k.ExpiresAt.Format(time.RFC3339)
		}
		if k.LastUsedAt != nil {
			state += ", last used " + k.LastUsedAt.Format(time.RFC3339) + " from " + *cmp.Or(k.LastUsedAddress, new("this host"))
		}
		fmt.Printf("%s  %s  %-24s  %s\n", k.ID, k.CreatedAt.Format(time.RFC3339), k.Name, state)
	}
	return nil
}

type platformIssueCmd struct {
	APIAccess
	Name string        `arg:"" help:"Who has it."`
	For  time.Duration `help:"How long it is valid; default: until it is revoked." placeholder:"DURATION"`
	From []string      `help:"Networks that it may be used from; default: anywhere." placeholder:"CIDR"`
}

// Run prints the new key.
func (c platformIssueCmd) Run(ctx context.Context, f *node.Folder) error {
	api, err := c.newClient(f, true)
	if err != nil {
		return err
	}
	ask := client.PlatformKeyCreate{Name: c.Name}
	if c.For > 0 {
		ask.ExpiresAt = new(time.Now().Add(c.For))
	}
	if c.From != nil {
		ask.AllowedNetworks = &c.From
	}
	k, _, err := client.Read[client.PlatformKey](api.CreatePlatformKey(ctx, ask))
	if err != nil {
		return err
	}
	fmt.Println(*k.Token)
	return nil
}

type platformRevokeCmd struct {
	APIAccess
	ID string `arg:"" help:"Its id, as 'outrider keys platform list' prints it."`
}

// Run revokes the key: it is worth nothing within two seconds.
func (c platformRevokeCmd) Run(ctx context.Context, f *node.Folder) error {
	api, err := c.newClient(f, true)
	if err != nil {
		return err
	}
	id, err := uuid.Parse(c.ID)
	if err != nil {
		return fmt.Errorf("%q is no id of a key", c.ID)
	}
	_, _, err = client.Read[any](api.RevokePlatformKey(ctx, id))
	return err
}
