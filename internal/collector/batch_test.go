package collector_test

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/cache"
	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/collector"
	"github.com/adsops/cloudtop/internal/hub"
	"github.com/adsops/cloudtop/internal/provider"
)

// observer is a driver that notes with whom each of its lists is asked for.
type observer struct {
	mu   sync.Mutex
	seen []string                 // "service region/compartment: region/compartments of its batch"
	last map[*provider.Batch]bool // all batches
}

func (d *observer) Check(context.Context) error { return nil }

func (d *observer) Scopes(context.Context) iter.Seq2[cloud.Scope, error] {
	return func(yield func(cloud.Scope, error) bool) {
		for _, at := range []string{"eu/x", "us/x", "eu/y"} {
			region, compartment, _ := strings.Cut(at, "/")
			if !yield(cloud.Scope{Account: "a", Region: region, Compartment: compartment}, nil) {
				return
			}
		}
	}
}

func (d *observer) List(ctx context.Context, q cloud.Query) iter.Seq2[cloud.Resource, error] {
	return func(yield func(cloud.Resource, error) bool) {
		b := provider.BatchFrom(ctx)
		var with []string
		for _, other := range b.Queries() {
			with = append(with, other.Service+" "+other.Scope.Region+"/"+other.Scope.Compartment)
		}
		slices.Sort(with)
		d.mu.Lock()
		defer d.mu.Unlock()
		d.last[b] = true
		d.seen = append(d.seen, q.Service+" "+q.Scope.Region+"/"+q.Scope.Compartment+": "+strings.Join(with, ", "))
	}
}

// take returns what was seen since it was last called, and in how many batches.
func (d *observer) take() ([]string, int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	seen, batches := d.seen, len(d.last)
	d.seen, d.last = nil, map[*provider.Batch]bool{}
	slices.Sort(seen)
	return seen, batches
}

func (d *observer) target() collector.Target {
	service := func(name string) provider.Service {
		return provider.Service{Name: name, Classes: []cloud.Class{cloud.Compute}, Regional: true}
	}
	return collector.Target{
		Spec: &provider.Spec{
			Name: "observed", Title: "Observed", Services: []provider.Service{service("one"), service("two")},
			Auth: []provider.AuthMethod{{Name: "api_key", Fields: []provider.AuthField{{Name: "api_key", Secret: true}}}},
			Open: func(context.Context, provider.Env) (provider.Driver, error) { return d, nil },
		},
		Config: provider.ProviderConfig{Credential: provider.Credential{Method: "api_key", Source: "test", Values: map[string]string{"api_key": "k"}}},
	}
}

// TestDriversAreToldWhatIsAskedTogether: the lists of a service in one region, but for those that the cache has; in each
// round anew.
func TestDriversAreToldWhatIsAskedTogether(t *testing.T) {
	t.Parallel()
	everything := []string{
		"one eu/x: one eu/x, one eu/y", "one eu/y: one eu/x, one eu/y", "one us/x: one us/x",
		"two eu/x: two eu/x, two eu/y", "two eu/y: two eu/x, two eu/y", "two us/x: two us/x",
	}
	kept := store(t, cache.Memory)
	without := func(lost ...string) cache.Store {
		return partial{kept, func(k cache.Key) bool { return !slices.Contains(lost, k.Service+" "+k.Region+"/"+k.Compartment) }}
	}
	d := &observer{last: map[*provider.Batch]bool{}}
	for _, tt := range []struct {
		name    string
		store   cache.Store
		want    []string
		batches int
	}{
		{"no cache", nil, everything, 4},
		{"no cache, once more", nil, everything, 4},
		{"an empty cache", kept, everything, 4},
		{"a full one", kept, nil, 0},
		{"all but one", without("one eu/y"), []string{"one eu/y: one eu/y"}, 1},
		{"all but two of a region", without("two eu/x", "two eu/y"), []string{"two eu/x: two eu/x, two eu/y", "two eu/y: two eu/x, two eu/y"}, 1},
	} {
		c := collector.New(hub.New(), collector.Options{Now: epoch, Keep: collector.Keeping{Store: tt.store, TTL: time.Hour}})
		s := c.Round(t.Context(), collector.Request{Targets: []collector.Target{d.target()}, Resources: true, Details: true})
		c.Close()
		seen, batches := d.take()
		if !slices.Equal(seen, tt.want) || batches != tt.batches {
			t.Errorf("%s: %d batches\n%s\nwant %d\n%s", tt.name, batches, strings.Join(seen, "\n"), tt.batches, strings.Join(tt.want, "\n"))
		}
		if len(s.Units) != 7 || len(s.Failures()) > 0 {
			t.Errorf("%s: %s", tt.name, fmt.Sprint(s.Units))
		}
	}
}
