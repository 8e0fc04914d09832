package ratelimit_test

import (
	"sync"
	"sync/atomic"
	"testing"

	"github.com/adsops/cloudtop/pkg/ratelimit"
)

func TestSetMakesEachBucketOnce(t *testing.T) {
	t.Parallel()
	var set ratelimit.Set
	var made atomic.Int32
	keys := []string{"a", "bb", "ccc"}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for _, key := range keys {
				create := func() *ratelimit.Bucket {
					made.Add(1)
					return ratelimit.New(float64(len(key)), 1)
				}
				if first, second := set.Get(key, create), set.Get(key, create); first != second {
					t.Errorf("Get(%q) = %p, then %p, want one bucket", key, first, second)
				}
			}
		})
	}
	wg.Wait()
	if got := made.Load(); got != int32(len(keys)) {
		t.Errorf("%d buckets were made, want %d", got, len(keys))
	}
	stats := set.Stats()
	if len(stats) != len(keys) {
		t.Errorf("Stats has %d buckets, want %d", len(stats), len(keys))
	}
	for _, key := range keys {
		if got := stats[key].Rate; got != float64(len(key)) {
			t.Errorf("the bucket of %q has rate %v, want that made for it, %d", key, got, len(key))
		}
	}
}

func BenchmarkSetGet(b *testing.B) {
	var set ratelimit.Set
	create := func() *ratelimit.Bucket { return ratelimit.New(0, 0) }
	for b.Loop() {
		set.Get("oracle/tenancy/us-ashburn-1/compute", create)
	}
}
