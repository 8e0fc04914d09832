// Package redisstore keeps the accounts of shared limits in Redis, for the processes of several machines: one key for
// each account, which expires when it says nothing any more. The server's clock counts.
package redisstore

import (
	"context"
	_ "embed" // the script
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"

	"github.com/adsops/cloudtop/pkg/ratelimit"
)

const (
	timeout = 200 * time.Millisecond // of each step; a store must be quick or it is no use
	page    = 1000                   // keys looked at in one step of a scan
)

//go:embed exchange.lua
var exchange string

// Store is a ratelimit.Store in Redis. It is safe for many processes at once. What cannot be read as an account is a new
// one.
type Store struct {
	client *redis.Client
	script *redis.Script
	prefix string
}

// Open returns the store whose keys begin with prefix, on the server at url: redis://, rediss:// (TLS) or unix://. It
// makes no call. No error shows the url, which may hold a password.
func Open(url, prefix string) (*Store, error) {
	o, err := redis.ParseURL(url)
	if err != nil {
		return nil, errors.New("shared limits: the address of the Redis server is not one like redis://user:password@host:6379/0")
	}
	o.DialTimeout, o.ReadTimeout, o.WriteTimeout, o.ContextTimeoutEnabled = timeout, timeout, timeout, true
	o.MaxRetries, o.DialerRetries, o.DisableIdentity = -1, 1, true
	o.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	redis.SetLogger(silent{}) // what goes wrong is returned; the library would print it as well
	return &Store{client: redis.NewClient(o), script: redis.NewScript(exchange), prefix: prefix}, nil
}

// silent is a logger of go-redis that says nothing.
type silent struct{}

// Printf implements go-redis's interface.
func (silent) Printf(context.Context, string, ...any) {}

// Close closes the connections.
func (s *Store) Close() error { return s.client.Close() }

// Exchange implements ratelimit.Store.
func (s *Store) Exchange(ctx context.Context, key string, ask ratelimit.Ask) (ratelimit.Grant, error) {
	got, err := s.script.Run(ctx, s.client, []string{s.prefix + key}, arguments(ask)...).Int64Slice()
	if err == nil && len(got) != 4 {
		err = fmt.Errorf("the script returned %d numbers", len(got))
	}
	if err != nil {
		return ratelimit.Grant{}, fmt.Errorf("shared limits: redis: %w", err)
	}
	return ratelimit.Grant{
		N: int(got[0]), Life: time.Duration(got[1]) * time.Microsecond,
		Stamp: got[2], Wait: time.Duration(got[3]) * time.Microsecond,
	}, nil
}

// arguments are those that the script expects.
func arguments(ask ratelimit.Ask) []any {
	heard := make([]any, 5)
	for i := range heard {
		heard[i] = 0
	}
	if h := ask.Heard; h != nil {
		heard = []any{1, h.Remaining, micros(h.Reset), micros(h.Ago), h.Binding}
	}
	args := append([]any{ask.Want, ask.Unused, ask.Stamp, micros(ask.Pause)}, heard...)
	args = append(args, len(ask.Rules))
	for _, r := range ask.Rules {
		args = append(args, r.Interval.Nanoseconds(), r.Burst, r.Events, micros(r.Per))
	}
	return args
}

// micros returns the whole microseconds of d, rounded up.
func micros(d time.Duration) int64 { return int64((d + time.Microsecond - 1) / time.Microsecond) }

// Accounts implements ratelimit.Store.
func (s *Store) Accounts(ctx context.Context, prefix string) (map[string]ratelimit.State, error) {
	now, err := s.client.Time(ctx).Result()
	if err != nil {
		return nil, fmt.Errorf("shared limits: redis: %w", err)
	}
	all := map[string]ratelimit.State{}
	found := s.client.Scan(ctx, 0, escape(s.prefix+prefix)+"*", page).Iterator()
	for found.Next(ctx) {
		text, err := s.client.Get(ctx, found.Val()).Bytes()
		if errors.Is(err, redis.Nil) {
			continue // it has just expired
		}
		if err != nil {
			return nil, fmt.Errorf("shared limits: redis: %w", err)
		}
		var a ratelimit.Account
		if a.UnmarshalText(text) == nil {
			all[strings.TrimPrefix(found.Val(), s.prefix)] = a.State(now)
		}
	}
	if err := found.Err(); err != nil {
		return nil, fmt.Errorf("shared limits: redis: %w", err)
	}
	return all, nil
}

// escape returns a pattern that matches s alone.
func escape(s string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(s)
}
