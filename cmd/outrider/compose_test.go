package main

import (
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"gopkg.in/yaml.v3"

	"outrider/internal/app/node"
)

type composeService struct {
	Command     []string          `yaml:"command"`
	Environment map[string]string `yaml:"environment"`
	Volumes     []string          `yaml:"volumes"`
}

func readCompose(t *testing.T) (text string, services map[string]composeService) {
	t.Helper()
	b, err := os.ReadFile("../../docker-compose.yml")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Services map[string]composeService `yaml:"services"`
	}
	if err := yaml.Unmarshal(b, &file); err != nil {
		t.Fatal(err)
	}
	return string(b), file.Services
}

// Compose doesn't start without passwords, says how to make them, and nothing lets anybody in without.
func TestComposeAsksForEveryPassword(t *testing.T) {
	t.Parallel()
	text, services := readCompose(t)
	made, err := exec.CommandContext(t.Context(), "../../deploy/passwords.sh").Output()
	if err != nil {
		t.Fatal(err)
	}
	told := map[string]bool{}
	for _, m := range regexp.MustCompile(`\$\{([A-Z_]+)([^}]*)\}`).FindAllStringSubmatch(text, -1) {
		name, rest := m[1], m[2]
		if name == "VERSION" {
			continue
		}
		if !strings.HasPrefix(rest, ":?") {
			t.Errorf("%s may be missing", m[0])
		}
		if !regexp.MustCompile(`(?m)^` + name + `=[0-9a-f]{40}$`).Match(made) {
			t.Errorf("deploy/passwords.sh makes no %s", name)
		}
		told[name] = told[name] || strings.Contains(rest, "deploy/passwords.sh")
	}
	for _, name := range []string{"POSTGRES_PASSWORD", "CLICKHOUSE_PASSWORD", "KAFKA_ADMIN_PASSWORD"} { // the first that compose asks for
		if !told[name] {
			t.Errorf("nothing says how to make %s", name)
		}
	}
	pg := services["postgres"].Environment
	if pg["POSTGRES_HOST_AUTH_METHOD"] != "scram-sha-256" || !strings.Contains(pg["POSTGRES_INITDB_ARGS"], "--auth-local=scram-sha-256") || strings.Contains(text, "trust") {
		t.Errorf("Postgres lets somebody in without a password: %v", pg)
	}
}

// A process knows what its role needs: its own keys, its own user of Kafka, and never the database's owner.
func TestComposeGivesEachRoleItsSecretsOnly(t *testing.T) {
	t.Parallel()
	_, services := readCompose(t)
	for name, s := range services {
		owner := strings.Contains(fmt.Sprint(s.Environment), "POSTGRES_PASSWORD")
		if owner != (name == "migrate" || name == "postgres") {
			t.Errorf("%s knows the owner of the database: %v", name, owner)
		}
		admin := strings.Contains(fmt.Sprint(s.Environment), "KAFKA_ADMIN_PASSWORD")
		if admin != (name == "migrate" || strings.HasPrefix(name, "kafka-")) {
			t.Errorf("%s knows the admin of Kafka: %v", name, admin)
		}
	}
	for _, role := range node.Roles() {
		s := services[role]
		if s.Environment["OUTRIDER_KAFKA_USER"] != role || s.Environment["OUTRIDER_KAFKA_PASSWORD"] != "${KAFKA_"+strings.ToUpper(role)+"_PASSWORD:?}" || s.Environment["OUTRIDER_KAFKA_SASL"] != "scram-sha-512" {
			t.Errorf("%s signs in to Kafka as %v", role, s.Environment)
		}
		keys := slices.DeleteFunc(slices.Clone(s.Volumes), func(v string) bool { return !strings.HasPrefix(v, "keys") })
		if !slices.Equal(keys, []string{"keys-" + role + ":/var/lib/outrider"}) || !slices.Contains(services["migrate"].Volumes, "keys-"+role+":/var/lib/outrider-roles/"+role) {
			t.Errorf("%s has the keys in %v", role, keys)
		}
		if clickhouse := s.Environment["OUTRIDER_CLICKHOUSE"] != ""; clickhouse != (role == node.RoleAPI || role == node.RoleProjections) {
			t.Errorf("%s knows ClickHouse's password: %v", role, clickhouse)
		}
	}
}

// What the file sets is a flag of the command that it sets it for.
func TestComposeNamesFlagsThatThereAre(t *testing.T) {
	t.Parallel()
	_, services := readCompose(t)
	var c cli
	parser, err := kong.New(&c, kong.Name("outrider"), kong.DefaultEnvars("OUTRIDER"))
	if err != nil {
		t.Fatal(err)
	}
	for name, s := range services {
		if len(s.Command) == 0 {
			continue
		}
		known := map[string]bool{}
		for _, f := range parser.Model.Flags {
			for _, e := range f.Envs {
				known[e] = true
			}
		}
		for _, child := range parser.Model.Children {
			if child.Name == s.Command[0] {
				for _, f := range child.Flags {
					for _, e := range f.Envs {
						known[e] = true
					}
				}
			}
		}
		for variable := range s.Environment {
			if strings.HasPrefix(variable, "OUTRIDER_") && !known[variable] && variable != "OUTRIDER_LISTEN" && variable != "OUTRIDER_METRICS_LISTEN" { // those of what serves
				t.Errorf("%s: %s has no flag %s", name, s.Command[0], variable)
			}
		}
	}
}

// The newest patch of Go builds it, wherever; nobody has to fetch another.
func TestNoPatchOfGoIsAskedFor(t *testing.T) {
	t.Parallel()
	mod, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	docker, err := os.ReadFile("../../deploy/Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	version := regexp.MustCompile(`(?m)^go (\d+\.\d+)\.0$`).FindSubmatch(mod)
	if version == nil || regexp.MustCompile(`(?m)^toolchain`).Match(mod) {
		t.Fatal("go.mod asks for a patch of Go that a machine may not have")
	}
	if !strings.Contains(string(docker), "FROM golang:"+string(version[1])+"-alpine ") {
		t.Errorf("the image isn't built with the newest patch of Go %s", version[1])
	}
}
