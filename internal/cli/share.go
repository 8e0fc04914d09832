package cli

import (
	"context"
	"path/filepath"
	"slices"

	"github.com/adsops/cloudtop/internal/cache"
	"github.com/adsops/cloudtop/pkg/ratelimit"
	"github.com/adsops/cloudtop/pkg/ratelimit/filestore"
	"github.com/adsops/cloudtop/pkg/ratelimit/redisstore"
)

// limitPrefix begins the keys of shared limits in Redis. The number is the layout's version.
const limitPrefix = "cloudtop:1:limit:"

// The ways in which processes share their limits.
const (
	sharedNot   = "none"
	sharedFile  = "file"
	sharedRedis = "redis"
)

// limitStore opens the accounts that processes share: in Redis where the cache is there, else in a folder beside the
// cache. It also says which. What is simulated in this process is nobody else's: there is no store, and where there is
// no folder for one either.
func (a *app) limitStore(o *listOptions) (store ratelimit.Store, with string, err error) {
	if o.demo {
		return nil, sharedNot, nil
	}
	if c := &o.configFile.Cache; c.Backend == cache.Redis {
		s, err := redisstore.Open(string(c.Redis.URL), limitPrefix)
		if err != nil {
			return nil, sharedNot, err
		}
		a.atEnd = append(a.atEnd, func(context.Context) { _ = s.Close() })
		return s, sharedRedis, nil
	}
	dir, ok := a.source.CacheDir()
	if !ok {
		return nil, sharedNot, nil
	}
	s, err := filestore.Open(filepath.Join(dir, "limits"))
	if err != nil {
		return nil, sharedNot, err
	}
	return s, sharedFile, nil
}

// buckets returns the buckets of this run, shared with other processes where that can be.
func (a *app) buckets(o *listOptions) *ratelimit.Set {
	set := new(ratelimit.Set)
	alone := func(err error) {
		a.warn([]string{err.Error() + "; this run keeps to the limits by itself"})
	}
	store, _, err := a.limitStore(o)
	switch {
	case err != nil:
		alone(err)
	case store != nil:
		set.Share(store, alone)
		a.atEnd = append(a.atEnd, set.GiveBack)
	}
	return set
}

// end does what a command left to be done at its end.
func (a *app) end(ctx context.Context) {
	for _, do := range slices.Backward(a.atEnd) {
		do(ctx)
	}
	a.atEnd = nil
}
