package chaos

import "fmt"

// Result of a run: what happened, and what the audit found.
type Result struct {
	Broker       string         `json:"broker"`
	Seed         uint64         `json:"seed"`
	Without      string         `json:"without,omitempty"`
	Faults       map[string]int `json:"faults"`
	Asked        int            `json:"asked"`           // commands that clients asked for
	Acknowledged int            `json:"acknowledged"`    // ... and that the log decided, as they were told: accepted or refused
	Refused      int            `json:"refused"`         // of these
	Repeats      int            `json:"repeats"`         // requests that were sent again under their key
	Failures     int            `json:"internal_errors"` // answers with status 500: the api didn't see that the trouble passes
	Hits         int            `json:"hits"`            // pixels and unsubscribes, which have no key
	Sent         int            `json:"sent"`            // messages that left
	Invoices     int            `json:"invoices"`        // that were compared with the payment provider
	Deliveries   int            `json:"deliveries"`      // to webhooks, that arrived
	CRMRecords   int            `json:"crm_records"`     // that the CRM holds
	AICalls      int            `json:"ai_calls"`        // of language models
	Facts        int            `json:"facts"`           // that were found on web sites, and are held against them
	ModelFacts   int            `json:"model_facts"`     // of these, by a language model
	SendGrid     int            `json:"sendgrid"`        // messages that SendGrid took
	Members      int            `json:"members"`         // who came
	Flags        int            `json:"flags"`           // times that a feature was given or taken
	Records      int64          `json:"records"`         // of the log, and the next three
	Events       int64          `json:"events"`
	Voids        int64          `json:"voids"`
	Epochs       int64          `json:"epochs"`
	Checked      int            `json:"quota_operations"` // that porcupine looked at
	Restarts     int            `json:"restarts"`         // processes that ended by themselves and were started again

	Lost            int `json:"lost"`       // acknowledged, but not in the log, or otherwise there
	Duplicated      int `json:"duplicated"` // commands that count more than once
	OverQuota       int `json:"over_quota"` // organisations with more than they may have
	Ghost           int `json:"ghost"`      // refused, but accepted in the log
	Gaps            int `json:"gaps"`       // in pseq or oseq
	ChainBreaks     int `json:"chain_breaks"`
	Nonlinearizable int `json:"nonlinearizable"` // quota histories, one of each organisation and limit
	PostgresDiff    int `json:"postgres_diff"`   // rows that differ from a fold of the log
	ClickHouseDiff  int `json:"clickhouse_diff"`
	SentTwice       int `json:"sent_twice"`      // messages that left more than once
	PersonGap       int `json:"person_gap"`      // messages of two campaigns to one person within the gap
	BillingDiff     int `json:"billing_diff"`    // subscriptions and invoices that the payment provider has otherwise than the log, and notifications that nobody followed
	DeliveriesLost  int `json:"deliveries_lost"` // events of which a webhook was never told, or not in their subject's order, and deliveries without its signature
	CRMDiff         int `json:"crm_diff"`        // contacts and activities that the CRM has otherwise than the log says
	AICostDiff      int `json:"ai_cost_diff"`    // calls of language models that were made or counted otherwise than once
	FactDiff        int `json:"fact_diff"`       // facts that aren't true, or that a model found and that don't stand on their page
	SendGridDiff    int `json:"sendgrid_diff"`   // messages that SendGrid was given twice, or took otherwise than the log says
	MemberDiff      int `json:"member_diff"`     // people who are let in otherwise than the log says, and organisations that lost their last owner
	FlagDiff        int `json:"flag_diff"`       // organisations that have a feature otherwise than its newest rule says
	Stuck           int `json:"stuck"`           // commands without an answer 60 s after the last fault
	Hung            int `json:"hung"`            // processes that had not ended 40 s after SIGTERM

	Unavailable map[string]float64 `json:"unavailable_seconds"`    // by kind: longest time without any acknowledged command
	Slowest     map[string]float64 `json:"slowest_answer_seconds"` // by kind: longest that any one client waited for its answer
	Elapsed     float64            `json:"elapsed_seconds"`
	Examples    []string           `json:"examples,omitempty"`
}

// Counter is one of the audit's, by its name in the JSON.
type Counter struct {
	Name string
	N    int
}

// Counters are those that must be zero.
func (r *Result) Counters() []Counter {
	return []Counter{{"lost", r.Lost}, {"duplicated", r.Duplicated}, {"over_quota", r.OverQuota}, {"ghost", r.Ghost}, {"gaps", r.Gaps}, {"chain_breaks", r.ChainBreaks},
		{"nonlinearizable", r.Nonlinearizable}, {"postgres_diff", r.PostgresDiff}, {"clickhouse_diff", r.ClickHouseDiff}, {"sent_twice", r.SentTwice}, {"person_gap", r.PersonGap}, {"billing_diff", r.BillingDiff},
		{"deliveries_lost", r.DeliveriesLost}, {"crm_diff", r.CRMDiff}, {"ai_cost_diff", r.AICostDiff}, {"fact_diff", r.FactDiff}, {"sendgrid_diff", r.SendGridDiff}, {"member_diff", r.MemberDiff}, {"flag_diff", r.FlagDiff}, {"stuck", r.Stuck}, {"hung", r.Hung}}
}

// Wrong lists the counters above zero.
func (r *Result) Wrong() (out []string) {
	for _, c := range r.Counters() {
		if c.N > 0 {
			out = append(out, fmt.Sprintf("%s %d", c.Name, c.N))
		}
	}
	return out
}

// examplesEach is how many examples of one counter are told.
const examplesEach = 5

func (r *Result) addFinding(counter *int, format string, a ...any) {
	if *counter++; *counter <= examplesEach {
		r.Examples = append(r.Examples, fmt.Sprintf(format, a...))
	}
}
