package websites

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"strings"
	"time"
)

// Kind is how a site behaves.
type Kind string

// Kinds of sites.
const (
	Plain        Kind = "plain"
	NoRobots     Kind = "no robots.txt"
	DisallowAll  Kind = "robots: nothing"
	DisallowSome Kind = "robots: not the page about us"
	CrawlDelay   Kind = "robots: slowly"
	RobotsFail   Kind = "robots: 503"
	RobotsHuge   Kind = "robots: huge"
	Huge         Kind = "a huge page"
	Bomb         Kind = "a small page that unpacks to a huge one"
	Charset      Kind = "wrong character set"
	Contrary     Kind = "contradictions"
	Old          Kind = "old pages"
	Injected     Kind = "hidden instructions"
	Slow         Kind = "slow"
	Moved        Kind = "moved to www"
	MovedAway    Kind = "moved to another company's"
	Gone         Kind = "nothing there"
)

// Kinds are all, in the order in which they are dealt out.
func Kinds() []Kind {
	return []Kind{Plain, Injected, Contrary, Plain, Charset, DisallowSome, Old, Plain, DisallowAll, NoRobots, CrawlDelay, Plain, RobotsFail, Moved, Huge, Plain, RobotsHuge, Bomb, MovedAway, Gone}
}

// Company is one of the made-up companies.
type Company struct{ Domain, Name, City string }

// Statement is something that is true of a company.
type Statement struct {
	Predicate string
	Object    string
	Path      string // of the page that says it
	Form      string // how it is said: data, sentence, german, headline, posting; prose is one that rules aren't made for
	Readable  bool   // a program that keeps to the site's rules can read it
}

// Site is what is true of a company, and how its web site behaves.
type Site struct {
	Company
	Kind Kind
	True []Statement

	rand    *rand.Rand
	now     time.Time
	founded int
	size    int
	tool    string
	makes   string
	job     string
	oldJob  string
	product string
	branch  string
	money   int
	forms   map[string]string // by predicate
}

// NewSite makes a site up. nth deals out its kind.
func NewSite(seed uint64, nth int, c Company, now time.Time) *Site {
	h := fnv.New64a()
	_, _ = h.Write([]byte(c.Domain))
	r := rand.New(rand.NewPCG(seed, h.Sum64()))
	pick := func(of string) string { all := strings.Split(of, "|"); return all[r.IntN(len(all))] }
	s := &Site{Company: c, Kind: Kinds()[nth%len(Kinds())], rand: r, now: now, forms: map[string]string{}}
	s.founded, s.size, s.money = 1950+r.IntN(70), 11+r.IntN(4000), 2+r.IntN(60)
	if s.City == "" {
		s.City = pick("Köln|München|Lyon|Málaga|Göteborg|Leeds|Gdańsk|Porto")
	}
	s.tool = pick("Kafka|PostgreSQL|Kubernetes|Salesforce|Terraform|Snowflake")
	s.makes = pick("pumps for dairies|labels for pharmacies|sensors for greenhouses|software for harbours|bread ovens|hearing aids")
	s.job, s.oldJob = pick("Data Engineer|Account Executive|Field Technician|Product Designer|Sales Manager"), pick("Office Manager|Night Auditor|Warehouse Lead")
	s.product, s.branch = pick("Tidemark|Larkspur 2|the Heron Gateway|Quill for Teams"), pick("Vienna|Rotterdam|Oslo|Tallinn")
	for _, p := range []string{"founded", "employees", "location", "uses", "makes", "hiring"} {
		s.forms[p] = pick("data|sentence|sentence|german|prose")
	}
	s.settle()
	return s
}

// settle says what is true, and what of it can be read.
func (s *Site) settle() {
	add := func(predicate, object, path, form string) {
		s.True = append(s.True, Statement{predicate, object, path, form, s.readable(predicate, path, form)})
	}
	form := func(predicate string, can string) string {
		if f := s.forms[predicate]; strings.Contains(can, f) {
			return f
		}
		return "sentence"
	}
	add("founded", fmt.Sprint(s.founded), "/about", form("founded", "data sentence german prose"))
	add("employees", fmt.Sprint(s.size), "/about", form("employees", "data sentence german prose"))
	add("location", s.City, "/about", form("location", "data sentence prose"))
	add("uses", s.tool, "/about", form("uses", "sentence prose"))
	add("makes", s.makes, "/about", form("makes", "sentence prose"))
	add("hiring", s.job, "/jobs", form("hiring", "sentence prose data"))
	add("launched", s.product, "/feed.xml", "headline")
	add("opened", "an office in "+s.branch, "/news", "sentence")
	add("raised", fmt.Sprintf("$%d million", s.money), "/feed.xml", "headline")
}

func (s *Site) readable(predicate, path, form string) bool {
	switch s.Kind {
	case DisallowAll, RobotsFail, MovedAway, Gone, Huge, Bomb:
		return false
	case DisallowSome:
		return path != "/about"
	case Contrary:
		return predicate != "founded" && predicate != "employees"
	case Old:
		return predicate == "founded" || path == "/feed.xml" || predicate == "hiring" && form == "data" // which has a date of its own
	}
	return true
}

// IsTrue reports whether something that was found is so.
func (s *Site) IsTrue(predicate, object string) bool {
	for _, t := range s.True {
		if t.Predicate == predicate && plain(t.Object) == plain(object) {
			return true
		}
	}
	return false
}

// plain leaves out what says nothing.
func plain(object string) string {
	object = strings.ToLower(strings.Join(strings.Fields(object), " "))
	for _, article := range []string{"a ", "an ", "the "} {
		object = strings.TrimPrefix(object, article)
	}
	return strings.ReplaceAll(object, ",", "")
}

// StatementOf returns the statement of a predicate.
func (s *Site) StatementOf(predicate string) Statement {
	for _, t := range s.True {
		if t.Predicate == predicate {
			return t
		}
	}
	return Statement{}
}
