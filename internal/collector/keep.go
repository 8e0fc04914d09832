package collector

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"slices"
	"time"

	"github.com/adsops/cloudtop/internal/cache"
	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/hub"
	"github.com/adsops/cloudtop/internal/provider"
)

// Keeping says what is kept of answers, and for how long. The zero Keeping keeps nothing.
type Keeping struct {
	Store cache.Store   // nil = none
	TTL   time.Duration // how long a listing is good
	// Interval is the time between rounds, 0 where there is one. What a round shall see anew is not kept for the next.
	Interval time.Duration
	// Anew says that answers from before this run do not count; what is read is kept all the same.
	Anew bool
}

// How long answers are good that change at their own pace.
const (
	liveFor   = time.Minute   // metrics and markets
	pricesFor = 6 * time.Hour // price lists
)

// lifetime returns how long what a unit reads is good: the configured time for what exists and what it cost, hours for
// prices, a minute for markets and metrics, and for metrics never less than the provider's own step, before which
// there is nothing new.
func (k *Keeping) lifetime(of hub.Capability, step time.Duration) time.Duration {
	seen := k.TTL
	if k.Interval > 0 {
		seen = min(seen, k.Interval*8/10) // rounds begin a tenth early or late
	}
	switch of {
	case hub.Prices:
		return max(k.TTL, pricesFor)
	case hub.Metrics:
		return max(min(seen, liveFor), step)
	case hub.Offers, hub.Markets:
		return min(seen, liveFor)
	case hub.Resources:
		return seen
	default: // accounts, money
		return k.TTL
	}
}

// identity names whose answers they are: the credential, and the options and regions that change what it sees.
func identity(c *provider.ProviderConfig) string {
	if len(c.Options) == 0 && len(c.Regions) == 0 {
		return c.Credential.Fingerprint()
	}
	regions := slices.Clone(c.Regions)
	slices.Sort(regions)
	narrowed, err := json.Marshal([]any{c.Options, slices.Compact(regions)})
	if err != nil {
		panic("collector: " + err.Error()) // an Option.Type that is no JSON
	}
	sum := sha256.Sum256(narrowed)
	return c.Credential.Fingerprint() + "." + hex.EncodeToString(sum[:4])
}

// cacheKey returns the key of what a task reads.
func (r *round) cacheKey(t *task) cache.Key {
	return cache.Key{
		Provider: t.key.Provider, Credential: r.identity, Account: t.key.Account, Region: t.key.Region,
		Compartment: t.key.Compartment, Service: t.key.Service, Capability: string(t.key.Capability), Detail: t.detail,
	}
}

// fresh returns what the cache has of a task, if it is still good: for who wrote it, and for this run.
func (r *round) fresh(ctx context.Context, t *task) (hub.Finished, bool) {
	e, ok := r.keeping.Store.Get(ctx, r.cacheKey(t))
	if !ok || !e.Fresh(r.now()) || r.now().Sub(e.At) >= t.ttl || r.keeping.Anew && e.At.Before(r.since) {
		return hub.Finished{}, false
	}
	return finished(t.key, e), true
}

// last returns what the cache has of a task, however old.
func (r *round) last(ctx context.Context, t *task) (hub.Finished, bool) {
	e, ok := r.keeping.Store.Get(context.WithoutCancel(ctx), r.cacheKey(t))
	if !ok {
		return hub.Finished{}, false
	}
	return finished(t.key, e), true
}

// stale returns what the cache has of a task, however old, with the line of the attempt that failed.
func (r *round) stale(ctx context.Context, t *task, attempt *hub.Unit) (hub.Finished, bool) {
	f, ok := r.last(ctx, t)
	if !ok {
		return f, false
	}
	at, rows := f.Unit.At, f.Unit.Rows
	f.Unit = *attempt
	f.Unit.State, f.Unit.At, f.Unit.Rows, f.Unit.Cached = hub.Stale, at, rows, true
	return f, true
}

// keep puts what a unit read into the cache. What has gaps is kept as the last picture only: the next run asks again.
func (r *round) keep(ctx context.Context, t *task, f *hub.Finished) {
	ttl := t.ttl
	switch {
	case f.Unit.State == hub.OK:
	case f.Unit.State == hub.Partial && f.Unit.Kind == cloud.KindPartial:
		ttl = 0
	default:
		return
	}
	r.keeping.Store.Put(ctx, r.cacheKey(t), &cache.Entry{
		At: f.Unit.At, TTL: ttl, Calls: f.Unit.Calls, Took: f.Unit.Took, Gaps: f.Unit.Reason, Scopes: f.Scopes,
		Resources: f.Resources, Samples: f.Samples, Quotes: f.Quotes, Offers: f.Offers, Markets: f.Markets, Costs: f.Costs,
	})
}

// finished returns a cached entry as the end of a unit.
func finished(k hub.Key, e *cache.Entry) hub.Finished {
	f := hub.Finished{
		Unit: hub.Unit{Key: k, State: hub.OK, At: e.At, Cached: true}, Scopes: e.Scopes, Resources: e.Resources,
		Samples: e.Samples, Quotes: e.Quotes, Offers: e.Offers, Markets: e.Markets, Costs: e.Costs,
	}
	f.Unit.Rows = rows(&f)
	if e.Gaps != "" {
		f.Unit.State, f.Unit.Kind, f.Unit.Reason = hub.Partial, cloud.KindPartial, e.Gaps
	}
	return f
}

// rows counts what a unit read, whatever it asked for.
func rows(f *hub.Finished) int {
	n := len(f.Scopes) + len(f.Resources) + len(f.Quotes) + len(f.Offers) + len(f.Markets) + len(f.Costs)
	for _, s := range f.Samples {
		n += len(s)
	}
	return n
}

// detailOf names resources, so that details of others are not taken for theirs: by identifier and, where all decides,
// with everything that a price may depend on. Their order does not matter.
func detailOf(found []*cloud.Resource, all bool) string {
	var sum uint64
	var text []byte
	for _, r := range found {
		text = append(append(text[:0], r.ID...), 0)
		if all {
			text = fmt.Append(text, r.Type, r.Status, r.NativeStatus)
			if r.GPU != nil {
				text = fmt.Append(text, *r.GPU)
			}
			for i := range r.Attrs {
				text = fmt.Append(text, "\x00", r.Attrs[i].Name, "=", r.Attrs[i].Value)
			}
		}
		h := fnv.New64a()
		_, _ = h.Write(text)
		sum += h.Sum64()
	}
	return fmt.Sprintf("%d.%x", len(found), sum)
}

// queryOf names an offer query.
func queryOf(q *cloud.OfferQuery) string {
	spot := "any"
	if q.Interruptible != nil {
		spot = fmt.Sprint(*q.Interruptible)
	}
	flat := *q
	flat.Interruptible = nil
	return fmt.Sprintf("%q %s", fmt.Sprintf("%+v", flat), spot)
}
