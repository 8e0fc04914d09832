package oraclesim

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/adsops/cloudtop/internal/sim"
)

// lister is a list call of a regional service: what it lists and how an element is written.
type lister[T any] struct {
	all     func(*region) map[*compartment][]*T
	thing   func(*T) *thing
	append  func(b []byte, v *T) []byte
	whole   func(v *T) object                // the answer for one alone; nil = as in the list
	params  []string                         // beyond the usual ones
	keep    func(v *T, r *http.Request) bool // by those; may be nil
	wrapped bool                             // {"items": [...]}
}

// serve answers a list call.
func (l lister[T]) serve(c *cloud, w http.ResponseWriter, r *http.Request, at *region) *fault {
	usual := []string{"compartmentId", "limit", "page", "sortBy", "sortOrder", "lifecycleState", "displayName", "name", "availabilityDomain"}
	if f := known(r, append(usual, l.params...)...); f != nil {
		return f
	}
	k, f := c.readable(r)
	if f != nil {
		return f
	}
	found, f := l.selected(r, at, k)
	if f != nil {
		return f
	}
	from, to, f := c.page(w, r, len(found))
	if f != nil {
		return f
	}
	b := make([]byte, 0, 256+(to-from)*2200)
	if l.wrapped {
		b = append(b, `{"items":`...)
	}
	b = append(b, '[')
	for i, v := range found[from:to] {
		if i > 0 {
			b = append(b, ',')
		}
		b = l.append(b, v)
	}
	b = append(b, ']')
	if l.wrapped {
		b = append(b, '}')
	}
	writeRaw(w, http.StatusOK, b)
	return nil
}

// selected returns what the filters leave, in the order that is asked for.
func (l lister[T]) selected(r *http.Request, at *region, k *compartment) ([]*T, *fault) {
	q := r.URL.Query()
	title := cmp.Or(q.Get("displayName"), q.Get("name"))
	states := q["lifecycleState"]
	found := l.all(at)[k]
	if title != "" || len(states) > 0 || q.Get("availabilityDomain") != "" || l.keep != nil {
		found = slices.DeleteFunc(slices.Clone(found), func(v *T) bool {
			t := l.thing(v)
			return title != "" && t.name != title || q.Get("availabilityDomain") != "" && t.ad != q.Get("availabilityDomain") ||
				len(states) > 0 && !slices.ContainsFunc(states, func(s string) bool { return strings.EqualFold(s, t.state) }) ||
				l.keep != nil && !l.keep(v, r)
		})
	}
	by := strings.ToUpper(q.Get("sortBy"))
	desc, f := reverse(r, by == "TIMECREATED")
	if f != nil {
		return nil, f
	}
	if by == "" && q.Get("sortOrder") == "" {
		return found, nil
	}
	found = slices.Clone(found)
	slices.SortStableFunc(found, func(a, b *T) int {
		n := strings.Compare(l.thing(a).name, l.thing(b).name)
		if by == "TIMECREATED" {
			n = l.thing(a).created.Compare(l.thing(b).created)
		}
		if desc {
			return -n
		}
		return n
	})
	return found, nil
}

// readable returns the compartment that a request names, if the user may read in it.
func (c *cloud) readable(r *http.Request) (*compartment, *fault) {
	id := r.URL.Query().Get("compartmentId")
	if id == "" {
		return nil, missing("compartmentId")
	}
	k := c.byID[id]
	if k == nil || k.denied {
		return nil, hidden()
	}
	return k, nil
}

func instances() lister[instance] {
	return lister[instance]{
		all:    func(at *region) map[*compartment][]*instance { return at.instances },
		thing:  func(n *instance) *thing { return &n.thing },
		append: func(b []byte, n *instance) []byte { return n.appendJSON(b) },
		params: []string{"capacityReservationId", "computeClusterId"},
	}
}

func containerInstances() lister[containerInstance] {
	return lister[containerInstance]{
		all:     func(at *region) map[*compartment][]*containerInstance { return at.containers },
		thing:   func(n *containerInstance) *thing { return &n.thing },
		append:  func(b []byte, n *containerInstance) []byte { return sim.AppendJSON(b, n.wire()) },
		whole:   func(n *containerInstance) object { return n.whole() },
		wrapped: true,
	}
}

func clusters() lister[cluster] {
	return lister[cluster]{
		all:    func(at *region) map[*compartment][]*cluster { return at.clusters },
		thing:  func(n *cluster) *thing { return &n.thing },
		append: func(b []byte, n *cluster) []byte { return sim.AppendJSON(b, n.wire()) },
	}
}

func nodePools() lister[nodePool] {
	return lister[nodePool]{
		all:    func(at *region) map[*compartment][]*nodePool { return at.pools },
		thing:  func(n *nodePool) *thing { return &n.thing },
		append: func(b []byte, n *nodePool) []byte { return sim.AppendJSON(b, n.wire()) },
		params: []string{"clusterId"},
		keep:   func(p *nodePool, r *http.Request) bool { return asked(r, "clusterId", p.cluster.id) },
	}
}

func virtualPools() lister[virtualPool] {
	return lister[virtualPool]{
		all:    func(at *region) map[*compartment][]*virtualPool { return at.virtual },
		thing:  func(n *virtualPool) *thing { return &n.thing },
		append: func(b []byte, n *virtualPool) []byte { return sim.AppendJSON(b, n.wire()) },
		params: []string{"clusterId"},
		keep:   func(p *virtualPool, r *http.Request) bool { return asked(r, "clusterId", p.cluster.id) },
	}
}

// asked reports whether v passes a filter: what is not asked for does.
func asked(r *http.Request, param, v string) bool {
	want := r.URL.Query().Get(param)
	return want == "" || strings.EqualFold(want, v)
}

func databases() lister[database] {
	return lister[database]{
		all:    func(at *region) map[*compartment][]*database { return at.databases },
		thing:  func(n *database) *thing { return &n.thing },
		append: func(b []byte, n *database) []byte { return sim.AppendJSON(b, n.wire()) },
		params: []string{
			"autonomousContainerDatabaseId", "infrastructureType", "lifecycleStateNotEqualTo", "dbWorkload", "dbVersion",
			"isFreeTier", "isRefreshableClone", "isDataGuardEnabled", "isResourcePoolLeader", "resourcePoolLeaderId",
		},
		keep: func(d *database, r *http.Request) bool {
			return r.URL.Query().Get("lifecycleStateNotEqualTo") != d.state && asked(r, "dbWorkload", d.workload) &&
				asked(r, "dbVersion", d.version) && asked(r, "isFreeTier", strconv.FormatBool(d.free)) &&
				asked(r, "infrastructureType", "CLOUD") && asked(r, "isDataGuardEnabled", "false")
		},
	}
}
