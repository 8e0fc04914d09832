package redisstore_test

import (
	"bytes"
	"context"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"go.uber.org/goleak"

	"github.com/adsops/cloudtop/pkg/ratelimit"
	"github.com/adsops/cloudtop/pkg/ratelimit/redisstore"
	"github.com/adsops/cloudtop/pkg/ratelimit/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const prefix = "test:1:limit:"

// serve starts a Redis server of its own and returns its address. Its socket is a file: no other server can be there.
func serve(t testing.TB) string {
	t.Helper()
	program, err := exec.LookPath("redis-server")
	if err != nil {
		t.Skip("redis-server is not installed")
	}
	dir, err := os.MkdirTemp("", "redis")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	socket := filepath.Join(dir, "s")
	server := exec.Command(program, "--port", "0", "--unixsocket", socket, "--save", "", "--dir", dir)
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = server.Process.Kill()
		_ = server.Wait()
	})
	for range 1000 {
		if c, err := net.Dial("unix", socket); err == nil {
			_ = c.Close()
			return "unix://" + socket
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("redis-server does not answer")
	return ""
}

func open(t testing.TB, url string) *redisstore.Store {
	t.Helper()
	s, err := redisstore.Open(url, prefix)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func client(t testing.TB, url string) *redis.Client {
	t.Helper()
	o, err := redis.ParseURL(url)
	if err != nil {
		t.Fatal(err)
	}
	c := redis.NewClient(o)
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func TestRedisIsAStore(t *testing.T) {
	t.Parallel()
	url := serve(t)
	storetest.Run(t, func() ratelimit.Store { return open(t, url) })
}

// The script does by the server's clock what Account.Exchange does: after every step the account has the same text.
func TestTheScriptDoesWhatTheAccountDoes(t *testing.T) {
	t.Parallel()
	url := serve(t)
	store, c := open(t, url), client(t, url)
	for name, rules := range map[string][]ratelimit.Rule{
		"none":    nil,
		"pace":    {{Interval: 700 * time.Microsecond, Burst: 20}},
		"window":  {{Interval: time.Millisecond, Burst: 10, Events: 20, Per: 20 * time.Millisecond}},
		"windows": {{Interval: 333_333, Burst: 30, Events: 30, Per: 10 * time.Millisecond}, {Interval: 100 * time.Microsecond, Burst: 500, Events: 500, Per: 50 * time.Millisecond}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			random := rand.New(rand.NewPCG(1, uint64(len(name))))
			var last ratelimit.Grant
			granted := 0
			for i := range 1500 {
				before, _ := c.Get(t.Context(), prefix+name).Bytes()
				ask := anything(random, rules, last)
				got, err := store.Exchange(t.Context(), name, ask)
				if err != nil {
					t.Fatal(err)
				}
				last = got
				granted += got.N
				after, _ := c.Get(t.Context(), prefix+name).Bytes()
				if len(after) == 0 || bytes.Equal(after, before) {
					continue // it says nothing any more
				}
				want, text := exchange(before, written(t, after), ask)
				if !bytes.Equal(text, after) && expired(before, written(t, after)) {
					want, text = exchange(nil, written(t, after), ask)
				}
				if got != want || !bytes.Equal(text, after) {
					t.Fatalf("step %d, %+v\n   to %s got %+v\n      %s want %+v\n      %s", i, ask, before, got, after, want, text)
				}
			}
			if granted == 0 {
				t.Error("nothing was ever granted")
			}
		})
	}
}

// exchange does in Go what the script did.
func exchange(text []byte, now time.Time, ask ratelimit.Ask) (ratelimit.Grant, []byte) {
	var a ratelimit.Account
	_ = a.UnmarshalText(text)
	g := a.Exchange(now, ask)
	text, _ = a.AppendText(nil)
	return g, text
}

// expired reports whether the server may have forgotten an account by then.
func expired(text []byte, now time.Time) bool {
	var a ratelimit.Account
	_ = a.UnmarshalText(text)
	return !a.Until().After(now)
}

// anything returns an ask that is often to the point.
func anything(random *rand.Rand, rules []ratelimit.Rule, last ratelimit.Grant) ratelimit.Ask {
	ask := ratelimit.Ask{Rules: rules, Want: random.IntN(4)}
	if last.N > 0 && random.IntN(3) == 0 {
		ask.Unused, ask.Stamp = random.IntN(last.N+1), last.Stamp
	}
	switch random.IntN(40) {
	case 0:
		ask.Pause = time.Duration(random.IntN(3000)) * time.Microsecond
	case 1, 2, 3:
		ask.Heard = &ratelimit.Heard{
			Remaining: random.IntN(30), Reset: time.Duration(random.IntN(30_000)) * time.Microsecond,
			Ago: time.Duration(random.IntN(500)) * time.Microsecond, Binding: random.IntN(3) > 0,
		}
	}
	return ask
}

// written returns when an account was written: the second number of its text.
func written(t *testing.T, text []byte) time.Time {
	t.Helper()
	at, err := strconv.ParseInt(strings.Fields(string(text))[1], 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return time.UnixMicro(at)
}

func TestWhatIsNoAccountIsANewOne(t *testing.T) {
	t.Parallel()
	url := serve(t)
	store, c := open(t, url), client(t, url)
	ask := ratelimit.Ask{Rules: []ratelimit.Rule{{Interval: time.Second, Burst: 4}}, Want: 4}
	for name, text := range map[string]string{
		"empty": "", "words": "hello there", "binary": "\x00\xff\x01", "another version": "2 1 1", "cut": "1 5 0 0 0",
		"too many rules": "1 5 0 0 0 0 0 0 0 0 999999999999999", "infinite": "1 1e999 0 0 0 0 0 0 0 0 0", "fractions": "1 1.5 0 0 0 0 0 0 0 0 0",
		"from the future": "1 9000000000000000 9000000000000000 0 0 0 0 0 0 0 0", "too long": "1 5 0 0 0 0 0 0 0 0 0 7",
	} {
		if err := c.Set(t.Context(), prefix+name, text, 0).Err(); err != nil {
			t.Fatal(err)
		}
		if got, err := store.Exchange(t.Context(), name, ask); err != nil || got.N != 4 {
			t.Errorf("%s: granted %d, %v, want 4", name, got.N, err)
		}
		if got, err := store.Exchange(t.Context(), name, ask); err != nil || got.N != 0 {
			t.Errorf("%s: then granted %d, %v, want 0: the account was mended", name, got.N, err)
		}
	}
	if err := c.HSet(t.Context(), prefix+"a hash", "field", "value").Err(); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Exchange(t.Context(), "a hash", ask); err == nil {
		t.Error("a hash where the account should be is no error")
	}
}

func TestAnAccountExpires(t *testing.T) {
	t.Parallel()
	url := serve(t)
	store, c := open(t, url), client(t, url)
	ask := ratelimit.Ask{Rules: []ratelimit.Rule{{Interval: time.Second, Burst: 60, Events: 60, Per: time.Minute}}, Want: 1}
	if _, err := store.Exchange(t.Context(), "k", ask); err != nil {
		t.Fatal(err)
	}
	if ttl := c.PTTL(t.Context(), prefix+"k").Val(); ttl < 50*time.Second || ttl > 62*time.Second {
		t.Errorf("the key lives %v, want about as long as the window", ttl)
	}
	if _, err := store.Exchange(t.Context(), "unlimited", ratelimit.Ask{Want: 1}); err != nil {
		t.Fatal(err)
	}
	if n := c.Exists(t.Context(), prefix+"unlimited").Val(); n != 0 {
		t.Error("a bucket without limits left a key")
	}
}

func TestAServerThatIsNotThereIsAnErrorSoon(t *testing.T) {
	t.Parallel()
	silent, err := net.Listen("tcp", "127.0.0.1:0") // accepts and never answers
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	for name, url := range map[string]string{
		"no socket": "unix:///nowhere/at/all", "refused": "redis://127.0.0.1:1", "silent": "redis://" + silent.Addr().String(),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store := open(t, url)
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			if _, err := store.Exchange(ctx, "k", ratelimit.Ask{Want: 1}); err == nil || ctx.Err() != nil {
				t.Errorf("got %v, %v, want an error before the deadline", err, ctx.Err())
			}
			if _, err := store.Accounts(ctx, ""); err == nil {
				t.Error("the accounts of no server are no error")
			}
		})
	}
}

func TestABadAddressIsNotShown(t *testing.T) {
	t.Parallel()
	for _, url := range []string{"redis://user:hunter2@host:port/0", "http://:hunter2@host", "redis://:hunter2@%zz", "hunter2"} {
		if _, err := redisstore.Open(url, prefix); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: got %v, want an error without the password", url, err)
		}
	}
}

// BenchmarkBucketSharedRedis is a bucket whose account is in Redis, far from its limit, where it takes many events at
// once, and near, where it asks for each.
func BenchmarkBucketSharedRedis(b *testing.B) {
	for name, burst := range map[string]int{"far": 1e7, "near": 7} {
		b.Run(name, func(b *testing.B) {
			var set ratelimit.Set
			set.Share(open(b, serve(b)), func(err error) { b.Error(err) })
			bucket := set.Get(name, func() *ratelimit.Bucket { return ratelimit.New(1e7, burst) })
			b.ReportAllocs()
			for b.Loop() {
				if _, err := bucket.Wait(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
