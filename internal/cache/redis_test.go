package cache

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// openRemote opens a Redis store whose warnings are heard.
func openRemote(t *testing.T, url string, o Options) (*remote, *heard) {
	t.Helper()
	h := new(heard)
	o.Warn = h.warn
	return place{backend: Redis, url: url}.open(t, o).(*remote), h
}

func TestRedisThatIsDownIsOneWarning(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	_ = listener.Close() // so that nobody listens there
	s, h := openRemote(t, "redis://"+address, Options{})
	for i := range 1000 {
		s.Lock(t.Context(), someKey(fmt.Sprint(i)))()
		if _, ok := s.Get(t.Context(), someKey(fmt.Sprint(i))); ok {
			t.Error("Get without a server returns an entry")
		}
		s.Put(t.Context(), someKey(fmt.Sprint(i)), small(time.Now()))
	}
	h.want(t, "redis://"+address+" does not answer")
	if _, err := s.Status(t.Context()); err == nil || !strings.Contains(err.Error(), address) {
		t.Errorf("Status without a server: %v, want an error with the address", err)
	}
	if _, err := s.Clear(t.Context()); err == nil {
		t.Error("Clear without a server succeeds")
	}
}

// silent listens and never answers. It counts the connections.
func silent(t *testing.T) (address string, connections *atomic.Int32) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	connections = new(atomic.Int32)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			connections.Add(1)
			defer conn.Close()
		}
	}()
	t.Cleanup(func() {
		_ = listener.Close()
		<-done
	})
	return listener.Addr().String(), connections
}

func TestRedisThatHangsDelaysOnce(t *testing.T) {
	t.Parallel()
	address, connections := silent(t)
	s, h := openRemote(t, "redis://"+address, Options{Now: at(noon())})
	for i := range 200 {
		s.Get(t.Context(), someKey(fmt.Sprint(i)))
	}
	if n := connections.Load(); n > 2 {
		t.Errorf("200 units dialled a server that hangs %d times, want once", n)
	}
	h.want(t, "does not answer")
}

func TestDeadlinesOfCallersAreNotTheServers(t *testing.T) {
	t.Parallel()
	address, _ := silent(t)
	s, h := openRemote(t, "redis://"+address, Options{})
	for range 20 {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Millisecond)
		s.Get(ctx, someKey(""))
		cancel()
	}
	h.want(t)
	if !s.broken.closed() {
		t.Error("callers without patience keep others from asking")
	}
}

func TestRedisIsTriedAgain(t *testing.T) {
	t.Parallel()
	server := startServer(t)
	var now atomic.Int64
	s, h := openRemote(t, server.url(), Options{Now: func() time.Time { return noon().Add(time.Duration(now.Load())) }})
	s.Put(t.Context(), someKey(""), small(noon()))
	server.stop()
	for range 3 {
		if _, ok := s.Get(t.Context(), someKey("")); ok {
			t.Error("Get returns an entry of a server that is dead")
		}
	}
	if err := os.Remove(server.socket); err != nil {
		t.Fatal(err)
	}
	server.start(t)
	s.Put(t.Context(), someKey(""), small(noon()))
	if n := len(server.keys(t)); n != 0 {
		t.Errorf("%d keys were written during the pause, want none", n)
	}
	now.Store(int64(pause))
	s.Get(t.Context(), someKey(""))
	s.Put(t.Context(), someKey(""), small(noon()))
	if _, ok := s.Get(t.Context(), someKey("")); !ok {
		t.Error("a server that is back is not used")
	}
	h.want(t, "does not answer")
}

func TestRedisThatRefusesIsOneWarning(t *testing.T) {
	t.Parallel()
	server := startServer(t, "--maxmemory", "1")
	s, h := openRemote(t, server.url(), Options{})
	for i := range 5 {
		s.Put(t.Context(), someKey(fmt.Sprint(i)), small(time.Now()))
		s.Get(t.Context(), someKey(fmt.Sprint(i)))
	}
	h.want(t, "OOM")
}

func TestDamagedValuesAreMissesAndOneWarning(t *testing.T) {
	t.Parallel()
	server := startServer(t)
	s, h := openRemote(t, server.url(), Options{})
	s.Put(t.Context(), someKey(""), small(time.Now()))
	s.Put(t.Context(), someKey("other"), small(time.Now()))
	c := server.client(t)
	sound := c.Get(t.Context(), s.key(someKey(""))).Val()
	other := c.Get(t.Context(), s.key(someKey("other"))).Val()
	for _, bad := range []string{"", "x", sound[:len(sound)-1], sound + "x", "CTC\x02" + sound[4:], other} {
		if err := c.Set(t.Context(), s.key(someKey("")), bad, 0).Err(); err != nil {
			t.Fatal(err)
		}
		if e, ok := s.Get(t.Context(), someKey("")); ok {
			t.Errorf("with %q, Get returns %+v", bad, e)
		}
	}
	h.want(t, errCorrupt.Error(), errVersion.Error(), errKey.Error())
	s.Put(t.Context(), someKey(""), small(time.Now()))
	if _, ok := s.Get(t.Context(), someKey("")); !ok {
		t.Error("a damaged value is not replaced by Put")
	}
}

func TestValuesOfAnotherTypeAreMisses(t *testing.T) {
	t.Parallel()
	server := startServer(t)
	s, h := openRemote(t, server.url(), Options{})
	if err := server.client(t).LPush(t.Context(), s.key(someKey("")), "x").Err(); err != nil {
		t.Fatal(err)
	}
	if _, ok := s.Get(t.Context(), someKey("")); ok {
		t.Error("a list is an entry")
	}
	h.want(t, "WRONGTYPE")
}

func TestEntriesInRedisExpire(t *testing.T) {
	t.Parallel()
	server := startServer(t)
	s, h := openRemote(t, server.url(), Options{Keep: time.Hour})
	s.Put(t.Context(), someKey(""), small(time.Now().Add(-20*time.Minute)))
	s.Put(t.Context(), someKey("too old"), small(time.Now().Add(-2*time.Hour)))
	s.Lock(t.Context(), someKey(""))
	keys := server.keys(t)
	if len(keys) != 3 {
		t.Errorf("keys %q, want an entry, the index and a lock", keys)
	}
	for _, key := range keys {
		ttl := server.client(t).TTL(t.Context(), key).Val()
		if ttl <= 0 || ttl > time.Hour {
			t.Errorf("%s expires in %v, want within the hour", key, ttl)
		}
		if strings.HasPrefix(key, redisEntry) && ttl > 41*time.Minute {
			t.Errorf("an entry 20 minutes old expires in %v, want 40 minutes", ttl)
		}
		if !strings.HasPrefix(key, "cloudtop:1:") {
			t.Errorf("%s is outside our prefix", key)
		}
	}
	h.want(t)
}

func TestExpiredEntriesLeaveTheIndex(t *testing.T) {
	t.Parallel()
	server := startServer(t)
	s, _ := openRemote(t, server.url(), Options{Keep: time.Hour})
	c := server.client(t)
	gone := redis.Z{Score: float64(time.Now().Add(-2 * time.Hour).UnixMilli()), Member: redisEntry + "oracle:gone"}
	evicted := redis.Z{Score: float64(time.Now().Add(-time.Minute).UnixMilli()), Member: redisEntry + "oracle:evicted"}
	if err := c.ZAdd(t.Context(), redisIndex, gone, evicted).Err(); err != nil {
		t.Fatal(err)
	}
	s.Put(t.Context(), someKey(""), small(time.Now()))
	index := c.ZRange(t.Context(), redisIndex, 0, -1).Val()
	if want := []string{evicted.Member.(string), s.key(someKey(""))}; !slices.Equal(index, want) {
		t.Errorf("index = %q, want %q", index, want)
	}
	if st, err := s.Status(t.Context()); err != nil || st.Total.Entries != 1 {
		t.Errorf("Status = %+v, %v, want the one entry that is there", st, err)
	}
}

func TestClearLeavesOthersInPeace(t *testing.T) {
	t.Parallel()
	server := startServer(t)
	s, _ := openRemote(t, server.url(), Options{})
	c := server.client(t)
	for _, key := range []string{"cloudtop:1:limit:x", "cloudtop:2:entry:x", "mine"} {
		if err := c.Set(t.Context(), key, "x", 0).Err(); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 2500 {
		if err := c.Set(t.Context(), fmt.Sprint(redisEntry, "oracle:", i), "x", 0).Err(); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := s.Clear(t.Context()); n != 2500 || err != nil {
		t.Errorf("Clear = %d, %v, want 2500, with those that no index knows", n, err)
	}
	if n := len(server.keys(t)); n != 3 {
		t.Errorf("%d keys are left, want the 3 that are not ours", n)
	}
}

func TestLockThatExpiredIsNotReleasedByItsOldHolder(t *testing.T) {
	t.Parallel()
	server := startServer(t)
	slow, _ := openRemote(t, server.url(), Options{})
	next, _ := openRemote(t, server.url(), Options{})
	releaseSlow := slow.Lock(t.Context(), someKey(""))
	if n := server.client(t).Del(t.Context(), redisLock+someKey("").name()).Val(); n != 1 {
		t.Fatalf("%d locks expired, want one", n)
	}
	releaseNext := next.Lock(t.Context(), someKey(""))
	releaseSlow()
	if n := len(server.keys(t)); n != 1 {
		t.Errorf("%d keys after the old holder's release, want the new holder's lock", n)
	}
	releaseNext()
	if keys := server.keys(t); len(keys) != 0 {
		t.Errorf("keys %q after all releases, want none", keys)
	}
}

func TestALockLastsForAsLongAsItsHolderWorks(t *testing.T) {
	t.Parallel()
	server := startServer(t)
	holder, _ := openRemote(t, server.url(), Options{})
	other, _ := openRemote(t, server.url(), Options{})
	release := holder.Lock(t.Context(), someKey(""))
	defer release()
	ctx, cancel := context.WithTimeout(t.Context(), redisLease+2*redisRenew)
	defer cancel()
	if other.hold(ctx, redisLock+someKey("").name(), "another token") {
		t.Error("the lock was free while its holder worked for longer than the lease")
	}
}

func TestAStoreThatIsClosedRenewsNothing(t *testing.T) {
	t.Parallel()
	server := startServer(t)
	s, err := Open(Options{Backend: Redis, RedisURL: server.url()})
	if err != nil {
		t.Fatal(err)
	}
	s.Lock(t.Context(), someKey(""))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*redisLease)
	defer cancel()
	other, _ := openRemote(t, server.url(), Options{})
	if !other.hold(ctx, redisLock+someKey("").name(), "another token") {
		t.Errorf("the lock of a store that was closed is held for longer than %v", 3*redisLease)
	}
}

func TestLocksAreReleasedAfterTheirContextEnded(t *testing.T) {
	t.Parallel()
	server := startServer(t)
	s, _ := openRemote(t, server.url(), Options{})
	ctx, cancel := context.WithCancel(t.Context())
	release := s.Lock(ctx, someKey(""))
	cancel()
	release()
	if keys := server.keys(t); len(keys) != 0 {
		t.Errorf("keys %q, want none", keys)
	}
}

// marker stands for a secret: it must not be anywhere but where it came from.
const marker = "s3cr3t%2Fmarker"

func TestSecretsAreNowhere(t *testing.T) {
	t.Parallel()
	plain := strings.ReplaceAll(marker, "%2F", "/")
	server := startServer(t, "--requirepass", "another one")
	var said []string
	for _, url := range []string{
		"unix://:" + marker + "@" + server.socket,
		"unix://user:" + marker + "@" + server.socket + "?db=0&read_timeout=3s",
		"redis://user:" + marker + "@127.0.0.1:1/0",
		"rediss://user:" + marker + "@localhost:1",
		"redis://" + marker + ".invalid/ noturl",
		"redis://user:" + marker + "@host:port",
		"http://user:" + marker + "@host",
		"unix://user:" + marker + "@",
	} {
		s, err := Open(Options{Backend: Redis, RedisURL: url, Warn: func(text string) { said = append(said, text) }})
		if err != nil {
			said = append(said, err.Error())
			continue
		}
		s.Get(t.Context(), someKey(""))
		st, err := s.Status(t.Context())
		said = append(said, fmt.Sprintf("%+v %v", st, err))
		_, err = s.Clear(t.Context())
		said = append(said, fmt.Sprint(err))
		_ = s.Close()
	}
	if len(said) < 16 {
		t.Errorf("only %d texts to look at: %q", len(said), said)
	}
	for _, text := range said {
		if strings.Contains(text, marker) || strings.Contains(text, plain) {
			t.Errorf("a text tells the password: %s", text)
		}
	}
}

func TestNamesTellNoAccounts(t *testing.T) {
	t.Parallel()
	server := startServer(t)
	k := someKey("")
	k.Account, k.Credential = "acct-marker", "fingerprint-marker"
	s, _ := openRemote(t, server.url(), Options{})
	s.Put(t.Context(), k, small(time.Now()))
	f, _ := openHeard(t, t.TempDir(), Options{})
	f.Put(t.Context(), k, small(noon()))
	files, err := filepath.Glob(filepath.Join(f.entries, "*"))
	if err != nil || len(files) != 1 {
		t.Fatalf("files %q, %v, want one", files, err)
	}
	for _, name := range append(server.keys(t), files...) {
		if strings.Contains(name, "marker") {
			t.Errorf("the name %s tells what is in the key", name)
		}
	}
}

func TestBreakerLetsOneAskAfterThePause(t *testing.T) {
	t.Parallel()
	now := noon()
	b := breaker{now: func() time.Time { return now }}
	steps := []struct {
		name string
		do   func()
		want bool
	}{
		{"at first", func() {}, true},
		{"after an answer", b.mend, true},
		{"after a failure", b.trip, false},
		{"before the pause is over", func() { now = now.Add(pause - 1) }, false},
		{"after the pause", func() { now = now.Add(1) }, true},
		{"while another asks", func() {}, false},
		{"after an answer to it", b.mend, true},
	}
	for _, step := range steps {
		step.do()
		if got := b.allows(); got != step.want {
			t.Errorf("%s the breaker allows: %v, want %v", step.name, got, step.want)
		}
	}
}
