package e2e

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"outrider/internal/lab/freeport"
	"outrider/internal/mail/mailtest"
)

// postfix is a Postfix with Dovecot as Debian has them, on free ports of loopback, in a folder of its own. All passwords are "secret".
type postfix struct {
	mailPorts
	dir  string
	gone int // the MX of gone.test, where nobody is
}

func (p *postfix) at() mailPorts { return p.mailPorts }

// postfixWay is how it treats an address with a + and a tag.
type postfixWay struct {
	delimiter string // recipient_delimiter; Postfix's default is none
	accepts   bool   // accepts unknown users at RCPT and reports them afterwards
}

// startPostfix runs both until the test ends; it skips the test where they aren't there. They need root: they change users.
func startPostfix(t *testing.T, way postfixWay) *postfix {
	t.Helper()
	for _, program := range []string{"postfix", "postconf", "dovecot"} {
		if _, err := findServer(program); err != nil {
			t.Skipf("%s isn't installed (Debian: apt-get install postfix dovecot-imapd)", program)
		}
	}
	if os.Getuid() != 0 {
		t.Skip("Postfix and Dovecot change users, which only root may")
	}
	dir, err := os.MkdirTemp("", "outrider-postfix-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	p := &postfix{mailPorts: mailPorts{filepath.Join(dir, "ca.pem"), freePort(t), freePort(t), freePort(t)}, dir: dir, gone: freePort(t)}
	p.must(t, os.Chmod(dir, 0o755)) //nolint:gosec // daemons of other users pass through
	p.writeCertificate(t)
	p.makeFolder(t, "mail", "mail")
	p.makeFolder(t, "data", "postfix")
	p.makeFolder(t, "queue", "root")
	p.makeFolder(t, "queue/private", "postfix")
	p.makeFolder(t, "conf", "root")
	p.startPostfix(t, way)
	p.startDovecot(t)
	for _, port := range []int{p.submissions, p.mx, p.imaps} {
		awaitPort(t, p, port)
	}
	return p
}

func findServer(name string) (string, error) {
	if path, err := exec.LookPath(name); err == nil {
		return path, nil
	}
	return exec.LookPath("/usr/sbin/" + name)
}

func (p *postfix) must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (p *postfix) makeFolder(t *testing.T, name, owner string) {
	t.Helper()
	uid, gid := idsOf(t, owner)
	path := filepath.Join(p.dir, name)
	p.must(t, os.MkdirAll(path, 0o755)) //nolint:gosec // daemons of other users pass through
	p.must(t, os.Chown(path, uid, gid))
}

func idsOf(t *testing.T, name string) (uid, gid int) {
	t.Helper()
	u, err := user.Lookup(name)
	if err != nil {
		t.Skipf("there is no user %s: %v", name, err)
	}
	uid, _ = strconv.Atoi(u.Uid)
	gid, _ = strconv.Atoi(u.Gid)
	return uid, gid
}

func freePort(t *testing.T) int {
	t.Helper()
	port, err := freeport.Pick()
	if err != nil {
		t.Fatal(err)
	}
	return port
}

func awaitPort(t *testing.T, p *postfix, port int) {
	t.Helper()
	for range 600 {
		if c, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port))); err == nil {
			_ = c.Close()
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("nothing listens on %d\n%s", port, p.logs())
}

func (p *postfix) writeCertificate(t *testing.T) {
	t.Helper()
	ca := mailtest.NewCAFor(t, &x509.Certificate{DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}})
	key, err := x509.MarshalPKCS8PrivateKey(ca.Server.Certificates[0].PrivateKey)
	p.must(t, err)
	p.write(t, "ca.pem", string(ca.PEM))
	p.write(t, "server.pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ca.Server.Certificates[0].Certificate[0]})))
	p.write(t, "server.key", string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})))
	p.must(t, os.Chmod(filepath.Join(p.dir, "server.key"), 0o600))
}

func (p *postfix) write(t *testing.T, name, text string) {
	t.Helper()
	p.must(t, os.WriteFile(filepath.Join(p.dir, name), []byte(text), 0o644)) //nolint:gosec // read by daemons of other users
}

// startPostfix delivers to accounts of acme.test; what goes to gone.test is accepted and comes back.
func (p *postfix) startPostfix(t *testing.T, way postfixWay) {
	t.Helper()
	uid, gid := idsOf(t, "mail")
	boxes := ""
	for _, name := range accounts() {
		boxes += fmt.Sprintf(" {%s@acme.test = %s/},", name, name)
	}
	p.write(t, "conf/main.cf", strings.NewReplacer("DIR", p.dir, "UID", strconv.Itoa(uid), "GID", strconv.Itoa(gid), "BOXES", strings.TrimSuffix(boxes, ","), "DELIMITER", way.delimiter,
		"GONE", strconv.Itoa(p.gone), "UNLISTED", map[bool]string{true: "no", false: "yes"}[way.accepts]).Replace(`compatibility_level = 3.6
queue_directory = DIR/queue
data_directory = DIR/data
maillog_file_prefixes = DIR
maillog_file = DIR/postfix.log
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mail.acme.test
mydestination =
alias_maps =
local_recipient_maps =
virtual_mailbox_domains = acme.test
virtual_mailbox_maps = inline:{BOXES }
virtual_mailbox_base = DIR/mail
virtual_uid_maps = static:UID
virtual_gid_maps = static:GID
virtual_minimum_uid = 1
transport_maps = inline:{ {gone.test = smtp:[127.0.0.1]:GONE} }
gone = check_recipient_access inline:{ {gone.test = 550 5.1.1 nobody of that name is here} }
recipient_delimiter = DELIMITER
smtpd_reject_unlisted_recipient = UNLISTED
smtpd_tls_cert_file = DIR/server.pem
smtpd_tls_key_file = DIR/server.key
smtpd_sasl_type = dovecot
smtpd_sasl_path = private/auth
smtpd_relay_restrictions = permit_sasl_authenticated, reject_unauth_destination
smtpd_peername_lookup = no
bounce_queue_lifetime = 1d
`))
	p.write(t, "conf/master.cf", fmt.Sprintf("127.0.0.1:%d inet n - n - - smtpd -o smtpd_tls_wrappermode=yes -o smtpd_sasl_auth_enable=yes\n127.0.0.1:%d inet n - n - - smtpd\n", p.submissions, p.mx)+
		fmt.Sprintf("127.0.0.1:%d inet n - n - - smtpd -o myhostname=mx.gone.test -o smtpd_relay_restrictions=$gone,reject\n", p.gone)+`pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
proxywrite unix - - n - 1 proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
`)
	conf := filepath.Join(p.dir, "conf")
	p.runServer(t, "postfix", "-c", conf, "start-fg")
	t.Cleanup(func() { // its first process only waits
		if path, err := findServer("postfix"); err == nil {
			_ = exec.Command(path, "-c", conf, "stop").Run()
		}
	})
}

func accounts() []string { return []string{"jane", "bob", "carl", "dora", "emil"} }

// startDovecot serves the same folders, and tells Postfix who may send.
func (p *postfix) startDovecot(t *testing.T) {
	t.Helper()
	uid, gid := idsOf(t, "mail")
	p.write(t, "conf/dovecot.conf", strings.NewReplacer("DIR", p.dir, "UID", strconv.Itoa(uid), "GID", strconv.Itoa(gid), "PORT", strconv.Itoa(p.imaps)).Replace(`base_dir = DIR/dovecot
state_dir = DIR/dovecot-state
log_path = DIR/dovecot.log
protocols = imap
listen = 127.0.0.1
ssl = required
ssl_cert = <DIR/server.pem
ssl_key = <DIR/server.key
auth_mechanisms = plain login
first_valid_uid = UID
mail_location = maildir:DIR/mail/%n
passdb {
  driver = static
  args = password=secret
}
userdb {
  driver = static
  args = uid=UID gid=GID home=DIR/mail/%n
}
namespace inbox {
  inbox = yes
  mailbox Junk {
    special_use = \Junk
    auto = create
  }
}
service imap-login {
  inet_listener imap {
    port = 0
  }
  inet_listener imaps {
    port = PORT
    ssl = yes
  }
}
service auth {
  unix_listener DIR/queue/private/auth {
    mode = 0660
    user = postfix
    group = postfix
  }
}
`))
	p.runServer(t, "dovecot", "-F", "-c", filepath.Join(p.dir, "conf/dovecot.conf"))
}

// runServer runs one until the test ends, with all that it starts.
func (p *postfix) runServer(t *testing.T, name string, args ...string) {
	t.Helper()
	path, err := findServer(name)
	p.must(t, err)
	var said bytes.Buffer
	cmd := exec.Command(path, args...)
	cmd.Stdout, cmd.Stderr = &said, &said
	cmd.SysProcAttr, cmd.WaitDelay = &syscall.SysProcAttr{Setpgid: true}, 5*time.Second
	p.must(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		ended := time.AfterFunc(10*time.Second, func() { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) })
		_ = cmd.Wait()
		ended.Stop()
		if t.Failed() {
			t.Logf("%s says:\n%s", name, said.String())
		}
	})
}

func (p *postfix) logs() string {
	var all strings.Builder
	for _, name := range []string{"postfix.log", "dovecot.log"} {
		text, _ := os.ReadFile(filepath.Join(p.dir, name))
		fmt.Fprintf(&all, "--- %s\n%s\n", name, text)
	}
	return all.String()
}
