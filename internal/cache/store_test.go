package cache

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// place is where stores of one backend keep things; stores opened on one place share them, except in memory.
type place struct {
	backend string
	dir     string
	url     string
}

// open opens a store that must not warn of anything.
func (p place) open(tb testing.TB, o Options) Store {
	tb.Helper()
	if o.Warn == nil {
		o.Warn = func(text string) { tb.Errorf("warned: %s", text) }
	}
	o.Backend, o.Dir, o.RedisURL = p.backend, p.dir, p.url
	s, err := Open(o)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := s.Close(); err != nil {
			tb.Errorf("Close: %v", err)
		}
	})
	return s
}

// newPlace returns an empty place of a backend.
func newPlace(tb testing.TB, backend string) place {
	tb.Helper()
	p := place{backend: backend}
	switch backend {
	case File:
		p.dir = tb.TempDir()
	case Redis:
		p.url = startServer(tb).url()
	}
	return p
}

// everywhere runs a test on every backend.
func everywhere(t *testing.T, test func(t *testing.T, p place)) {
	on(t, []string{Memory, File, Redis}, test)
}

// shared runs a test on every backend that processes share.
func shared(t *testing.T, test func(t *testing.T, p place)) { on(t, []string{File, Redis}, test) }

func on(t *testing.T, backends []string, test func(t *testing.T, p place)) {
	t.Parallel()
	for _, backend := range backends {
		t.Run(backend, func(t *testing.T) {
			t.Parallel()
			test(t, newPlace(t, backend))
		})
	}
}

// at is a clock that stands.
func at(t time.Time) func() time.Time { return func() time.Time { return t } }

// small is an entry that was read at a time.
func small(read time.Time) *Entry { return &Entry{At: read, TTL: time.Minute, Gaps: read.String()} }

func TestGetReturnsWhatPutKept(t *testing.T) {
	everywhere(t, func(t *testing.T, p place) {
		s := p.open(t, Options{Now: at(noon())})
		want := fullEntry()
		if got, ok := s.Get(t.Context(), someKey("")); ok {
			t.Errorf("Get before Put returns %+v, want a miss", got)
		}
		s.Put(t.Context(), someKey(""), want)
		if got, ok := s.Get(t.Context(), someKey("")); !ok || !reflect.DeepEqual(got, want) {
			t.Errorf("Get = %+v, %v, want %+v", got, ok, want)
		}
		newer := small(noon().Add(time.Second))
		s.Put(t.Context(), someKey(""), newer)
		if got, ok := s.Get(t.Context(), someKey("")); !ok || !reflect.DeepEqual(got, newer) {
			t.Errorf("Get after a second Put = %+v, %v, want %+v", got, ok, newer)
		}
	})
}

func TestKeysThatDifferInAnyPartAreDifferent(t *testing.T) {
	keys := []Key{{}, someKey(""), {Provider: "a", Credential: "b"}, {Provider: "ab"}, {Credential: "ab"}, {Provider: "a\x01b"}}
	for i := range (&Key{}).parts() {
		for _, text := range []string{"x", "/../x", "x\x00", "*", "ÿ"} {
			k := someKey("")
			*k.parts()[i] = text
			keys = append(keys, k)
		}
	}
	everywhere(t, func(t *testing.T, p place) {
		s := p.open(t, Options{Now: at(noon())})
		for i, k := range keys {
			if _, ok := s.Get(t.Context(), k); ok {
				t.Errorf("%+v is there before it was put", k)
			}
			s.Put(t.Context(), k, &Entry{At: noon(), Calls: i})
		}
		for i, k := range keys {
			if e, ok := s.Get(t.Context(), k); !ok || e.Calls != i {
				t.Errorf("Get(%+v) = %+v, %v, want entry %d", k, e, ok, i)
			}
		}
	})
}

func TestEntriesStayUntilKeepIsOver(t *testing.T) {
	everywhere(t, func(t *testing.T, p place) {
		var now atomic.Int64
		s := p.open(t, Options{Keep: time.Hour, Now: func() time.Time { return noon().Add(time.Duration(now.Load())) }})
		s.Put(t.Context(), someKey(""), small(noon()))
		for _, tt := range []struct {
			age  time.Duration
			want bool
		}{{0, true}, {2 * time.Minute, true}, {time.Hour - time.Second, true}, {time.Hour + time.Second, false}} {
			now.Store(int64(tt.age))
			if _, ok := s.Get(t.Context(), someKey("")); ok != tt.want {
				t.Errorf("an entry of age %v is there: %v, want %v", tt.age, ok, tt.want)
			}
		}
		s.Put(t.Context(), someKey("new"), small(noon().Add(time.Hour+time.Second)))
		if st, err := s.Status(t.Context()); err != nil || st.Total.Entries > 2 {
			t.Errorf("Status = %+v, %v, want at most 2 entries", st, err)
		}
	})
}

func TestNewestEntriesStayWhenThereAreTooMany(t *testing.T) {
	everywhere(t, func(t *testing.T, p place) {
		const most = 5
		s := p.open(t, Options{MaxSize: most, Now: at(noon())})
		for i := range 4 * most {
			s.Put(t.Context(), someKey(fmt.Sprint(i)), small(noon().Add(time.Duration(i-100)*time.Second)))
		}
		st, err := s.Status(t.Context())
		if err != nil || st.Total.Entries > most || st.Total.Entries == 0 {
			t.Fatalf("Status = %+v, %v, want 1 to %d entries", st, err, most)
		}
		if p.backend == Memory { // it keeps the most used
			return
		}
		for i := range 4 * most {
			if _, ok := s.Get(t.Context(), someKey(fmt.Sprint(i))); ok != (i >= 3*most) {
				t.Errorf("entry %d of %d is there: %v, want the newest %d", i, 4*most, ok, most)
			}
		}
	})
}

func TestReplacedEntriesMakeNoRoom(t *testing.T) {
	everywhere(t, func(t *testing.T, p place) {
		s := p.open(t, Options{MaxSize: 40, Now: at(noon())})
		for round := range 20 {
			for i := range 40 {
				s.Put(t.Context(), someKey(fmt.Sprint(i)), &Entry{At: noon(), Calls: round})
			}
		}
		for i := range 40 {
			if e, ok := s.Get(t.Context(), someKey(fmt.Sprint(i))); !ok || e.Calls != 19 {
				t.Errorf("entry %d of 40 = %+v, %v, want that of the last round", i, e, ok)
			}
		}
	})
}

func TestStatusCountsByProvider(t *testing.T) {
	everywhere(t, func(t *testing.T, p place) {
		s := p.open(t, Options{Now: at(noon())})
		if st, err := s.Status(t.Context()); err != nil || st.Total != (Share{}) || st.Backend != p.backend {
			t.Errorf("Status of an empty store = %+v, %v", st, err)
		}
		for i, provider := range []string{"vastai", "oracle", "oracle", "neon"} {
			k := someKey(fmt.Sprint(i))
			k.Provider = provider
			s.Put(t.Context(), k, small(noon().Add(-time.Duration(i)*time.Minute).Truncate(time.Millisecond)))
		}
		st, err := s.Status(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		want := []Share{
			{Provider: "neon", Entries: 1, Oldest: noon().Add(-3 * time.Minute), Newest: noon().Add(-3 * time.Minute)},
			{Provider: "oracle", Entries: 2, Oldest: noon().Add(-2 * time.Minute), Newest: noon().Add(-time.Minute)},
			{Provider: "vastai", Entries: 1, Oldest: noon(), Newest: noon()},
		}
		sum := int64(0)
		for i := range st.Providers {
			share := &st.Providers[i]
			if (share.Bytes > 0) != (p.backend != Memory) {
				t.Errorf("%s takes %d bytes", share.Provider, share.Bytes)
			}
			sum += share.Bytes
			share.Bytes = 0
		}
		for i := range want {
			want[i].Oldest, want[i].Newest = want[i].Oldest.Truncate(time.Millisecond), want[i].Newest.Truncate(time.Millisecond)
		}
		if !reflect.DeepEqual(st.Providers, want) {
			t.Errorf("Providers = %+v, want %+v", st.Providers, want)
		}
		if p.backend != Memory && st.Total.Bytes != sum {
			t.Errorf("Total.Bytes = %d, want the sum %d", st.Total.Bytes, sum)
		}
		if got := st.Total; got.Entries != 4 || !got.Oldest.Equal(want[0].Oldest) || !got.Newest.Equal(want[2].Newest) {
			t.Errorf("Total = %+v, want 4 entries of %v to %v", got, want[0].Oldest, want[2].Newest)
		}
	})
}

func TestClearRemovesEverything(t *testing.T) {
	everywhere(t, func(t *testing.T, p place) {
		s := p.open(t, Options{Now: at(noon())})
		for i := range 7 {
			s.Put(t.Context(), someKey(fmt.Sprint(i)), small(noon()))
			s.Lock(t.Context(), someKey(fmt.Sprint(i)))()
		}
		for _, want := range []int{7, 0} {
			if n, err := s.Clear(t.Context()); n != want || err != nil {
				t.Errorf("Clear = %d, %v, want %d", n, err, want)
			}
		}
		if _, ok := s.Get(t.Context(), someKey("3")); ok {
			t.Error("an entry survived Clear")
		}
		if st, err := s.Status(t.Context()); err != nil || st.Total.Entries != 0 {
			t.Errorf("Status after Clear = %+v, %v, want no entries", st, err)
		}
	})
}

func TestIdenticalWorkIsDoneOnce(t *testing.T) {
	everywhere(t, func(t *testing.T, p place) {
		stores := []Store{p.open(t, Options{Now: at(noon())})}
		if p.backend != Memory { // which only one store sees
			stores = append(stores, p.open(t, Options{Now: at(noon())}))
		}
		var works [3]atomic.Int32
		var running sync.WaitGroup
		for i := range 24 {
			s, n := stores[i%len(stores)], i%len(works)
			running.Go(func() {
				release := s.Lock(t.Context(), someKey(fmt.Sprint(n)))
				defer release()
				if _, ok := s.Get(t.Context(), someKey(fmt.Sprint(n))); ok {
					return
				}
				works[n].Add(1)
				time.Sleep(20 * time.Millisecond)
				s.Put(t.Context(), someKey(fmt.Sprint(n)), small(noon()))
			})
		}
		running.Wait()
		for n := range works {
			if got := works[n].Load(); got != 1 {
				t.Errorf("work %d was done %d times, want once", n, got)
			}
		}
	})
}

func TestLockWaitsNoLongerThanItsContext(t *testing.T) {
	everywhere(t, func(t *testing.T, p place) {
		for _, other := range []bool{false, p.backend != Memory} { // the holder: this store, or another one
			s := p.open(t, Options{})
			holder := s
			if other {
				holder = p.open(t, Options{})
			}
			release := holder.Lock(t.Context(), someKey(""))
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			s.Lock(ctx, someKey(""))()
			if !ended(ctx) {
				t.Error("Lock returned while somebody else held the key")
			}
			cancel()
			s.Lock(t.Context(), someKey("another"))()
			release()
			release()
			s.Lock(t.Context(), someKey(""))()
		}
	})
}

func TestLockWaitsNoLongerThanLockWait(t *testing.T) {
	everywhere(t, func(t *testing.T, p place) {
		s := p.open(t, Options{LockWait: 100 * time.Millisecond})
		defer s.Lock(t.Context(), someKey(""))()
		started := time.Now()
		s.Lock(t.Context(), someKey(""))()
		if waited := time.Since(started); waited < 90*time.Millisecond {
			t.Errorf("Lock returned after %v while the key was held, want 100 ms", waited)
		}
	})
}

func TestStoresBearManyAtOnce(t *testing.T) {
	everywhere(t, func(t *testing.T, p place) {
		s := p.open(t, Options{MaxSize: 10, Now: at(noon())})
		want := fullEntry()
		var running sync.WaitGroup
		for worker := range 6 {
			running.Go(func() {
				for i := range 25 {
					k := someKey(fmt.Sprint((worker + i) % 15))
					release := s.Lock(t.Context(), k)
					s.Put(t.Context(), k, want)
					release()
					if got, ok := s.Get(t.Context(), k); ok && !reflect.DeepEqual(got, want) {
						t.Errorf("Get = %+v, want %+v", got, want)
					}
					if i%10 == worker {
						_, err := s.Status(t.Context())
						_, err2 := s.Clear(t.Context())
						if err != nil || err2 != nil {
							t.Errorf("Status: %v, Clear: %v", err, err2)
						}
					}
				}
			})
		}
		running.Wait()
	})
}

func TestStoresSeeWhatOthersKeep(t *testing.T) {
	shared(t, func(t *testing.T, p place) {
		one, two := p.open(t, Options{Now: at(noon())}), p.open(t, Options{Now: at(noon())})
		one.Put(t.Context(), someKey(""), fullEntry())
		if got, ok := two.Get(t.Context(), someKey("")); !ok || !reflect.DeepEqual(got, fullEntry()) {
			t.Errorf("another store gets %+v, %v", got, ok)
		}
	})
}

func TestNothingOfAnEndedContextIsTold(t *testing.T) {
	everywhere(t, func(t *testing.T, p place) {
		s := p.open(t, Options{})
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		s.Put(ctx, someKey(""), small(time.Now()))
		s.Get(ctx, someKey(""))
		s.Lock(ctx, someKey(""))()
	})
}

func TestEntriesAreFreshForTheirTTL(t *testing.T) {
	t.Parallel()
	e := &Entry{At: noon(), TTL: time.Minute}
	for age, want := range map[time.Duration]bool{
		-2 * time.Minute: false, -time.Second: true, 0: true, time.Minute - 1: true, time.Minute: false, time.Hour: false,
	} {
		if got := e.Fresh(noon().Add(age)); got != want {
			t.Errorf("an entry of age %v is fresh: %v, want %v", age, got, want)
		}
	}
	if (&Entry{At: noon()}).Fresh(noon()) {
		t.Error("an entry without TTL is fresh")
	}
}

func TestOpenRefusesWhatCanNeverWork(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]Options{
		"no backend": {}, "another backend": {Backend: "memcached"}, "no folder": {Backend: File}, "no address": {Backend: Redis},
		"no scheme": {Backend: Redis, RedisURL: "127.0.0.1:6379"}, "http": {Backend: Redis, RedisURL: "http://localhost"},
		"a database that is no number": {Backend: Redis, RedisURL: "redis://localhost/x"},
	} {
		if s, err := Open(o); err == nil {
			_ = s.Close()
			t.Errorf("%s: Open succeeds, want an error", name)
		}
	}
}

// workOnce does what is not done yet, as one of several processes: it logs each work that it had to do.
func workOnce(o Options) {
	s, log := mustOpen(o)
	defer s.Close()
	for i := range workItems {
		k := someKey(fmt.Sprint(i))
		release := s.Lock(context.Background(), k)
		if e, ok := s.Get(context.Background(), k); !ok || !reflect.DeepEqual(e.Resources, fullEntry().Resources) {
			fmt.Fprintln(log, i)
			e := fullEntry()
			e.At = time.Now()
			s.Put(context.Background(), k, e)
		}
		release()
	}
}

// workItems is how many works a process of workOnce does.
const workItems = 40

func TestProcessesDoIdenticalWorkOnce(t *testing.T) {
	shared(t, func(t *testing.T, p place) {
		var running sync.WaitGroup
		processes := make([]*process, 4)
		for i := range processes {
			processes[i] = p.start(t, "work")
			running.Go(func() { processes[i].wait(t) })
		}
		running.Wait()
		done := map[string]int{}
		for _, process := range processes {
			for _, work := range process.lines(t) {
				done[work]++
			}
		}
		if len(done) != workItems || slices.Max(slices.Collect(maps.Values(done))) != 1 {
			t.Errorf("works done, and how often: %v, want %d once each", done, workItems)
		}
	})
}
