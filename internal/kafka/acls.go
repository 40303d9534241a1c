package kafka

import (
	"bufio"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"strings"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// Rights is what each role does on Kafka and may do there, a right in a line: role, operation, kind, name. A name that ends with a star is a
// prefix. Nobody but the role commands writes to events.
//
//go:embed acls.txt
var Rights string

// Right is one of them.
type Right struct {
	Role, Operation, Kind, Name string
	Prefix                      bool
}

// ListRights reads the table.
func ListRights() (out []Right, err error) {
	lines := bufio.NewScanner(strings.NewReader(Rights))
	for lines.Scan() {
		line, _, _ := strings.Cut(lines.Text(), "#")
		w := strings.Fields(line)
		if len(w) == 0 {
			continue
		}
		if len(w) != 4 {
			return nil, fmt.Errorf("right %q: want role, operation, kind and name", line)
		}
		name, prefix := strings.CutSuffix(w[3], "*")
		out = append(out, Right{w[0], w[1], w[2], name, prefix})
	}
	return out, lines.Err()
}

// topicOf is the name of a topic of the log's generation.
func (l Log) topicOf(name string) string {
	switch name {
	case "commands", "events", "replies":
		return l.topicName(name)
	}
	return l.Prefix + name
}

// Grant gives each role's user what it needs, as ACLs of the cluster, which needs an authorizer. user names the user of a role. What was
// granted before stays: rights that a version no longer needs are for an operator to take away.
func (l Log) Grant(ctx context.Context, user func(role string) string) error {
	rights, err := ListRights()
	if err != nil {
		return err
	}
	cl, err := l.Open()
	if err != nil {
		return err
	}
	defer cl.Close()
	req := kmsg.NewPtrCreateACLsRequest()
	for _, r := range rights {
		c, err := l.aclOf(r, user(r.Role))
		if err != nil {
			return err
		}
		req.Creations = append(req.Creations, c)
	}
	res, err := req.RequestWith(ctx, cl)
	if err != nil {
		return fmt.Errorf("grant rights: %w", err)
	}
	for i, r := range res.Results {
		if r.ErrorCode != 0 {
			return fmt.Errorf("grant rights: %s %s %s: %s", rights[i].Role, rights[i].Operation, rights[i].Name, valueOr(r.ErrorMessage, "refused"))
		}
	}
	return nil
}

func (l Log) aclOf(r Right, user string) (c kmsg.CreateACLsRequestCreation, err error) {
	c = kmsg.NewCreateACLsRequestCreation()
	c.Principal, c.Host, c.PermissionType = "User:"+user, "*", kmsg.ACLPermissionTypeAllow
	c.ResourcePatternType = kmsg.ACLResourcePatternTypeLiteral
	if r.Prefix {
		c.ResourcePatternType = kmsg.ACLResourcePatternTypePrefixed
	}
	if c.Operation, err = kmsg.ParseACLOperation(r.Operation); err != nil {
		return c, fmt.Errorf("right of %s: %w", r.Role, err)
	}
	switch r.Kind {
	case "topic":
		c.ResourceType, c.ResourceName = kmsg.ACLResourceTypeTopic, l.topicOf(r.Name)
	case "group":
		c.ResourceType, c.ResourceName = kmsg.ACLResourceTypeGroup, l.Group(r.Name)
	default:
		return c, fmt.Errorf("right of %s: there is no kind %q", r.Role, r.Kind)
	}
	return c, nil
}

func valueOr(p *string, fallback string) string {
	if p == nil {
		return fallback
	}
	return *p
}

// SetPasswords makes users that sign in by SCRAM-SHA-512, or gives them new passwords.
func (l Log) SetPasswords(ctx context.Context, passwords map[string]string) error {
	cl, err := l.Open()
	if err != nil {
		return err
	}
	defer cl.Close()
	return setPasswords(ctx, cl, passwords)
}

func setPasswords(ctx context.Context, cl *kgo.Client, passwords map[string]string) error {
	var all []kadm.UpsertSCRAM
	for user, password := range passwords {
		if password == "" {
			return fmt.Errorf("set password of %s: it is empty", user)
		}
		all = append(all, kadm.UpsertSCRAM{User: user, Mechanism: kadm.ScramSha512, Iterations: 8192, Password: password})
	}
	res, err := kadm.NewClient(cl).AlterUserSCRAMs(ctx, nil, all)
	if err != nil {
		return fmt.Errorf("set passwords: %w", err)
	}
	var bad []error
	for _, r := range res {
		if r.Err != nil {
			bad = append(bad, fmt.Errorf("set password of %s: %w", r.User, r.Err))
		}
	}
	return errors.Join(bad...)
}
