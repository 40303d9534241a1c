package kafka

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl"
	"github.com/twmb/franz-go/pkg/sasl/oauth"
	"github.com/twmb/franz-go/pkg/sasl/plain"
	"github.com/twmb/franz-go/pkg/sasl/scram"
	"golang.org/x/oauth2/clientcredentials"
)

// Access says how a program makes itself known to Kafka, and Kafka to it; the zero value is an open network. As flags it belongs to
// every command that talks to Kafka.
type Access struct {
	TLS  bool   `name:"kafka-tls" help:"Talk to Kafka by TLS."`
	CA   string `name:"kafka-ca" help:"Trust the certificates of this file (PEM) instead of the system's." placeholder:"FILE"`
	Cert string `name:"kafka-cert" help:"Certificate that this program shows (PEM)." placeholder:"FILE"`
	Key  string `name:"kafka-cert-key" help:"Its key (PEM)." placeholder:"FILE"`

	SASL         string `name:"kafka-sasl" help:"How to sign in: scram-sha-512, scram-sha-256, plain or oauthbearer (the last two by TLS only). Empty = not at all." placeholder:"MECHANISM"`
	User         string `name:"kafka-user" help:"Who signs in." placeholder:"NAME"`
	Password     string `name:"kafka-password" help:"Their password; better in the environment, or in a file." placeholder:"TEXT"`
	PasswordFile string `name:"kafka-password-file" help:"A file with their password." placeholder:"FILE"`
	Insecure     bool   `name:"kafka-plain-without-tls" help:"Sign in by plain or oauthbearer without TLS: only where nobody listens."`

	TokenFile    string   `name:"kafka-token-file" help:"oauthbearer: a file with the token, read at each sign-in." placeholder:"FILE"`
	TokenCommand []string `name:"kafka-token-command" help:"oauthbearer: a program that prints the token, and its arguments." placeholder:"PROGRAM,ARG"`
	TokenURL     string   `name:"kafka-token-url" help:"oauthbearer: where the token is asked for by client credentials; user and password are those of the client." placeholder:"URL"`
	TokenScopes  []string `name:"kafka-token-scope" help:"oauthbearer: the scopes to ask for." placeholder:"SCOPE"`
}

// tokenTimeout bounds how long a token may take.
const tokenTimeout = 10 * time.Second

// Validate says what can't be so.
func (a Access) Validate() error {
	tokens := 0
	for _, given := range []bool{a.TokenFile != "", len(a.TokenCommand) > 0, a.TokenURL != ""} {
		if given {
			tokens++
		}
	}
	switch {
	case (a.Cert == "") != (a.Key == ""):
		return errors.New("--kafka-cert and --kafka-cert-key belong together")
	case !a.TLS && (a.CA != "" || a.Cert != ""):
		return errors.New("--kafka-ca and --kafka-cert need --kafka-tls")
	case a.Password != "" && a.PasswordFile != "":
		return errors.New("--kafka-password and --kafka-password-file exclude each other")
	}
	switch mechanism := strings.ToLower(a.SASL); mechanism {
	case "":
		if a.User != "" || a.Password != "" || tokens > 0 {
			return errors.New("who signs in to Kafka is named, but not how: --kafka-sasl")
		}
	case "scram-sha-256", "scram-sha-512", "plain":
		if a.User == "" || a.Password == "" && a.PasswordFile == "" {
			return errors.New("--kafka-sasl " + mechanism + " needs --kafka-user and a password")
		}
	case "oauthbearer":
		if tokens != 1 {
			return errors.New("--kafka-sasl oauthbearer needs one of --kafka-token-file, --kafka-token-command and --kafka-token-url")
		}
	default:
		return fmt.Errorf("--kafka-sasl: there is no %q; choose scram-sha-512, scram-sha-256, plain or oauthbearer", a.SASL)
	}
	if m := strings.ToLower(a.SASL); (m == "plain" || m == "oauthbearer") && !a.TLS && !a.Insecure {
		return fmt.Errorf("--kafka-sasl %s without --kafka-tls would show everybody on the way the secret", m)
	}
	return nil
}

// options are those of a client.
func (a Access) options(via map[string]string) ([]kgo.Opt, error) {
	if err := a.Validate(); err != nil {
		return nil, err
	}
	var out []kgo.Opt
	config, err := a.tlsConfig()
	if err != nil {
		return nil, err
	}
	if config != nil || len(via) > 0 {
		out = append(out, kgo.Dialer(brokerDialer{via, config}.dial))
	}
	if a.SASL != "" {
		m, err := a.mechanism()
		if err != nil {
			return nil, err
		}
		out = append(out, kgo.SASL(m))
	}
	return out, nil
}

// tlsConfig is nil without TLS.
func (a Access) tlsConfig() (*tls.Config, error) {
	if !a.TLS {
		return nil, nil
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if a.CA != "" {
		pem, err := os.ReadFile(a.CA)
		if err != nil {
			return nil, fmt.Errorf("--kafka-ca: %w", err)
		}
		if config.RootCAs = x509.NewCertPool(); !config.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("--kafka-ca: %s holds no certificate", a.CA)
		}
	}
	if a.Cert != "" {
		pair, err := tls.LoadX509KeyPair(a.Cert, a.Key)
		if err != nil {
			return nil, fmt.Errorf("--kafka-cert: %w", err)
		}
		config.Certificates = []tls.Certificate{pair}
	}
	return config, nil
}

func (a Access) mechanism() (sasl.Mechanism, error) {
	if strings.EqualFold(a.SASL, "oauthbearer") {
		return oauth.Oauth(func(ctx context.Context) (oauth.Auth, error) {
			ctx, cancel := context.WithTimeout(ctx, tokenTimeout)
			defer cancel()
			token, err := a.token(ctx)
			return oauth.Auth{Token: token}, err
		}), nil
	}
	password, err := a.readPassword()
	if err != nil {
		return nil, err
	}
	switch strings.ToLower(a.SASL) {
	case "plain":
		return plain.Auth{User: a.User, Pass: password}.AsMechanism(), nil
	case "scram-sha-256":
		return scram.Auth{User: a.User, Pass: password}.AsSha256Mechanism(), nil
	}
	return scram.Auth{User: a.User, Pass: password}.AsSha512Mechanism(), nil
}

func (a Access) readPassword() (string, error) {
	if a.PasswordFile == "" {
		return a.Password, nil
	}
	text, err := os.ReadFile(a.PasswordFile)
	if err != nil {
		return "", fmt.Errorf("--kafka-password-file: %w", err)
	}
	return strings.TrimSpace(string(text)), nil
}

// token gets a token anew.
func (a Access) token(ctx context.Context) (string, error) {
	var token string
	switch {
	case a.TokenFile != "":
		text, err := os.ReadFile(a.TokenFile)
		if err != nil {
			return "", fmt.Errorf("--kafka-token-file: %w", err)
		}
		token = string(text)
	case len(a.TokenCommand) > 0:
		out, err := exec.CommandContext(ctx, a.TokenCommand[0], a.TokenCommand[1:]...).Output()
		if err != nil {
			return "", fmt.Errorf("--kafka-token-command: %w", err)
		}
		token = string(out)
	default:
		secret, err := a.readPassword()
		if err != nil {
			return "", err
		}
		got, err := (&clientcredentials.Config{ClientID: a.User, ClientSecret: secret, TokenURL: a.TokenURL, Scopes: a.TokenScopes}).Token(ctx)
		if err != nil {
			return "", fmt.Errorf("--kafka-token-url: %w", err)
		}
		token = got.AccessToken
	}
	if token = strings.TrimSpace(token); token == "" {
		return "", errors.New("the token to sign in to Kafka is empty")
	}
	return token, nil
}

// brokerDialer reaches brokers by other addresses than they give, and by TLS.
type brokerDialer struct {
	via    map[string]string
	config *tls.Config // nil = no TLS
}

func (d brokerDialer) dial(ctx context.Context, network, address string) (net.Conn, error) {
	at := address
	if other := d.via[address]; other != "" {
		at = other
	}
	dialer := &net.Dialer{Timeout: 10 * time.Second}
	if d.config == nil {
		return dialer.DialContext(ctx, network, at)
	}
	config := d.config.Clone()
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	config.ServerName = host // whatever way leads there
	return (&tls.Dialer{NetDialer: dialer, Config: config}).DialContext(ctx, network, at)
}
