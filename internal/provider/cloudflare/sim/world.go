package cloudflaresim

import (
	"cmp"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/adsops/cloudtop/internal/sim"
)

// account is an account with all that it has. Lists are encoded once.
type account struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	Type      string    `json:"type"`
	CreatedOn time.Time `json:"created_on"`
	Settings  struct {
		EnforceTwoFactor bool `json:"enforce_twofactor"`
	} `json:"settings"`

	free     bool
	denied   map[string]bool // prefixes of paths below the account that the token may not read
	noR2     bool            // R2 has not been enabled
	disabled map[string]bool // datasets that are not in the plan

	scripts    []*script
	buckets    []*bucket
	databases  []*database
	namespaces []*namespace
	queues     []*queue
	projects   []*project
	objects    []*objectNamespace
	models     []*model

	encoding sync.Once
	encoded  map[string][][]byte // lists, by kind
	uses     map[string][]*profile
}

// profile is how one resource is used: what the analytics of its account count.
type profile struct {
	key      string // what the datasets know it by
	second   string // one further dimension: storage class, script ...
	born     time.Time
	events   meter
	bad      float64 // the part of the events that fail
	p50, p99 float64 // of the resource's main quantity, microseconds
	wait     float64 // p50 of the time around it, microseconds
	bytes    float64 // per event
	read     float64 // rows, tokens, subrequests in, per event
	written  float64 // rows, tokens, subrequests out, per event
	weight   float64 // GB-seconds, neurons ... per event
	size     gauge   // bytes
	items    gauge   // objects, keys, messages
	sample   float64 // events per sample; 1 = all are counted
}

// The kinds of resources, in the order in which a small world gets them.
const (
	aScript = iota
	aBucket
	aDatabase
	aNamespace
	aQueue
	aProject
	anObjectNamespace
	aModel
	kinds
)

// most is what an account may have of each kind (limits pages of the products), for paid and for free plans.
var most = [2][kinds]int{ //nolint:gochecknoglobals // a constant in all but syntax
	{500, 1_000_000, 50_000, 1000, 1000, 100, 500, 24},
	{100, 50, 10, 100, 100, 100, 100, 24},
}

// perAccount is about how many resources an account of a large world has.
const perAccount = 25_000

// build makes the accounts and n resources in them: three in four belong to accounts that pay.
func (c *cloudflare) build(n int) {
	r := c.world.Rand("cloudflare", "accounts")
	names := []string{"Acme Production", "Ærø Labs", "Acme Staging", "北京分公司", "Widgets GmbH & Co. KG"}
	total := 2 + n/perAccount
	if c.world.Incidents() {
		total = max(total, 3)
	}
	for i := range total {
		name := names[i%len(names)]
		if i >= len(names) {
			name += fmt.Sprintf(" %d", i/len(names)+1)
		}
		c.accounts = append(c.accounts, c.newAccount(r, name, i == 1))
	}
	pattern := []int{
		aScript, aBucket, aDatabase, aNamespace, aQueue, aProject, anObjectNamespace, aModel, aScript, aBucket, aScript,
		aNamespace, aDatabase, aScript, aBucket, aScript, aQueue, aBucket,
	}
	rs := c.world.Rand("cloudflare", "resources")
	var rich []*account
	for _, a := range c.accounts {
		if !a.free {
			rich = append(rich, a)
		}
	}
	for i := range n {
		a := rich[i%len(rich)]
		if i%4 == 3 {
			a = c.accounts[1]
		}
		kind := pattern[(i+i/4)%len(pattern)]
		if !a.room(kind) {
			a = rich[i%len(rich)]
			for _, kind = range []int{kind, aBucket, aDatabase} {
				if a.room(kind) {
					break
				}
			}
		}
		a.grow(rs, kind)
	}
	for _, a := range c.accounts {
		a.settle()
	}
}

func (c *cloudflare) newAccount(r *rand.Rand, name string, free bool) *account {
	a := &account{ID: tag(r), Name: name, Type: "standard", CreatedOn: ago(r, 2000), free: free}
	a.Settings.EnforceTwoFactor = !free
	if c.world.Incidents() {
		a.noR2 = free
		if free {
			a.disabled = map[string]bool{
				"durableObjectsInvocationsAdaptiveGroups": true, "durableObjectsPeriodicGroups": true,
				"queueBacklogAdaptiveGroups": true,
			}
		}
		if len(c.accounts) == 2 {
			a.denied = map[string]bool{"/d1/": true, "/billable-usage": true}
		}
	}
	return a
}

func (a *account) counts() [kinds]int {
	return [kinds]int{
		len(a.scripts), len(a.buckets), len(a.databases), len(a.namespaces), len(a.queues), len(a.projects),
		len(a.objects), len(a.models),
	}
}

// room reports whether the account may have one more of a kind.
func (a *account) room(kind int) bool {
	plan := 0
	if a.free {
		plan = 1
	}
	if kind == aBucket && a.noR2 || kind == aDatabase && a.denied["/d1/"] {
		return false
	}
	return a.counts()[kind] < most[plan][kind]
}

func (a *account) grow(r *rand.Rand, kind int) {
	switch kind {
	case aScript:
		a.scripts = append(a.scripts, newScript(r, a))
	case aBucket:
		a.buckets = append(a.buckets, newBucket(r, a))
	case aDatabase:
		a.databases = append(a.databases, newDatabase(r, a))
	case aNamespace:
		a.namespaces = append(a.namespaces, newNamespace(r, a))
	case aQueue:
		a.queues = append(a.queues, newQueue(r, a))
	case aProject:
		a.projects = append(a.projects, newProject(r, a))
	case anObjectNamespace:
		a.objects = append(a.objects, newObjectNamespace(r, a))
	case aModel:
		a.models = append(a.models, newModel(r, a))
	}
}

// settle scales a free account down to what its daily allowances permit.
func (a *account) settle() {
	a.uses = map[string][]*profile{}
	add := func(kind string, p *profile, share float64) {
		if a.free {
			p.events.perSecond = min(p.events.perSecond, 5) * share
		}
		a.uses[kind] = append(a.uses[kind], p)
	}
	part := func(n int, perDay float64) float64 { return perDay / dayLength / float64(max(n, 1)) / 20 }
	for _, s := range a.scripts {
		add("scripts", &s.use, part(len(a.scripts), 40_000))
	}
	for _, b := range a.buckets {
		add("buckets", &b.use, 0.01)
	}
	for _, d := range a.databases {
		add("databases", &d.use, part(len(a.databases), 1000))
	}
	for _, n := range a.namespaces {
		add("namespaces", &n.use, part(len(a.namespaces), 12_000))
	}
	for _, q := range a.queues {
		add("queues", &q.use, 0.01)
	}
	for _, p := range a.projects {
		add("projects", &p.use, part(len(a.projects), 20_000))
	}
	for _, o := range a.objects {
		add("objects", &o.use, 0.01)
	}
	for _, m := range a.models {
		add("models", &m.use, part(len(a.models), 150))
		m.use.events.perSecond = max(m.use.events.perSecond, 1.0/3600) // what is in use is used every day
	}
	slices.SortFunc(a.buckets, func(x, y *bucket) int { return cmp.Compare(x.Name, y.Name) }) // as cursors need it
}

func tag(r *rand.Rand) string {
	var b [16]byte
	for i := range b {
		b[i] = byte(r.UintN(256))
	}
	return hex.EncodeToString(b[:])
}

func uuid(r *rand.Rand) string {
	t := tag(r)
	return t[:8] + "-" + t[8:12] + "-4" + t[13:16] + "-a" + t[17:20] + "-" + t[20:]
}

// ago draws a moment up to days before the epoch, in whole milliseconds.
func ago(r *rand.Rand, days int) time.Time {
	return sim.Epoch.Add(-time.Duration(1+r.Int64N(int64(days)*24*3600*1000)) * time.Millisecond)
}

func pick[T any](r *rand.Rand, all ...T) T { return all[r.IntN(len(all))] }

// named gives the n-th thing of a kind its name: unique, and after the first round numbered.
func named(n int, words ...string) string {
	if n < len(words) {
		return words[n]
	}
	return fmt.Sprintf("%s-%d", words[n%len(words)], n/len(words)+1)
}
