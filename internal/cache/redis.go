package cache

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/logging"
	"github.com/redis/go-redis/v9/maintnotifications"

	"github.com/adsops/cloudtop/pkg/retry"
)

// Where things are in Redis. The number is the layout's version.
const (
	redisEntry = "cloudtop:1:entry:" // + provider + ":" + Key.name: a sealed entry, which expires
	redisIndex = "cloudtop:1:index"  // a sorted set of the entries' keys by Entry.At in milliseconds
	redisLock  = "cloudtop:1:lock:"  // + Key.name: its holder's token
)

// How long a server may take, unless the address says otherwise (?dial_timeout=1s&read_timeout=3s&write_timeout=3s). A
// cache that is slower than this is no help.
const (
	redisDial = 500 * time.Millisecond
	redisCall = 2 * time.Second
)

// A lock's holder renews it, so that one that was killed holds it for no longer than redisLease. One renewal that the
// server does not answer in time loses no lock.
const (
	redisLease = 5 * time.Second
	redisRenew = time.Second
)

// remote keeps entries in a Redis server, for all machines that use it. Its memory is the server's matter: entries
// expire, MaxSize bounds their number, and what the server evicts is a miss.
type remote struct {
	opts    Options
	place   string
	secrets []string // never to be printed
	client  *redis.Client
	broken  breaker
	seal    *sealer
	warn    *warner
	locks   *locks // this process's own, so that only one of its goroutines asks the server
	closed  chan struct{}
	close   func()
}

// CheckRedisURL reports what an address of a Redis server must be like, where rawURL is none. The error does not quote it:
// it may hold a password.
func CheckRedisURL(rawURL string) error {
	_, err := parseRedisURL(rawURL)
	return err
}

func parseRedisURL(rawURL string) (*redis.Options, error) {
	o, err := redis.ParseURL(rawURL)
	if err == nil && o.Network != "unix" {
		_, port, _ := net.SplitHostPort(o.Addr)
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil {
		return nil, errors.New("redis://[user:password@]host[:port][/db], rediss:// or unix://, with a database that is a number and parameters that exist")
	}
	return o, nil
}

func openRedis(o Options) (Store, error) {
	ro, err := parseRedisURL(o.RedisURL)
	if err != nil {
		return nil, fmt.Errorf("cache: redis.url is no address of a Redis server: expected %w", err)
	}
	seal, err := newSealer()
	if err != nil {
		return nil, err
	}
	ro.MaxRetries, ro.DialerRetries = -1, 1
	ro.DialTimeout = cmp.Or(ro.DialTimeout, redisDial)
	ro.ReadTimeout, ro.WriteTimeout = cmp.Or(ro.ReadTimeout, redisCall), cmp.Or(ro.WriteTimeout, redisCall)
	ro.PoolTimeout = cmp.Or(ro.PoolTimeout, ro.ReadTimeout)
	ro.ContextTimeoutEnabled = true
	ro.DisableIdentity = true
	ro.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	logging.Disable() // it would talk on stderr of what is told by Warn
	closed := make(chan struct{})
	return &remote{
		opts: o, place: placeOf(o.RedisURL), secrets: []string{ro.Password}, client: redis.NewClient(ro),
		broken: breaker{now: o.Now}, seal: seal, warn: newWarner(o.Warn), locks: newLocks(),
		closed: closed, close: sync.OnceFunc(func() { close(closed) }),
	}, nil
}

// placeOf is a server's address without user, password and parameters.
func placeOf(rawURL string) string {
	u, err := url.Parse(rawURL)
	if err != nil {
		return ""
	}
	u.User, u.RawQuery, u.Fragment = nil, "", ""
	return u.String()
}

func (r *remote) Close() error {
	r.close()
	return errors.Join(r.client.Close(), r.seal.close())
}

func (r *remote) key(k Key) string { return redisEntry + k.Provider + ":" + k.name() }

func (r *remote) Get(ctx context.Context, k Key) (*Entry, bool) {
	var sealed []byte
	err := r.call(ctx, func() (err error) {
		sealed, err = r.client.Get(ctx, r.key(k)).Bytes()
		return err
	})
	if err != nil {
		return nil, false
	}
	e, err := r.seal.open(k, sealed)
	if err != nil {
		r.warn.once(kindOf(err), "an entry of %s at %s cannot be used, so it is read from the provider again: %v", k.Provider, r.place, err)
		return nil, false
	}
	return e, !r.opts.expired(e.At, r.opts.Now())
}

func (r *remote) Put(ctx context.Context, k Key, e *Entry) {
	now := r.opts.Now()
	left := r.opts.Keep - now.Sub(e.At)
	if r.opts.expired(e.At, now) || !r.broken.closed() {
		return
	}
	sealed, err := r.seal.seal(k, e)
	if err != nil {
		r.warn.once("seal", "what %s answered is not kept: %v", k.Provider, err)
		return
	}
	_ = r.call(ctx, func() error {
		return putScript().Run(ctx, r.client, []string{r.key(k), redisIndex}, sealed, left.Milliseconds()+1,
			e.At.UnixMilli(), now.Add(-r.opts.Keep).UnixMilli(), r.opts.MaxSize, r.opts.Keep.Milliseconds()+1).Err()
	})
}

// putScript keeps an entry, forgets expired ones and lets the oldest of too many go.
func putScript() *redis.Script {
	return redis.NewScript(`
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
redis.call('ZADD', KEYS[2], ARGV[3], KEYS[1])
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', '(' .. ARGV[4])
local most = tonumber(ARGV[5])
local over = redis.call('ZCARD', KEYS[2]) - most
if most > 0 and over > 0 then
	for _, key in ipairs(redis.call('ZPOPMIN', KEYS[2], over)) do
		redis.call('DEL', key)
	end
end
redis.call('PEXPIRE', KEYS[2], ARGV[6])
return 1`)
}

// call talks to the server, unless it did not answer lately. A miss is redis.Nil.
func (r *remote) call(ctx context.Context, do func() error) error {
	if !r.broken.allows() {
		return errDown
	}
	err := do()
	_, answered := errors.AsType[redis.Error](err)
	switch {
	case err == nil, errors.Is(err, redis.Nil):
		r.broken.mend()
	case ended(ctx): // the caller gave up, which says nothing of the server
	case answered:
		r.broken.mend()
		r.warn.once("reply", "%s refuses, so it is done without: %s", r.place, r.scrub(err))
	default:
		r.broken.trip()
		r.warn.once("down", "%s does not answer, so it is done without for now: %s", r.place, r.scrub(err))
	}
	return err
}

// ended says whether a context's time is over. A connection notices its deadline a moment before the context does.
func ended(ctx context.Context) bool {
	deadline, ok := ctx.Deadline()
	return ctx.Err() != nil || ok && !time.Now().Before(deadline)
}

// errDown says that the server was not even asked.
var errDown = errors.New("it did not answer a moment ago")

// scrub is the text of an error without what nobody may see.
func (r *remote) scrub(err error) string {
	text := err.Error()
	for _, secret := range r.secrets {
		if secret != "" {
			text = strings.ReplaceAll(text, secret, "****")
		}
	}
	return text
}

func (r *remote) Lock(ctx context.Context, k Key) func() {
	wait, cancel := context.WithTimeout(ctx, r.opts.LockWait)
	defer cancel()
	leave, ok := r.locks.lock(wait, k)
	if !ok {
		return leave
	}
	key, token := redisLock+k.name(), newToken()
	if !r.hold(wait, key, token) {
		return leave
	}
	holding, stop := context.WithCancel(context.WithoutCancel(ctx))
	go r.renew(holding, key, token)
	return sync.OnceFunc(func() {
		stop()
		r.release(context.WithoutCancel(ctx), key, token)
		leave()
	})
}

// renew keeps a lock until ctx or the store ends, or it is lost.
func (r *remote) renew(ctx context.Context, key, token string) {
	ticks := time.NewTicker(redisRenew)
	defer ticks.Stop()
	for {
		select {
		case <-ticks.C:
		case <-ctx.Done():
			return
		case <-r.closed:
			return
		}
		if held, err := r.ifHeld(ctx, `return redis.call('PEXPIRE', KEYS[1], ARGV[2])`, key, token); err == nil && !held {
			return
		}
	}
}

// hold waits for a lock.
func (r *remote) hold(ctx context.Context, key, token string) bool {
	for delay := firstLook; ; delay = min(2*delay, lastLook) {
		err := r.call(ctx, func() error {
			return r.client.SetArgs(ctx, key, token, redis.SetArgs{Mode: "NX", TTL: redisLease}).Err()
		})
		if !errors.Is(err, redis.Nil) {
			return err == nil
		}
		if retry.Sleep(ctx, delay) != nil {
			return false
		}
	}
}

// release removes a lock if it is still ours: it may have expired and be another's by now.
func (r *remote) release(ctx context.Context, key, token string) {
	_, _ = r.ifHeld(ctx, `return redis.call('DEL', KEYS[1])`, key, token)
}

// ifHeld does something to a lock, and reports whether it is ours still.
func (r *remote) ifHeld(ctx context.Context, do, key, token string) (held bool, err error) {
	err = r.call(ctx, func() error {
		held, err = redis.NewScript(`if redis.call('GET', KEYS[1]) == ARGV[1] then `+do+` end return 0`).
			Run(ctx, r.client, []string{key}, token, redisLease.Milliseconds()).Bool()
		return err
	})
	return held, err
}

func (r *remote) Status(ctx context.Context) (Status, error) {
	t := newTally(Redis, r.place)
	index, err := r.client.ZRangeWithScores(ctx, redisIndex, 0, -1).Result()
	if err != nil {
		return t.status(), r.failure(err)
	}
	sizes := make([]*redis.IntCmd, len(index))
	_, err = r.client.Pipelined(ctx, func(p redis.Pipeliner) error {
		for i, z := range index {
			sizes[i] = p.StrLen(ctx, z.Member.(string))
		}
		return nil
	})
	if err != nil {
		return t.status(), r.failure(err)
	}
	for i, z := range index {
		if size := sizes[i].Val(); size > 0 { // else it expired or was evicted
			t.add(providerOf(z.Member.(string)), time.UnixMilli(int64(z.Score)).UTC(), size)
		}
	}
	return t.status(), nil
}

// providerOf returns the provider that an entry's key names.
func providerOf(key string) string {
	rest := strings.TrimPrefix(key, redisEntry)
	return rest[:max(0, strings.LastIndexByte(rest, ':'))]
}

// Clear looks for every entry, not only for those that the index knows.
func (r *remote) Clear(ctx context.Context) (int, error) {
	removed := 0
	found := r.client.Scan(ctx, 0, redisEntry+"*", 1000).Iterator()
	for found.Next(ctx) {
		n, err := r.client.Unlink(ctx, found.Val()).Result()
		if err != nil {
			return removed, r.failure(err)
		}
		removed += int(n)
	}
	if err := found.Err(); err != nil {
		return removed, r.failure(err)
	}
	if err := r.client.Del(ctx, redisIndex).Err(); err != nil {
		return removed, r.failure(err)
	}
	return removed, nil
}

func (r *remote) failure(err error) error {
	return fmt.Errorf("cache: %s: %s", r.place, r.scrub(err))
}
