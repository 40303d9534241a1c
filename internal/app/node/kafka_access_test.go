package node_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"gopkg.in/yaml.v3"

	"outrider/commands"
	"outrider/internal/app/node"
	"outrider/internal/app/node/nodetest"
	"outrider/internal/engines"
	"outrider/internal/es"
	"outrider/internal/es/reader"
	"outrider/internal/kafka"
)

// securedKafka is a real Kafka as docker-compose.yml sets it up: everybody signs in, and nobody has a right that isn't granted. Here by TLS.
func securedKafka(t *testing.T) (seeds []string, admin kafka.Access) {
	t.Helper()
	if err := engines.CanRunApache(t.Context()); err != nil {
		t.Skip(err)
	}
	dir := t.TempDir()
	certificate := writeCertificate(t, dir)
	admin = kafka.Access{TLS: true, CA: certificate, SASL: "plain", User: "admin", Password: "admin-test"}
	settings := composeSettings(t, "admin-test")
	settings["listener.security.protocol.map"] = "CONTROLLER:SASL_PLAINTEXT,PLAINTEXT:SASL_SSL"
	settings["sasl.enabled.mechanisms"] += ",OAUTHBEARER"
	settings["listener.name.plaintext.oauthbearer.sasl.jaas.config"] = `org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="nobody";`
	settings["ssl.keystore.type"], settings["ssl.keystore.location"] = "PEM", filepath.Join(dir, "server.pem")
	settings["ssl.truststore.type"], settings["ssl.truststore.location"] = "PEM", certificate
	c, err := engines.StartApache(t.Context(), engines.ApacheOptions{Data: filepath.Join(dir, "kafka"), Quick: true, Settings: settings, Access: admin})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Stop)
	return c.Seeds(), admin
}

// composeSettings are what docker-compose.yml says of who may do what, as properties of a broker whose listener is called PLAINTEXT.
func composeSettings(t *testing.T, password string) map[string]string {
	t.Helper()
	text, err := os.ReadFile("../../../docker-compose.yml")
	if err != nil {
		t.Fatal(err)
	}
	var compose struct {
		Kafka map[string]string `yaml:"x-kafka-environment"`
	}
	if err := yaml.Unmarshal(text, &compose); err != nil {
		t.Fatal(err)
	}
	settings := map[string]string{"inter.broker.listener.name": "PLAINTEXT"}
	for name, value := range compose.Kafka {
		if !strings.Contains(name, "SASL") && name != "KAFKA_AUTHORIZER_CLASS_NAME" && name != "KAFKA_SUPER_USERS" {
			continue
		}
		name = strings.ReplaceAll(strings.ToLower(strings.TrimPrefix(name, "KAFKA_")), "___", "-")
		name = strings.ReplaceAll(strings.ReplaceAll(name, "_", "."), "name.broker.", "name.plaintext.")
		settings[name] = regexp.MustCompile(`\$\{KAFKA_ADMIN_PASSWORD:\?[^}]*\}`).ReplaceAllString(value, password)
	}
	if len(settings) != 10 {
		t.Fatalf("docker-compose.yml says %v", settings)
	}
	return settings
}

// writeCertificate makes one that vouches for itself, and returns its file; server.pem beside it has the key too.
func writeCertificate(t *testing.T, dir string) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	of := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "kafka.test"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, DNSNames: []string{"localhost"}}
	der, err := x509.CreateCertificate(rand.Reader, of, of, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	cert := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	path := filepath.Join(dir, "ca.pem")
	if err := errors.Join(os.WriteFile(path, cert, 0o600), os.WriteFile(filepath.Join(dir, "server.pem"), append(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}), cert...), 0o600)); err != nil {
		t.Fatal(err)
	}
	return path
}

// Each role does its work with the rights of internal/kafka/acls.txt, and none can do what isn't there: nobody but commands writes events.
func TestEachRoleHasItsRightsOnKafkaAndNoOthers(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 8*time.Minute)
	defer cancel()
	seeds, admin := securedKafka(t)
	f, a := nodetest.EmptyEngines(t)
	nodetest.SharedRoles(t, f.Keys())
	a.Kafka, a.Access = seeds[0], admin
	log, err := node.Migrate(ctx, a, f.Keys(), kafka.Log{Seeds: seeds, Generation: 1, Partitions: 2, Replication: 1, Replies: 1, Access: admin})
	if err != nil {
		t.Fatal(err)
	}
	passwords := map[string]string{}
	for _, role := range node.Roles() {
		passwords[role] = role + "-test"
	}
	if err := errors.Join(log.SetPasswords(ctx, passwords), log.Grant(ctx, func(role string) string { return role })); err != nil {
		t.Fatal(err)
	}
	as := func(role string) kafka.Log {
		l := log
		l.Access = kafka.Access{TLS: true, CA: admin.CA, SASL: "scram-sha-512", User: role, Password: passwords[role]}
		return l
	}
	nodes := map[string]*node.Node{}
	for _, role := range node.Roles() {
		l, err := as(role).Measure(ctx)
		if err != nil {
			t.Fatalf("%s: %v", role, err)
		}
		nodes[role] = startWith(t, role, f.Keys(), a, l)
	}
	org := es.NewID()
	typ, data, err := commands.Encode(commands.CreateOrganization{OrganizationID: org, Slug: "acme-" + org.String()[30:], Name: "Acme", Plan: "growth", Limits: commands.Plans()["growth"], TimeZone: "UTC", TrialDays: commands.TrialDays})
	if err != nil {
		t.Fatal(err)
	}
	id := es.NewID()
	c := &es.Command{ID: id, Type: typ, Org: org, Time: time.Now().UTC().Truncate(time.Microsecond), Actor: es.Actor{Kind: es.ActorOperator, ID: "test"}, CorrelationID: id, CausationID: id, Data: data}
	api := nodes[node.RoleAPI]
	answer, err := api.Gateway.Submit(ctx, c)
	for err != nil && ctx.Err() == nil {
		answer, err = api.Gateway.Submit(ctx, c)
	}
	if err != nil || answer.Outcome != es.Accepted {
		t.Fatalf("%+v, %v", answer, err)
	}
	if err := api.Positions.Wait(ctx, node.ReadModel("organizations"), answer.Partition, answer.Pseq); err != nil {
		t.Fatal(err)
	}
	if found, err := reader.CommandsAt(ctx, as(node.RoleAPI), answer.Partition, []int64{0}); err != nil || len(found) != 1 {
		t.Fatalf("the api names %d commands, %v", len(found), err)
	}
	awaitReactor(ctx, t, as(node.RoleConsumers))
	deniedToAll(ctx, t, log, as)
	signInByToken(ctx, t, as(node.RoleAPI))
	nobody := log
	nobody.Access = kafka.Access{TLS: true, CA: admin.CA}
	if _, err := probe(ctx, nobody, nobody.Events(), false); err == nil {
		t.Error("who doesn't sign in may read")
	}
}

// awaitReactor waits until a reactor has said that it came to the end of the log, which takes its group and what it reads.
func awaitReactor(ctx context.Context, t *testing.T, l kafka.Log) {
	t.Helper()
	cl, err := l.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	for {
		groups, err := kadm.NewClient(cl).DescribeGroups(ctx, "reactor.slugs", "reactor.imports")
		if err == nil {
			err = groups.Error()
		}
		if err == nil && slices.ContainsFunc(groups.Sorted(), func(g kadm.DescribedGroup) bool { return len(g.Members) > 0 }) {
			return
		}
		if ctx.Err() != nil {
			t.Fatalf("no reactor works: %v", err)
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// deniedToAll asks for all that no line of the table grants.
func deniedToAll(ctx context.Context, t *testing.T, log kafka.Log, as func(string) kafka.Log) {
	t.Helper()
	rights, err := kafka.ListRights()
	if err != nil {
		t.Fatal(err)
	}
	for _, role := range node.Roles() {
		for _, name := range []string{"commands", "events", "replies"} {
			for _, operation := range []string{"read", "write"} {
				granted := slices.ContainsFunc(rights, func(r kafka.Right) bool {
					return r.Role == role && r.Kind == "topic" && r.Name == name && r.Operation == operation
				})
				if granted && operation == "write" && name == "events" && role != node.RoleCommands {
					t.Errorf("%s may write to events", role)
				}
				if granted {
					continue
				}
				topic := map[string]string{"commands": log.Commands(), "events": log.Events(), "replies": log.ReplyTopic()}[name]
				if _, err := probe(ctx, as(role), topic, operation == "write"); !errors.Is(err, kerr.TopicAuthorizationFailed) && !errors.Is(err, kerr.ClusterAuthorizationFailed) {
					t.Errorf("%s can %s %s: %v", role, operation, topic, err)
				}
			}
		}
	}
}

// probe writes a record to a topic, or reads it.
func probe(ctx context.Context, l kafka.Log, topic string, write bool) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	cl, err := l.Open(kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{topic: {0: kgo.NewOffset().AtStart()}}), kgo.RecordDeliveryTimeout(30*time.Second))
	if err != nil {
		return 0, err
	}
	defer cl.Close()
	if write {
		return 1, cl.ProduceSync(ctx, &kgo.Record{Topic: topic, Value: []byte("{}")}).FirstErr()
	}
	fs := cl.PollFetches(ctx)
	return fs.NumRecords(), fs.Err()
}

// signInByToken is the same user by another mechanism; the broker of this test takes tokens that nobody has signed.
func signInByToken(ctx context.Context, t *testing.T, l kafka.Log) {
	t.Helper()
	part := func(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }
	path := filepath.Join(t.TempDir(), "token")
	token := part(`{"alg":"none"}`) + "." + part(fmt.Sprintf(`{"sub":"api","iat":%d,"exp":%d}`, time.Now().Unix()-5, time.Now().Unix()+600)) + "."
	if err := os.WriteFile(path, []byte(token+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, access := range map[string]kafka.Access{
		"file":    {TLS: true, CA: l.Access.CA, SASL: "oauthbearer", TokenFile: path},
		"program": {TLS: true, CA: l.Access.CA, SASL: "oauthbearer", TokenCommand: []string{"cat", path}},
	} {
		l.Access = access
		if n, err := probe(ctx, l, l.Events(), false); err != nil {
			t.Errorf("token of a %s: %d records, %v", name, n, err)
		}
		if _, err := probe(ctx, l, l.Events(), true); !errors.Is(err, kerr.TopicAuthorizationFailed) {
			t.Errorf("token of a %s: writes to events: %v", name, err)
		}
	}
}
