// Package collector asks every provider for what a request wants, in parallel, and tells the hub what it learned. It
// turns errors into ledger lines: whatever was planned is in the ledger, however it ended.
package collector

import (
	"context"
	"sync"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/httpx"
	"github.com/adsops/cloudtop/internal/hub"
	"github.com/adsops/cloudtop/internal/provider"
)

// Target is one provider to ask.
type Target struct {
	Spec   *provider.Spec
	Config provider.ProviderConfig
	Err    error  // why it cannot be asked: no credential, a bad file ...; nil = it can
	Skip   string // why it shall not be asked; empty = it shall
}

// Request says what to collect.
type Request struct {
	Targets   []Target
	Services  []string // names, aliases or classes; empty = all that are configured
	Accounts  []string // identifiers or names, with '*' for any characters; empty = all
	Resources bool
	Details   bool // metrics and prices of the resources
	Costs     bool
	Period    cloud.Period // of the costs
	Offers    *cloud.OfferQuery
	Markets   bool
}

// Options are the collector's surroundings.
type Options struct {
	Now       func() time.Time // nil = time.Now
	Simulated bool
	// Once says that one round is all: its snapshot takes what was read over, without a copy for later rounds.
	Once bool
	// Publish is how often unfinished snapshots are published; 0 = only the finished one.
	Publish time.Duration
	// Progress is told, from one goroutine, each time a unit ends and now and then; nil = nobody.
	Progress func(Progress)
	Keep     Keeping
}

// Progress counts the units of a round.
type Progress struct {
	Planned, Done, Failed, Calls, Rows int
	Last                               hub.Key
	Waiting                            *httpx.Wait // the call that has waited longest for a limit; nil = none waits
}

// lookEvery is how often the progress of a round is told in which nothing ends.
const lookEvery = 250 * time.Millisecond

// Collector collects round after round into a hub. One round runs at a time.
type Collector struct {
	hub   *hub.Hub
	opts  Options
	fold  *hub.Fold
	conns map[string]*provider.Conn // open ones, by provider
	since time.Time
}

// New returns a collector that publishes to h.
func New(h *hub.Hub, opts Options) *Collector {
	if opts.Now == nil {
		opts.Now = time.Now
	}
	return &Collector{
		hub: h, opts: opts, fold: hub.NewFold(opts.Simulated), conns: map[string]*provider.Conn{}, since: opts.Now(),
	}
}

// Round asks all targets once and returns the snapshot that it published at the end. When ctx ends, what was not
// finished is in the ledger with the reason, and Round returns at once.
func (c *Collector) Round(ctx context.Context, req Request) *hub.Snapshot {
	started := time.Now()
	c.pass(ctx, &req, false)
	now := c.opts.Now()
	c.fold.Apply(hub.RoundOver{At: now, Took: time.Since(started)})
	s := c.snapshot(now)
	c.hub.Publish(s)
	return s
}

// Preview returns, and publishes, what the cache has of a request, however old: the last picture, while the first round
// is under way. It asks nobody. What the cache does not have is pending.
func (c *Collector) Preview(ctx context.Context, req Request) *hub.Snapshot {
	if c.opts.Keep.Store != nil {
		c.pass(ctx, &req, true)
	}
	c.fold.Apply(hub.PreviewOver{})
	s := c.fold.Snapshot(c.opts.Now())
	c.hub.Publish(s)
	return s
}

// pass lets every target be read once, all at the same time, and folds what comes.
func (c *Collector) pass(ctx context.Context, req *Request, preview bool) {
	conns := c.open(ctx, req.Targets)
	events := make(chan hub.Event, 64)
	waits := new(httpx.Waits)
	ctx = httpx.WithWaits(ctx, waits)
	var running sync.WaitGroup
	for i := range req.Targets {
		r := &round{
			request: *req, keeping: c.opts.Keep, since: c.since, preview: preview, now: c.opts.Now, shelf: newShelf(), events: events,
		}
		running.Go(func() { r.target(ctx, &req.Targets[i], conns[i]) })
	}
	go func() {
		running.Wait()
		close(events)
	}()
	c.drain(events, waits)
}

func (c *Collector) snapshot(now time.Time) *hub.Snapshot {
	if c.opts.Once {
		return c.fold.Final(now)
	}
	return c.fold.Snapshot(now)
}

// opened is a connection, or why there is none.
type opened struct {
	conn *provider.Conn
	err  error
}

// open returns a connection for each target, the one of the last round where there is one.
func (c *Collector) open(ctx context.Context, targets []Target) []opened {
	out := make([]opened, len(targets))
	for i := range targets {
		t := &targets[i]
		if t.Err != nil || t.Skip != "" {
			out[i].err = t.Err
			continue
		}
		if conn := c.conns[t.Spec.Name]; conn != nil {
			out[i].conn = conn
			continue
		}
		conn := provider.NewConn(t.Spec)
		if err := conn.Initialize(ctx, &t.Config); err != nil {
			out[i].err = err
			continue
		}
		c.conns[t.Spec.Name], out[i].conn = conn, conn
	}
	return out
}

// Close closes the connections.
func (c *Collector) Close() {
	for _, conn := range c.conns {
		_ = conn.Close()
	}
	clear(c.conns)
}

// drain folds events until there are no more, publishing and telling the progress as asked.
func (c *Collector) drain(events <-chan hub.Event, waits *httpx.Waits) {
	var tick <-chan time.Time
	var timer *time.Timer
	if c.opts.Publish > 0 {
		timer = time.NewTimer(c.opts.Publish)
		defer timer.Stop()
		tick = timer.C
	}
	var p Progress
	told := func() {
		p.Waiting = nil
		if w, waiting := waits.Longest(); waiting {
			p.Waiting = &w
		}
		c.opts.Progress(p)
	}
	var look <-chan time.Time
	if c.opts.Progress != nil {
		looks := time.NewTicker(lookEvery)
		defer looks.Stop()
		look = looks.C
	}
	fresh := false
	for {
		select {
		case e, ok := <-events:
			if !ok {
				return
			}
			c.fold.Apply(e)
			fresh = true
			p.count(e)
			if c.opts.Progress != nil {
				told()
			}
		case <-look:
			told()
		case <-tick:
			began := time.Now()
			if fresh {
				c.hub.Publish(c.fold.Snapshot(c.opts.Now()))
			}
			timer.Reset(max(c.opts.Publish, 10*time.Since(began))) // a large picture takes no more than a tenth of the time
			fresh = false
		}
	}
}

func (p *Progress) count(e hub.Event) {
	switch e := e.(type) {
	case hub.Planned:
		p.Planned += len(e.Keys)
	case hub.Finished:
		p.Done++
		p.Calls += e.Unit.Calls
		if e.Unit.Capability == hub.Resources || e.Unit.Capability == hub.Offers {
			p.Rows += e.Unit.Rows
		}
		p.Last = e.Unit.Key
		if !e.Unit.OKish() {
			p.Failed++
		}
	}
}
