package output

import (
	"io"
	"maps"
	"slices"

	"github.com/adsops/cloudtop/docs/schema"
	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/hub"
)

// DocumentVersion is the version of the document's contract, docs/schema/snapshot.schema.json. Members may be added
// within a version; what is there keeps its name and meaning.
const DocumentVersion = "1.0"

// Schema returns the JSON Schema of the document.
func Schema() []byte { return schema.Snapshot() }

// writeJSON writes the document as JSON.
func writeJSON(w io.Writer, s *hub.Snapshot, o Options) error {
	j := newJSON(w, !o.Compact)
	d := doc{sink: j}
	d.snapshot(s, o.Accounts)
	return j.end()
}

// writeYAML writes the same document as YAML.
func writeYAML(w io.Writer, s *hub.Snapshot, o Options) error {
	y := &yamlSink{spool: spool{w: w}}
	d := doc{sink: y}
	d.snapshot(s, o.Accounts)
	return y.end()
}

// Document returns the document as encoding/json would decode it: maps, slices, strings, float64, int, bool and nil.
func Document(s *hub.Snapshot, o Options) any {
	t := &tree{}
	d := doc{sink: t}
	d.snapshot(s, o.Accounts)
	return t.root
}

// snapshot writes the whole document.
func (d *doc) snapshot(s *hub.Snapshot, accounts []string) {
	d.object()
	d.str("version", DocumentVersion)
	d.moment("generated_at", s.At)
	if s.Simulated {
		d.flag("simulated", true)
	}
	d.list("providers")
	units := byProvider(s.Units)
	for i := range s.Providers {
		p := &s.Providers[i]
		d.provider(p, units[p.Name], accounts)
	}
	d.endArray()
	d.list("ledger")
	for i := range s.Units {
		d.unit(&s.Units[i])
	}
	d.endArray()
	d.endObject()
}

func byProvider(units []hub.Unit) map[string][]hub.Unit {
	out := map[string][]hub.Unit{}
	for i := range units {
		out[units[i].Provider] = append(out[units[i].Provider], units[i])
	}
	return out
}

func (d *doc) provider(p *hub.Provider, units []hub.Unit, accounts []string) {
	status := statusOf(units)
	d.object()
	d.str("name", p.Name)
	d.str("status", status)
	d.list("results")
	d.results(p, units, accounts, status)
	d.endArray()
	d.list("offerings")
	for i := range p.Offers {
		d.offer(&p.Offers[i])
	}
	d.endArray()
	d.list("markets")
	for i := range p.Markets {
		d.market(&p.Markets[i])
	}
	d.endArray()
	d.list("errors")
	d.failures(units)
	d.endArray()
	d.endObject()
}

// The states of a provider.
const (
	statusOK      = "ok"      // everything asked for is here
	statusPartial = "partial" // some of it is missing, old or still to come
	statusFailed  = "failed"  // nothing is here
	statusSkipped = "skipped" // nothing was asked for
)

// statusOf sums up a provider's units. That the credential works is no success where nothing could be read with it.
func statusOf(units []hub.Unit) string {
	var good, bad, waiting, read int
	for i := range units {
		switch u := &units[i]; u.State {
		case hub.OK:
			good++
			if u.Capability != hub.Connect {
				read++
			}
		case hub.Partial, hub.Stale:
			bad++
			read++
		case hub.Denied, hub.Throttled, hub.Failed:
			bad++
		case hub.Pending:
			waiting++
		case hub.Skipped:
		}
	}
	switch {
	case bad > 0 && read == 0 && waiting == 0:
		return statusFailed
	case bad > 0 || waiting > 0:
		return statusPartial
	case good > 0:
		return statusOK
	default:
		return statusSkipped
	}
}

// results writes one entry per account that is in the ledger or has something. A provider that failed before it told
// its accounts has one without a name, so that a script which counts resources sees none instead of nothing.
func (d *doc) results(p *hub.Provider, units []hub.Unit, only []string, status string) {
	resources := map[string][]*cloud.Resource{}
	for i := range units {
		resources[units[i].Account] = nil
	}
	delete(resources, "")
	for _, r := range p.Resources {
		resources[r.Account] = append(resources[r.Account], r)
	}
	for i := range p.Costs {
		if _, there := resources[p.Costs[i].Account]; !there {
			resources[p.Costs[i].Account] = nil
		}
	}
	if len(resources) == 0 && status == statusFailed {
		resources[""] = nil
	}
	for _, account := range slices.Sorted(maps.Keys(resources)) {
		name := p.AccountNames[account]
		if account != "" && len(resources[account]) == 0 && !wanted(only, account, name) {
			continue
		}
		d.object()
		d.str("account", account)
		d.str("account_name", name)
		d.list("resources")
		for _, r := range resources[account] {
			d.resource(r)
		}
		d.endArray()
		d.list("costs")
		for i := range p.Costs {
			if p.Costs[i].Account == account {
				d.cost(&p.Costs[i])
			}
		}
		d.endArray()
		d.endObject()
	}
}
