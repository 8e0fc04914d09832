package httpx

import (
	"net/http"

	"github.com/adsops/cloudtop/pkg/ratelimit"
)

// A Bucket counts calls: those that a published limit is for, or all, where the user has set a limit.
type Bucket struct {
	Key     string // of its account; where a limit counts by host, what the keys of its accounts begin with
	Limit   *Limit // the published one; nil for the user's own
	Free    bool   // it counts what nothing limits, host by host, for the pauses that the provider asks for
	InForce bool   // false: the user's own limit holds instead
}

// BucketList returns the buckets of a policy, for people: the user's own first.
func (p *Policy) BucketList() []Bucket {
	var all []Bucket
	if p.Override != nil {
		all = append(all, Bucket{Key: p.key(), InForce: true})
	}
	for i := range p.Limits {
		l := &p.Limits[i]
		b := Bucket{Key: p.limitKey(l, ""), Limit: l, InForce: p.Override == nil}
		all = append(all, b)
	}
	return append(all, Bucket{Key: p.freeKey(""), Free: true, InForce: p.Override == nil})
}

func (p *Policy) key() string { return p.Provider + "/" + p.Account }

// limitKey is the key of the bucket of a published limit. Where that counts by host, the key ends with the host.
func (p *Policy) limitKey(l *Limit, host string) string {
	key := p.key() + "/" + l.Name
	if l.PerHost {
		key += "/" + host
	}
	return key
}

func (p *Policy) freeKey(host string) string { return p.key() + "//" + host }

// buckets returns the buckets that count req: one for the user's own limit, or one for each published limit. What no
// published limit counts shares an open bucket per host, for the pauses that the provider asks for.
func (c *chain) buckets(req *http.Request) []counted {
	open := func(key string, limit *Limit, make func() *ratelimit.Bucket) counted {
		return counted{c.Buckets.Get(key, func() *ratelimit.Bucket { return c.patient(make()) }), limit}
	}
	if c.Override != nil {
		return []counted{open(c.key(), nil, func() *ratelimit.Bucket { return ratelimit.New(c.Override.PerSecond, c.Override.Burst) })}
	}
	var all []counted
	for i := range c.Limits {
		if l := &c.Limits[i]; l.Match.Matches(req) {
			all = append(all, open(c.limitKey(l, req.URL.Hostname()), l, func() *ratelimit.Bucket {
				return ratelimit.New(0, 0, ratelimit.Limit{Events: l.Events, Per: l.Per, Burst: l.Burst})
			}))
		}
	}
	if len(all) == 0 {
		all = append(all, open(c.freeKey(req.URL.Hostname()), nil, func() *ratelimit.Bucket { return ratelimit.New(0, 0) }))
	}
	return all
}

func (c *chain) patient(b *ratelimit.Bucket) *ratelimit.Bucket {
	b.MaxWait = c.MaxWait
	return b
}
