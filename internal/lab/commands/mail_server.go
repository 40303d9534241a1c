package commands

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"

	"outrider/internal/app/node"
	"outrider/internal/lab/demo"
	"outrider/internal/lab/mailserver"
	"outrider/internal/lab/mailserver/loopback"
	"outrider/internal/lab/mailserver/zone"
)

// MailServer is a mail server, and a name server for its domains, to stand beside a server of the product: tests of the dashboard connect their
// mailboxes to it.
type MailServer struct {
	Folder  string   `arg:"" help:"Where its mail stays." placeholder:"FOLDER"`
	Domains []string `default:"acme.test" help:"Domains that publish all that receivers ask of senders; others publish nothing." placeholder:"DOMAIN"`
}

// mailServerReady is what it prints: addresses are host:port.
type mailServerReady struct {
	Submissions string `json:"submissions"`
	IMAPS       string `json:"imaps"`
	MX          string `json:"mx"`
	Admin       string `json:"admin"`
	Token       string `json:"token"` // of the admin
	Resolver    string `json:"resolver"`
	CA          string `json:"ca"` // a file
}

// Run serves until it is told to stop, or standard input ends.
func (c MailServer) Run(ctx context.Context, log *slog.Logger) (err error) {
	ctx, end := node.WhileInputLasts(ctx)
	defer end()
	senders := make([]demo.SendingMailbox, 0, len(c.Domains))
	for _, d := range c.Domains {
		senders = append(senders, demo.SendingMailbox{Address: "any@" + d})
	}
	names, err := zone.Listen("127.0.0.1:0", demo.Records(senders))
	if err != nil {
		return err
	}
	defer names.Close()
	token := rand.Text()
	s, err := mailserver.New(mailserver.Options{Dir: c.Folder, AdminToken: token, Log: log})
	if err != nil {
		return err
	}
	defer s.Close()
	var at [4]net.Listener
	for i := range at {
		if at[i], err = loopback.Listen("127.0.0.1:0"); err != nil {
			return err
		}
	}
	if err := s.Serve(mailserver.Listeners{Submissions: at[0], IMAPS: at[1], MX: at[2], Admin: at[3]}); err != nil {
		return err
	}
	ready := mailServerReady{at[0].Addr().String(), at[1].Addr().String(), at[2].Addr().String(), at[3].Addr().String(), token, names.Addr(), filepath.Join(c.Folder, mailserver.CAFile)}
	if err := json.NewEncoder(os.Stdout).Encode(ready); err != nil {
		return fmt.Errorf("print addresses: %w", err)
	}
	<-ctx.Done()
	return nil
}
