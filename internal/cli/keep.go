package cli

import (
	"fmt"
	"time"

	"github.com/adsops/cloudtop/internal/cache"
	"github.com/adsops/cloudtop/internal/collector"
	"github.com/adsops/cloudtop/internal/config"
	"github.com/adsops/cloudtop/internal/hub"
)

// leastKept is how long an answer stays for the last picture, and for when a provider cannot be read.
const leastKept = 24 * time.Hour

// keeping opens the cache that the configuration asks for. What is simulated stays in memory; and a cache in memory is
// of no use to a single round.
func (a *app) keeping(o *listOptions) (collector.Keeping, error) {
	c := o.configFile.Cache
	k := collector.Keeping{TTL: time.Duration(c.TTL), Interval: o.refresh, Anew: o.refreshCache}
	if o.demo {
		c.Backend = cache.Memory
	}
	if !c.Enabled || o.noCache || c.Backend == cache.Memory && o.refresh == 0 {
		return k, nil
	}
	store, err := a.openCache(&c)
	k.Store = store
	return k, err
}

// openCache opens the backend that c names.
func (a *app) openCache(c *config.Cache) (cache.Store, error) {
	dir, ok := a.source.CacheDir()
	if c.Backend == cache.File && !ok {
		return nil, usagef("cache.backend is \"file\", but there is no folder for it: set XDG_CACHE_HOME")
	}
	store, err := cache.Open(cache.Options{
		Backend: c.Backend, MaxSize: c.MaxSize, Dir: dir, RedisURL: string(c.Redis.URL), Now: a.now,
		Keep: max(leastKept, time.Duration(c.TTL)),
		Warn: func(text string) { fmt.Fprintln(a.err, "cloudtop: warning: "+text) },
	})
	if err != nil {
		return nil, usagef("cache: %v", err)
	}
	return store, nil
}

// warnCramped says once that a run has more answers than the cache may keep, so that they push each other out.
func (s *session) warnCramped(snap *hub.Snapshot) {
	most := s.options.configFile.Cache.MaxSize
	if s.keep.Store == nil || most == 0 || s.cramped {
		return
	}
	answers := 0
	for i := range snap.Units {
		u := &snap.Units[i]
		counted := u.Capability != hub.Connect || s.request.Resources || s.request.Costs
		if counted && (u.State == hub.OK || u.State == hub.Partial) {
			answers++
		}
	}
	if answers > most {
		s.cramped = true
		s.warn([]string{fmt.Sprintf("this took %d answers and the cache keeps %d: what made room is asked for again each time; "+
			"set cache.max_size to %d or more, or to 0 for no bound", answers, most, answers)})
	}
}
