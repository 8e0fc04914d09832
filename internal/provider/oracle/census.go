package oracle

import (
	"context"
	"errors"
	"iter"
	"maps"
	"slices"
	"sync"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/httpx"
	"github.com/adsops/cloudtop/internal/provider"
)

// census is what the cluster lists of a region say about its node pools: whether there can be any. A pool lies in the
// region of its cluster, in whatever compartment, and virtual nodes are for enhanced clusters only
// (docs.oracle.com/en-us/iaas/Content/ContEng/Tasks/contengcomparingvirtualwithmanagednodes_topic.htm: "You can only create
// virtual nodes in enhanced clusters. You can create managed nodes in both basic clusters and enhanced clusters."). What is
// DELETED is left out of the lists and has no pools; all else may have some, also what is DELETING.
//
// It can tell only where every compartment is listed in this round: where some are not (a narrowed tree, others served
// from a cache, a list that failed) there may be pools, and each list asks for its own at once. It lives in the round's
// batch and ends with it: the next round asks anew.
type census struct {
	lists provider.Shared[string, gathered] // of clusters, by compartment

	mu     sync.Mutex
	left   map[string]place        // whose clusters nobody has asked for, by compartment
	unread map[string]bool         // whose clusters are not known, by compartment
	cost   map[string]*httpx.Stats // of the lists, by compartment

	pools, virtual question // may there be any?
}

// newCensus counts in the places of a region. None = it cannot be told what is there.
func newCensus(all map[string]place) *census {
	c := &census{
		left: all, unread: map[string]bool{}, cost: map[string]*httpx.Stats{}, pools: newQuestion(), virtual: newQuestion(),
	}
	for path := range all {
		c.unread[path] = true
	}
	if len(all) == 0 {
		c.pools.settle(true)
		c.virtual.settle(true)
	}
	return c
}

// census returns the one that the lists of a batch share, which are of one region.
func (d *driver) census(ctx context.Context) (*census, error) {
	b := provider.BatchFrom(ctx)
	if b == nil {
		return newCensus(nil), nil
	}
	t, err := d.currentTree(ctx, false)
	if err != nil {
		return nil, err
	}
	c, _ := b.Shared(func() any { return newCensus(t.places(b.Queries())) }).(*census)
	return c, nil
}

// places returns all compartments by path, with the queries that list them; nil where there may be one that none lists.
// A root whose clusters may be read proves that none is hidden: who may read them there may do so in every compartment.
func (t *tree) places(queries []cloud.Query) map[string]place {
	if !t.whole {
		return nil
	}
	asked := map[string]cloud.Query{}
	for _, q := range queries {
		asked[q.Scope.Compartment] = q
	}
	out := map[string]place{}
	for _, c := range t.compartments {
		q, ok := asked[c.path]
		if !ok {
			return nil
		}
		out[c.path] = place{q, c.ID}
	}
	return out
}

// clusters returns the clusters of a compartment, listed once in a round for all who ask. Whoever makes the call, it is
// counted for the compartment's own unit.
func (c *census) clusters(ctx context.Context, d *driver, asker, of place) gathered {
	path := of.Scope.Compartment
	cost := c.begin(path)
	g, err := c.lists.Do(ctx, path, asker.Scope.Compartment, func(context.Context) (gathered, error) {
		g := gathered{errs: []error{errUnread}}
		defer func() { c.learn(path, g) }()
		g = gather(d.clusters(httpx.WithStats(ctx, cost), of))
		return g, ctx.Err()
	})
	if asker.Scope.Compartment == path {
		httpx.StatsFrom(ctx).Add(cost)
	}
	if err != nil && len(g.errs) == 0 {
		g.errs = []error{cloud.Ended(ctx, name, "a list that another reader asks for")}
	}
	return g
}

// errUnread stands for the error of a list that never returned.
var errUnread = errors.New("the clusters could not be listed")

// begin notes that somebody asks for the clusters of a compartment, and returns what their list is counted in.
func (c *census) begin(path string) *httpx.Stats {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.left, path)
	if c.cost[path] == nil {
		c.cost[path] = new(httpx.Stats)
	}
	return c.cost[path]
}

// begun reports whether somebody asks for the clusters of a compartment.
func (c *census) begun(path string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, left := c.left[path]
	return !left
}

// learn draws the conclusions from the clusters of a compartment.
func (c *census) learn(path string, g gathered) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.unread, path)
	hidden := len(g.errs) > 0
	if hidden || len(g.found) > 0 {
		c.pools.settle(true)
	}
	if hidden || slices.ContainsFunc(g.found, func(r cloud.Resource) bool { return text(&r, "cluster_type") != basicCluster }) {
		c.virtual.settle(true)
	}
	if len(c.unread) == 0 {
		c.pools.settle(false)
		c.virtual.settle(false)
	}
}

// finish lists the clusters of the compartments whose own units have not come to it, as long as they matter: nobody waits
// for what has not begun. The question of virtual nodes is never settled before that of pools.
func (c *census) finish(ctx context.Context, d *driver, asker place) {
	c.mu.Lock()
	left := slices.Collect(maps.Values(c.left))
	c.mu.Unlock()
	const atOnce = 8
	for range provider.Fan(ctx, atOnce, left, func(ctx context.Context, of place) struct{} {
		if c.virtual.open() && !c.begun(of.Scope.Compartment) {
			c.clusters(ctx, d, asker, of)
		}
		return struct{}{}
	}) {
	}
}

// question is one that several wait to see settled.
type question struct {
	settled chan struct{} // closed when yes says the answer
	yes     bool
}

func newQuestion() question { return question{settled: make(chan struct{})} }

func (q *question) open() bool {
	select {
	case <-q.settled:
		return false
	default:
		return true
	}
}

// settle answers what has no answer yet. One goroutine at a time may call it.
func (q *question) settle(yes bool) {
	if q.open() {
		q.yes = yes
		close(q.settled)
	}
}

// gather returns what is in the list, once it is known that there may be something; nothing where there cannot be.
func (q *question) gather(ctx context.Context, list iter.Seq2[cloud.Resource, error]) gathered {
	select {
	case <-q.settled:
	case <-ctx.Done():
		return gathered{errs: []error{cloud.Ended(ctx, name, "the clusters of the region")}}
	}
	if !q.yes {
		return gathered{}
	}
	return gather(list)
}
