package ailive_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"outrider/internal/evidence"
	"outrider/internal/llm"
)

const messages = 300

// mostWait is how long a message may take: a model that hangs is found, and not waited for.
const mostWait = 5 * time.Minute

func knownFacts() (out []evidence.Fact) {
	for i, said := range []string{"Alder Foods|uses|Kafka", "Alder Foods|employees|312", "Alder Foods|founded|1987", "Birch Energy|makes|sensors for greenhouses", "Birch Energy|location|Leeds", "Birch Energy|raised|$12 million in March 2024",
		"Cedar Tools|hiring|a data engineer", "Cedar Tools|launched|Tidemark", "Cedar Tools|opened|an office in Oslo"} {
		parts := strings.Split(said, "|")
		out = append(out, evidence.Fact{ID: fmt.Sprint("fact", i), About: evidence.AboutCompany, Names: []string{parts[0]}, Predicate: parts[1], Object: parts[2]})
	}
	return out
}

// untilWhen is when no further message is asked for; OUTRIDER_AI_LIVE_MINUTES says so.
func untilWhen(t *testing.T) time.Time {
	t.Helper()
	said := os.Getenv("OUTRIDER_AI_LIVE_MINUTES")
	if said == "" {
		return time.Now().Add(365 * 24 * time.Hour)
	}
	n, err := strconv.Atoi(said)
	if err != nil || n < 1 {
		t.Fatalf("OUTRIDER_AI_LIVE_MINUTES: %q", said)
	}
	return time.Now().Add(time.Duration(n) * time.Minute)
}

// toWrite is how many messages are asked for; OUTRIDER_AI_LIVE_MESSAGES says otherwise.
func toWrite(t *testing.T) int {
	t.Helper()
	said := os.Getenv("OUTRIDER_AI_LIVE_MESSAGES")
	if said == "" {
		return messages
	}
	n, err := strconv.Atoi(said)
	if err != nil || n < 1 {
		t.Fatalf("OUTRIDER_AI_LIVE_MESSAGES: %q", said)
	}
	return n
}

// TestASmallModelIsHeldToFacts has a real model write messages, by the product's prompt and in free text, as it lies more freely there. Every sentence that passes is listed, to be read
// by a person: it says a fact whole, or is approved. Only `make ai-live` has the model; elsewhere this is skipped.
func TestASmallModelIsHeldToFacts(t *testing.T) {
	script, model := os.Getenv("OUTRIDER_AI_LIVE"), os.Getenv("OUTRIDER_AI_LIVE_MODEL")
	if script == "" {
		t.Skip("make ai-live has a model")
	}
	at := serveModel(t, script, model)
	facts := knownFacts()
	passed, refused, broken := map[string]int{}, 0, 0
	var took time.Duration
	var text string
	var cost, asked int64
	until := untilWhen(t)
	for n := range toWrite(t) {
		if time.Now().After(until) {
			break
		}
		known := []evidence.Fact{facts[(3*n)%len(facts)], facts[(3*n+1)%len(facts)], facts[(3*n+2)%len(facts)]}
		policy := evidence.Policy{Approved: []string{"Hello Ann,", "Shall we talk?"}, Facts: known}
		r := llm.Request{Instructions: "Write three sentences.", Subject: "A question", Body: "Hello Ann,\n\nShall we talk?", Approved: policy.Approved, Seed: n + 1}
		for i, f := range known {
			r.Facts = append(r.Facts, llm.Fact{ID: fmt.Sprint("f", i+1), Text: evidence.Address(f)})
		}
		prompt, err := llm.PromptFor(r)
		if err != nil {
			t.Fatal(err)
		}
		free := n%2 == 1
		if free {
			prompt = llm.Prompt{System: "You write short business e-mails.", User: "Write three sentences to Ann. What we know: " + evidence.Address(known[0]) + " " + evidence.Address(known[1]) + " " + evidence.Address(known[2]), Seed: n + 1, MaxTokens: 150}
		}
		begun := time.Now()
		waiting, stop := context.WithTimeout(t.Context(), mostWait)
		a, err := llm.Ask(waiting, http.DefaultClient, llm.Endpoint{BaseURL: at, Key: "none"}, "smollm2-135m", fmt.Sprint(n), prompt)
		stop()
		took, asked, cost = took+time.Since(begun), asked+1, cost+int64(a.InputTokens+a.OutputTokens)
		var failed *llm.Error
		if err != nil && !errors.As(err, &failed) {
			t.Fatal(err)
		}
		for _, v := range verdicts(a, err, r, policy, free) {
			if !v.Passed {
				refused++
				continue
			}
			passed[fmt.Sprintf("%s  <- %s", v.Text, carrying(v, facts))]++
		}
		if err != nil && !free {
			broken++
		}
		text = fmt.Sprintf("%d messages, %d answers that break the form; %d sentences are refused, these pass (%d tokens, %s a message):\n", asked, broken, refused, cost, (took / time.Duration(asked)).Round(time.Millisecond))
		for _, s := range slices.Sorted(maps.Keys(passed)) {
			text += fmt.Sprintf("%4d  %s\n", passed[s], s)
		}
		keep(t, text) // also of a run that is ended before its end
	}
	t.Log("\n" + text)
	if refused == 0 {
		t.Error("a model of this size says much that nothing carries")
	}
}

// carrying returns what carries a sentence that passes.
func carrying(v evidence.Verdict, facts []evidence.Fact) string {
	for _, f := range facts {
		if f.ID == v.Fact {
			return evidence.Render(f)
		}
	}
	return "approved"
}

func keep(t *testing.T, text string) {
	t.Helper()
	if file := os.Getenv("OUTRIDER_AI_LIVE_REPORT"); file != "" {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Error(err)
		}
	}
}

func verdicts(a llm.Completion, err error, r llm.Request, p evidence.Policy, free bool) []evidence.Verdict {
	if free {
		return evidence.CheckText(a.Text, p)
	}
	draft, formErr := llm.DraftOf(a, r)
	if err != nil || formErr != nil {
		return nil
	}
	var out []evidence.Verdict
	for _, paragraph := range draft.Paragraphs {
		for _, s := range paragraph {
			cites := []string{}
			for _, c := range s.Cites {
				for i, f := range p.Facts {
					if c == fmt.Sprint("f", i+1) {
						cites = append(cites, f.ID)
					}
				}
			}
			out = append(out, evidence.Check(evidence.Sentence{Text: strings.Join(strings.Fields(s.Text), " "), Cites: cites}, p))
		}
	}
	return out
}

// serveModel starts the server, and returns its base URL.
func serveModel(t *testing.T, script, model string) string {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, "node", script, model)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = in.Close(); stop(); _ = cmd.Wait() })
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("the model isn't served: %v", err)
	}
	return strings.TrimSpace(line)
}
