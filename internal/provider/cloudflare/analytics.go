package cloudflare

import (
	"context"
	"slices"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
)

// settingsFor is how long what an account's plan allows is taken as known, refusalsFor how long what it was refused: a
// permission may be given meanwhile.
const (
	settingsFor = time.Hour
	refusalsFor = 10 * time.Minute
)

// accountSettings is what an account's plan may query, by dataset.
type accountSettings struct {
	of settings
	at time.Time
}

// refusal is a dataset that an account was refused.
type refusal struct {
	err error
	at  time.Time
}

// picture is what one query read of an account: the metrics of all its services.
type picture struct {
	window cloud.Window
	rows   map[string][]row     // by alias
	failed map[string]error     // by dataset
	short  []string             // aliases whose rows end at the limit
	lost   map[string]error     // by alias: rows that cannot be read
	begins map[string]time.Time // by alias: where what was read begins, as the plan may keep less than is asked for
	memory string               // what refusals are remembered under
}

func newPicture(w cloud.Window, memory string, refused map[string]error) *picture {
	return &picture{
		window: w, rows: map[string][]row{}, failed: refused, lost: map[string]error{}, begins: map[string]time.Time{}, memory: memory,
	}
}

// serves reports whether the picture is what a reader of w would get: as long a span, and not much older.
func (p *picture) serves(w cloud.Window) bool {
	const slack = 2 * time.Minute
	apart := func(a, b time.Duration) bool { return a-b > slack || b-a > slack }
	return !apart(w.To.Sub(p.window.To), 0) && !apart(w.To.Sub(w.From), p.window.To.Sub(p.window.From))
}

// picture returns the account's analytics for w. All services share one query: the first to ask makes it for all of
// them, the others wait for it, and who asks a second time starts the next.
func (d *driver) picture(ctx context.Context, account, asker string, w cloud.Window) (*picture, error) {
	for tried := false; ; tried = true {
		p, err := d.pictures.Do(ctx, account, asker, func(ctx context.Context) (*picture, error) {
			return d.ask(ctx, account, w)
		})
		if err != nil {
			return nil, err
		}
		if tried || p.serves(w) {
			return p, nil
		}
	}
}

// ask makes the account's query. What it is refused is left out the next time: dataset by dataset where the refusal
// names them, else as the plan's settings tell, else after asking for each dataset by itself.
func (d *driver) ask(ctx context.Context, account string, w cloud.Window) (*picture, error) {
	known, isKnown := d.knownSettings(account)
	pic := newPicture(w, account, d.knownRefusals(account))
	todo := &plan{window: w, now: d.now(), nodes: d.wanted(nodes(), known, pic.failed)}
	for range 4 {
		r, err := d.graphQL(ctx, account, todo, todo.text(known, !isKnown))
		if err == nil {
			d.learn(account, r.settings)
			d.keep(pic, todo, r)
			return pic, nil
		}
		if !refusable(err) {
			return nil, err
		}
		switch culprits := todo.datasetsOf(named(err)); {
		case len(culprits) > 0:
			for _, dataset := range culprits {
				d.refuse(pic, dataset, err)
			}
		case cloud.KindOf(err) == cloud.KindDenied:
			return d.nothing(pic, todo, err)
		case !isKnown:
			if r, err = d.askSettings(ctx, account); err != nil {
				return d.nothing(pic, todo, err)
			}
			d.learn(account, r.settings)
			known, isKnown = d.knownSettings(account)
		default:
			return pic, d.apart(ctx, account, pic, todo, known)
		}
		todo.nodes = d.wanted(nodes(), known, pic.failed)
		if len(todo.nodes) == 0 {
			return pic, nil
		}
	}
	return pic, d.apart(ctx, account, pic, todo, known)
}

// refusable reports whether an error is about what was asked, so that less may succeed.
func refusable(err error) bool {
	k := cloud.KindOf(err)
	return k == cloud.KindDenied || k == cloud.KindRequest || k == cloud.KindUnsupported
}

// nothing fills the picture with one refusal for all: who may not read an account, or not even its settings, may not
// read any dataset.
func (d *driver) nothing(pic *picture, todo *plan, err error) (*picture, error) {
	if !refusable(err) {
		return nil, err
	}
	for _, dataset := range datasets(todo.nodes) {
		d.refuse(pic, dataset, err)
	}
	return pic, nil
}

// apart asks for each dataset by itself, so that those which are refused do not take the others with them.
func (d *driver) apart(ctx context.Context, account string, pic *picture, todo *plan, known accountSettings) error {
	type part struct {
		plan *plan
		r    *reply
		err  error
	}
	all := datasets(todo.nodes)
	parts := provider.Fan(ctx, pagesAtOnce, all, func(ctx context.Context, dataset string) part {
		mine := slices.DeleteFunc(slices.Clone(todo.nodes), func(n node) bool { return n.dataset != dataset })
		p := &plan{window: todo.window, now: todo.now, nodes: mine}
		r, err := d.graphQL(ctx, account, p, p.text(known, false))
		return part{p, r, err}
	})
	for p := range parts {
		dataset := p.plan.nodes[0].dataset
		switch {
		case p.err == nil:
			d.keep(pic, p.plan, p.r)
		case refusable(p.err):
			d.refuse(pic, dataset, p.err)
		case ctx.Err() != nil, cloud.KindOf(p.err) == cloud.KindAuth:
			return p.err
		default:
			pic.failed[dataset] = p.err
		}
	}
	return nil
}

// keep puts an answer into the picture.
func (d *driver) keep(pic *picture, todo *plan, r *reply) {
	for i := range todo.nodes {
		n := &todo.nodes[i]
		g, ok := r.groups[n.alias]
		if !ok {
			continue
		}
		if g.cut(todo.limits[n.alias]) {
			pic.short = append(pic.short, n.alias)
		}
		pic.rows[n.alias] = g.rows
		pic.begins[n.alias] = todo.begins[n.alias]
		if err := g.lost(); err != nil {
			pic.lost[n.alias] = err
		}
	}
	for alias, err := range r.failed {
		for _, dataset := range todo.datasetsOf([]string{alias}) {
			d.refuse(pic, dataset, err)
		}
	}
}

// datasetsOf returns the datasets of aliases; a path may give a dataset's own name instead.
func (p *plan) datasetsOf(aliases []string) []string {
	return datasets(slices.DeleteFunc(slices.Clone(p.nodes), func(n node) bool {
		return !slices.Contains(aliases, n.alias) && !slices.Contains(aliases, n.dataset)
	}))
}

// wanted returns those of all that belong to the configured services, without datasets that failed or are not in the plan; these
// join the failed ones.
func (d *driver) wanted(all []node, known accountSettings, failed map[string]error) []node {
	return slices.DeleteFunc(all, func(n node) bool {
		if !slices.Contains(d.services, n.service) {
			return true
		}
		if s, ok := known.of[n.dataset]; ok && s.Value.Enabled.Known && !s.Value.Enabled.Value {
			failed[n.dataset] = errNotInPlan(n.dataset)
		}
		return failed[n.dataset] != nil
	})
}

func errNotInPlan(dataset string) error {
	return &cloud.Error{
		Kind: cloud.KindUnsupported, Op: name + ": read " + dataset,
		Detail: "the account does not have access to the path " + dataset + " (settings: not enabled)",
		Hint:   "the account's plan does not include this dataset",
	}
}

// knownSettings returns the settings of an account that are fresh enough.
func (d *driver) knownSettings(account string) (accountSettings, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	s, ok := d.settings[account]
	return s, ok && d.now().Sub(s.at) < settingsFor
}

func (d *driver) learn(account string, of settings) {
	if len(of) == 0 {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.settings[account] = accountSettings{of: of, at: d.now()}
}

// knownRefusals returns what was refused of late, by dataset.
func (d *driver) knownRefusals(memory string) map[string]error {
	d.mu.Lock()
	defer d.mu.Unlock()
	out := map[string]error{}
	for dataset, r := range d.refusals[memory] {
		if d.now().Sub(r.at) < refusalsFor {
			out[dataset] = r.err
		}
	}
	return out
}

// refuse notes that a dataset was refused, and remembers it where asking again would change nothing.
func (d *driver) refuse(pic *picture, dataset string, err error) {
	pic.failed[dataset] = err
	if !refusable(err) {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.refusals[pic.memory] == nil {
		d.refusals[pic.memory] = map[string]refusal{}
	}
	d.refusals[pic.memory][dataset] = refusal{err: err, at: d.now()}
}
