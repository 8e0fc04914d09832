package oracle_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/httpx"
	"github.com/adsops/cloudtop/internal/provider"
)

// estate is what OKE answers in a tenancy of four compartments, in every region: bodies by compartment and list, like
// "a/clusters". What it does not name is empty, and what it names "" may not be seen.
type estate map[string]string

const (
	enhanced   = `[{"id":"enhanced","type":"ENHANCED_CLUSTER","lifecycleState":"ACTIVE"}]`
	basic      = `[{"id":"basic","type":"BASIC_CLUSTER","lifecycleState":"ACTIVE"}]`
	pool       = `[{"id":"pool","lifecycleState":"ACTIVE"}]`
	virtual    = `[{"id":"virtual","lifecycleState":"ACTIVE"}]`
	ocidPrefix = "ocid1.compartment.oc1.."
)

func okePaths() []string { return []string{"/clusters", "/nodePools", "/virtualNodePools"} }

// answer answers for the estate, and with the compartments that are in it.
func (e estate) answer(r *http.Request) *http.Response {
	if strings.HasSuffix(r.URL.Path, "/compartments") {
		if body, ok := e["compartments"]; ok {
			return e.say(r, body)
		}
		var all []string
		for _, name := range []string{"a", "b", "c"} {
			all = append(all, fmt.Sprintf(`{"id":"%s%s","name":%q,"lifecycleState":"ACTIVE"}`, ocidPrefix, name, name))
		}
		return response(r, http.StatusOK, "["+strings.Join(all, ",")+"]")
	}
	for _, path := range okePaths() {
		if !strings.HasSuffix(r.URL.Path, path) {
			continue
		}
		if body, ok := e[compartmentOf(r)+path]; ok {
			return e.say(r, body)
		}
		return response(r, http.StatusOK, "[]")
	}
	return nil
}

func (e estate) say(r *http.Request, body string) *http.Response {
	if body == "" {
		return hidden(r)
	}
	return response(r, http.StatusOK, body)
}

// compartmentOf returns the name of the compartment that a list is asked for.
func compartmentOf(r *http.Request) string {
	if name, ok := strings.CutPrefix(r.URL.Query().Get("compartmentId"), ocidPrefix); ok {
		return name
	}
	return "root"
}

// asked counts the lists of clusters, node pools and virtual node pools.
func (s *site) asked() string {
	var n []string
	for _, path := range okePaths() {
		n = append(n, fmt.Sprint(len(s.wire.calls(path))))
	}
	return strings.Join(n, "/")
}

// listed is what units of a round said: the identifiers, and the kind of error of each compartment that had one.
type listed struct {
	mu    sync.Mutex
	ids   []string
	kinds map[string]cloud.Kind
	calls int // as the units count them
}

// unit lists one query, and counts its calls as a unit of a round does.
func (l *listed) unit(ctx context.Context, d provider.Driver, q cloud.Query) {
	stats := new(httpx.Stats)
	all, err := provider.Gather(d.List(httpx.WithStats(ctx, stats), q))
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, r := range all {
		l.ids = append(l.ids, r.Compartment+":"+r.ID)
	}
	slices.Sort(l.ids)
	if err != nil {
		l.kinds[q.Scope.Compartment] = cloud.KindOf(err)
	}
	l.calls += stats.Calls()
}

// queries returns those of OKE in a region, as a round has them.
func (s *site) queries(region string) []cloud.Query {
	s.Helper()
	scopes, _ := s.scopes()
	scopes = slices.DeleteFunc(scopes, func(scope cloud.Scope) bool { return scope.Region != region })
	return provider.Units(scopes, s.conn.Services([]string{"oke"}))
}

// round lists queries as one batch, all at once.
func (s *site) round(queries []cloud.Query) *listed {
	l := &listed{kinds: map[string]cloud.Kind{}}
	ctx := provider.NewBatch(queries).In(s.Context())
	var running sync.WaitGroup
	for _, q := range queries {
		running.Go(func() { l.unit(ctx, s.conn.Driver(), q) })
	}
	running.Wait()
	return l
}

// oneByOne lists queries as one batch, each when the one before has ended.
func (s *site) oneByOne(queries []cloud.Query) *listed {
	l := &listed{kinds: map[string]cloud.Kind{}}
	ctx := provider.NewBatch(queries).In(s.Context())
	for _, q := range queries {
		l.unit(ctx, s.conn.Driver(), q)
	}
	return l
}

func TestPoolsAreAskedForWhereTheRegionMayHaveSome(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		estate  estate
		options map[string]any
		asked   string // lists of clusters, node pools, virtual node pools
		ids     []string
		kinds   map[string]cloud.Kind
	}{
		"no cluster": {estate{}, nil, "4/0/0", nil, nil},
		"a basic cluster, its pool elsewhere": {
			estate{"b/clusters": basic, "a/nodePools": pool}, nil, "4/4/0", []string{"a:pool", "b:basic"}, nil,
		},
		"an enhanced cluster, its pools elsewhere": {
			estate{"c/clusters": enhanced, "a/nodePools": pool, "root/virtualNodePools": virtual}, nil,
			"4/4/4", []string{"a:pool", "c:enhanced", "root:virtual"}, nil,
		},
		"one of each": {
			estate{"a/clusters": basic, "c/clusters": enhanced, "b/virtualNodePools": virtual}, nil,
			"4/4/4", []string{"a:basic", "b:virtual", "c:enhanced"}, nil,
		},
		"a cluster that does not say its type": {
			estate{"a/clusters": `[{"id":"x"}]`, "b/virtualNodePools": virtual}, nil, "4/4/4", []string{"a:x", "b:virtual"}, nil,
		},
		"a cluster of a new type": {estate{"a/clusters": `[{"id":"x","type":"TINY_CLUSTER"}]`}, nil, "4/4/4", []string{"a:x"}, nil},
		"a cluster that is being deleted": {
			estate{"a/clusters": strings.Replace(basic, "ACTIVE", "DELETING", 1), "b/nodePools": pool}, nil, "4/4/0", []string{"a:basic", "b:pool"}, nil,
		},
		"a cluster that is deleted": {estate{"a/clusters": strings.Replace(enhanced, "ACTIVE", "DELETED", 1)}, nil, "4/0/0", nil, nil},
		"clusters that may not be seen": {
			estate{"b/clusters": "", "a/nodePools": pool, "c/virtualNodePools": virtual}, nil,
			"4/4/4", []string{"a:pool", "c:virtual"}, map[string]cloud.Kind{"b": cloud.KindPartial},
		},
		"a compartment that may not be seen": {
			estate{"b/clusters": "", "b/nodePools": "", "b/virtualNodePools": "", "a/nodePools": pool}, nil,
			"4/4/4", []string{"a:pool"}, map[string]cloud.Kind{"b": cloud.KindDenied},
		},
		"clusters that are not all understood": {
			estate{"b/clusters": `[{"type":"BASIC_CLUSTER"}]`, "a/virtualNodePools": virtual}, nil,
			"4/4/4", []string{"a:virtual"}, map[string]cloud.Kind{"b": cloud.KindPartial},
		},
		"a tree narrowed to a compartment": {
			estate{"a/nodePools": pool}, map[string]any{"compartment_id": "a"}, "1/1/1", []string{"a:pool"}, nil,
		},
		"a tree narrowed to the root alone": {
			estate{"root/nodePools": pool}, map[string]any{"compartment_id": "root", "compartment_subtree": false}, "1/1/1", []string{"root:pool"}, nil,
		},
		"a tree narrowed to all of it": {estate{}, map[string]any{"compartment_id": "root"}, "4/0/0", nil, nil},
		"compartments that may not be seen": {
			estate{"compartments": "", "root/nodePools": pool}, nil, "1/1/1", []string{"root:pool"}, nil,
		},
		"a compartment that is not in the tree": {
			estate{"compartments": "", "x/virtualNodePools": virtual}, map[string]any{"compartment_id": ocidPrefix + "x"},
			"1/1/1", []string{ocidPrefix + "x:virtual"}, nil,
		},
		"a compartment that is not understood": {
			estate{"compartments": `[{"id":"` + ocidPrefix + `a","name":"a"},{"name":"?"}]`, "a/nodePools": pool}, nil, "2/2/2", []string{"a:pool"}, nil,
		},
	} {
		for way, list := range map[string]func(*site, []cloud.Query) *listed{"at once": (*site).round, "one by one": (*site).oneByOne} {
			for _, atOnce := range []int{0, 1} {
				t.Run(fmt.Sprintf("%s, %s, %d calls", name, way, atOnce), func(t *testing.T) {
					t.Parallel()
					s := open(t, setup{answer: tt.estate.answer, options: tt.options, atOnce: atOnce})
					l := list(s, s.queries("us-phoenix-1"))
					if got := s.asked(); got != tt.asked || !slices.Equal(l.ids, tt.ids) || !maps.Equal(l.kinds, tt.kinds) {
						t.Errorf("asked %s, found %v, said %v, want %s, %v and %v", got, l.ids, l.kinds, tt.asked, tt.ids, tt.kinds)
					}
					if n := len(s.wire.calls("s")) - len(s.wire.calls("/compartments")) - len(s.wire.calls("/regionSubscriptions")); l.calls != n {
						t.Errorf("the units count %d calls of %d", l.calls, n)
					}
				})
			}
		}
	}
}

// TestAListAmongCachedOnesAsksForNoMoreThanItself: what is not listed in this round may have clusters.
func TestAListAmongCachedOnesAsksForNoMoreThanItself(t *testing.T) {
	t.Parallel()
	s := open(t, setup{answer: estate{"a/nodePools": pool}.answer})
	all := s.queries("us-phoenix-1")
	for _, tt := range []struct {
		n    int
		want string
	}{{0, "0/0/0"}, {1, "1/1/1"}, {3, "3/3/3"}, {4, "4/0/0"}} {
		s.wire.forget()
		s.round(all[:tt.n])
		if got := s.asked(); got != tt.want {
			t.Errorf("%d of 4 compartments are listed: asked %s, want %s", tt.n, got, tt.want)
		}
	}
	s.wire.forget()
	if _, err := provider.Gather(s.conn.Driver().List(t.Context(), all[1])); err != nil || s.asked() != "1/1/1" {
		t.Errorf("a list that is in no batch: asked %s, %v", s.asked(), err)
	}
}

// TestEveryRoundAsksAnew: a cluster that is new, and one that is gone, are seen in the next.
func TestEveryRoundAsksAnew(t *testing.T) {
	t.Parallel()
	now := estate{}
	s := open(t, setup{answer: func(r *http.Request) *http.Response { return now.answer(r) }})
	for i, tt := range []struct {
		estate estate
		asked  string
		ids    []string
	}{
		{estate{}, "4/0/0", nil},
		{estate{"c/clusters": enhanced, "a/virtualNodePools": virtual}, "4/4/4", []string{"a:virtual", "c:enhanced"}},
		{estate{"c/clusters": basic, "b/nodePools": pool}, "4/4/0", []string{"b:pool", "c:basic"}},
		{estate{}, "4/0/0", nil},
	} {
		now = tt.estate
		s.wire.forget()
		if l := s.round(s.queries("us-phoenix-1")); s.asked() != tt.asked || !slices.Equal(l.ids, tt.ids) || len(l.kinds) > 0 {
			t.Errorf("round %d: asked %s, found %v, said %v, want %s and %v", i, s.asked(), l.ids, l.kinds, tt.asked, tt.ids)
		}
	}
}

// TestNoListWaitsForOneThatNobodyBegan: it makes the calls itself, and whose they are takes them over and counts them.
func TestNoListWaitsForOneThatNobodyBegan(t *testing.T) {
	t.Parallel()
	s := open(t, setup{answer: estate{"b/clusters": basic, "a/nodePools": pool}.answer, atOnce: 1})
	all := s.queries("us-phoenix-1")
	l := &listed{kinds: map[string]cloud.Kind{}}
	ctx := provider.NewBatch(all).In(t.Context())
	l.unit(ctx, s.conn.Driver(), all[1])
	if got := s.asked(); got != "4/1/0" || !slices.Equal(l.ids, []string{"a:pool"}) || l.calls != 2 {
		t.Errorf("the first asked %s and found %v in %d calls, want all clusters and its own pool, and two calls of its own", got, l.ids, l.calls)
	}
	l.unit(ctx, s.conn.Driver(), all[2])
	if got := s.asked(); got != "4/2/0" || !slices.Equal(l.ids, []string{"a:pool", "b:basic"}) || l.calls != 4 {
		t.Errorf("the second made it %s and %v in %d calls, want no cluster asked for again, and two more calls", got, l.ids, l.calls)
	}
}

// held lets the cluster lists of some compartments wait for release, or for their own context.
func held(e estate, release <-chan struct{}, compartments ...string) func(*http.Request) *http.Response {
	return func(r *http.Request) *http.Response {
		if strings.HasSuffix(r.URL.Path, "/clusters") && slices.Contains(compartments, compartmentOf(r)) {
			select {
			case <-release:
			case <-r.Context().Done():
			}
		}
		return e.answer(r)
	}
}

// TestListsGoOnAsSoonAsTheyKnowEnough, while the clusters of c are still being listed.
func TestListsGoOnAsSoonAsTheyKnowEnough(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		estate estate
		early  []string // whose lists need not wait for c
		asked  string
	}{
		"an enhanced cluster is enough for everything": {estate{"b/clusters": enhanced}, []string{"root", "a", "b"}, "4/4/4"},
		"a basic one for pools, not for virtual ones":  {estate{"b/clusters": basic}, nil, "4/4/0"},
		"a list that fails, for everything":            {estate{"b/clusters": ""}, []string{"root", "a", "b"}, "4/4/4"},
		"nothing is not enough":                        {estate{}, nil, "4/0/0"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				release := make(chan struct{})
				s := open(t, setup{answer: held(tt.estate, release, "c")})
				all := s.queries("us-phoenix-1")
				ctx := provider.NewBatch(all).In(t.Context())
				ended := make([]bool, len(all))
				var running sync.WaitGroup
				for i, q := range all {
					running.Go(func() {
						_, _ = provider.Gather(s.conn.Driver().List(ctx, q))
						ended[i] = true
					})
				}
				synctest.Wait()
				var early []string
				for i, q := range all {
					if ended[i] {
						early = append(early, q.Scope.Compartment)
					}
				}
				if got := s.asked(); !slices.Equal(early, tt.early) || got != tt.asked {
					t.Errorf("%v have ended and %s was asked, want %v and %s", early, got, tt.early, tt.asked)
				}
				close(release)
				running.Wait()
				if got := s.asked(); got != tt.asked || slices.Contains(ended, false) {
					t.Errorf("asked %s in all, want %s; ended: %v", got, tt.asked, ended)
				}
			})
		})
	}
}

// TestAListThatWaitsForOthersEndsWithItsContext and spoils nothing for them.
func TestAListThatWaitsForOthersEndsWithItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		s := open(t, setup{answer: held(estate{"c/clusters": basic, "b/nodePools": pool}, release, "c")})
		all := s.queries("us-phoenix-1")
		batch := provider.NewBatch(all)
		waits, cancel := context.WithCancel(t.Context())
		ends, l := &listed{kinds: map[string]cloud.Kind{}}, &listed{kinds: map[string]cloud.Kind{}}
		var running sync.WaitGroup
		running.Go(func() { ends.unit(batch.In(waits), s.conn.Driver(), all[1]) })
		for _, i := range []int{0, 2, 3} {
			running.Go(func() { l.unit(batch.In(t.Context()), s.conn.Driver(), all[i]) })
		}
		synctest.Wait()
		cancel()
		synctest.Wait()
		if ends.kinds["a"] != cloud.KindCancelled || len(l.ids) > 0 {
			t.Errorf("said %v and found %v, want the one cancelled and the others waiting", ends.kinds, l.ids)
		}
		close(release)
		running.Wait()
		if !slices.Equal(l.ids, []string{"b:pool", "c:basic"}) || len(l.kinds) > 0 || s.asked() != "4/3/0" {
			t.Errorf("the others found %v, said %v and asked %s", l.ids, l.kinds, s.asked())
		}
	})
}

// TestAListWhoseCallEndsIsMadeByWhoNeedsIt: somebody else had begun it, and ends.
func TestAListWhoseCallEndsIsMadeByWhoNeedsIt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		s := open(t, setup{answer: held(estate{"c/clusters": enhanced, "a/nodePools": pool}, release, "c")})
		all := s.queries("us-phoenix-1")
		batch := provider.NewBatch(all)
		first, cancel := context.WithCancel(t.Context())
		l := &listed{kinds: map[string]cloud.Kind{}}
		var running sync.WaitGroup
		running.Go(func() { l.unit(batch.In(first), s.conn.Driver(), all[0]) }) // it begins the lists of all
		synctest.Wait()
		for _, i := range []int{1, 3} {
			running.Go(func() { l.unit(batch.In(t.Context()), s.conn.Driver(), all[i]) })
		}
		synctest.Wait()
		cancel()
		synctest.Wait()
		close(release)
		running.Wait()
		want := map[string]cloud.Kind{"root": cloud.KindCancelled}
		if !slices.Equal(l.ids, []string{"a:pool", "c:enhanced"}) || !maps.Equal(l.kinds, want) {
			t.Errorf("found %v and said %v, want all of a and c, and root cancelled", l.ids, l.kinds)
		}
	})
}

// TestWhoStopsReadingSpoilsNothing for the other lists of its round.
func TestWhoStopsReadingSpoilsNothing(t *testing.T) {
	t.Parallel()
	s := open(t, setup{answer: estate{"root/clusters": basic, "a/nodePools": pool, "b/clusters": basic}.answer})
	all := s.queries("us-phoenix-1")
	ctx := provider.NewBatch(all).In(t.Context())
	for range s.conn.Driver().List(ctx, all[0]) {
		break
	}
	l := &listed{kinds: map[string]cloud.Kind{}}
	for _, q := range all[1:] {
		l.unit(ctx, s.conn.Driver(), q)
	}
	if !slices.Equal(l.ids, []string{"a:pool", "b:basic"}) || len(l.kinds) > 0 {
		t.Errorf("the others found %v and said %v", l.ids, l.kinds)
	}
}

// TestRefusedPoolsLeaveClustersThatAreOdd: a list of which a part is understood is read.
func TestRefusedPoolsLeaveClustersThatAreOdd(t *testing.T) {
	t.Parallel()
	s := open(t, setup{answer: estate{"a/clusters": `[{"id":"x"},{}]`, "a/nodePools": "", "a/virtualNodePools": ""}.answer})
	q := cloud.Query{Service: "oke", Scope: cloud.Scope{Region: "us-phoenix-1", Compartment: "a"}}
	all, err := provider.Gather(s.conn.Driver().List(t.Context(), q))
	joined, ok := err.(interface{ Unwrap() []error })
	if len(all) != 1 || !ok || len(joined.Unwrap()) != 3 {
		t.Fatalf("%d resources and %v, want the cluster and three that say what is missing", len(all), err)
	}
	for _, err := range joined.Unwrap() {
		if e, ok := errors.AsType[*cloud.Error](err); !ok || e.Kind != cloud.KindPartial {
			t.Errorf("%v is of kind %q, want partial", err, cloud.KindOf(err))
		}
	}
}

// TestRoundsFindWhatListsAloneFind in simulated tenancies, with fewer calls.
func TestRoundsFindWhatListsAloneFind(t *testing.T) {
	t.Parallel()
	for _, o := range []setup{{count: 0}, {count: 12}, {count: 60}, {count: 60, incidents: true}, {count: 400}, {count: 400, atOnce: 1}} {
		t.Run(fmt.Sprintf("%d, %v, %d", o.count, o.incidents, o.atOnce), func(t *testing.T) {
			t.Parallel()
			s := open(t, o)
			scopes, _ := s.scopes()
			for _, queries := range provider.Groups(provider.Units(scopes, s.conn.Services([]string{"oke"}))) {
				alone := &listed{kinds: map[string]cloud.Kind{}}
				for _, q := range queries {
					alone.unit(t.Context(), s.conn.Driver(), q)
				}
				s.wire.forget()
				l := s.round(queries)
				if !slices.Equal(l.ids, alone.ids) || !maps.Equal(l.kinds, alone.kinds) {
					t.Errorf("found %v, said %v, want %v and %v", l.ids, l.kinds, alone.ids, alone.kinds)
				}
				if n, most := l.calls, 3*len(queries); n > most || len(l.ids) == 0 && len(l.kinds) == 0 && n != len(queries) || l.calls != len(s.wire.calls("")) {
					t.Errorf("%d calls for %d lists that found %v", n, len(queries), l.ids)
				}
			}
		})
	}
}
