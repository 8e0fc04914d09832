// Package cache keeps what units of work read, so that the next look at a cloud need not ask again: in memory for one
// run, in files for the processes of one machine, in Redis for several machines. What is kept is what a user may see
// anyway: a Key names the credential only by a fingerprint. Simulated data belongs in memory alone; that is up to
// the caller.
package cache

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
)

// The backends by the names that Options.Backend takes.
const (
	Memory = "memory"
	File   = "file"
	Redis  = "redis"
)

// Defaults of Options.
const (
	defaultKeep     = 24 * time.Hour
	defaultLockWait = 15 * time.Second
)

// clockSkew is how far ahead another machine's clock may be: an entry from further in the future is not trusted to
// be fresh.
const clockSkew = time.Minute

// Entry is what one unit of work read. Times come back from files and Redis in UTC.
type Entry struct {
	At    time.Time     // when it was read, by the wall clock
	TTL   time.Duration // how long it is fresh
	Calls int           // what reading it took
	Took  time.Duration
	Gaps  string // what the provider said was missing; empty = complete

	Scopes    []cloud.Scope
	Resources []*cloud.Resource
	Samples   map[string][]cloud.Metric // by Ref.ID
	Quotes    map[string]*cloud.Price   // by Ref.ID; never nil
	Offers    []cloud.Offer
	Markets   []cloud.Market
	Costs     []cloud.Cost
}

// Fresh says whether the entry is still good at now.
func (e *Entry) Fresh(now time.Time) bool {
	age := now.Sub(e.At)
	return age >= -clockSkew && age < e.TTL
}

// Key names an entry. Any part may hold any text; keys that differ in any part name different entries.
type Key struct {
	Provider    string
	Credential  string // a fingerprint of the credential, never a secret
	Account     string
	Region      string
	Compartment string
	Service     string
	Capability  string
	Detail      string // what else the answer depends on, such as the hash of a query
}

func (k *Key) parts() [8]*string {
	return [...]*string{
		&k.Provider, &k.Credential, &k.Account, &k.Region, &k.Compartment, &k.Service, &k.Capability, &k.Detail,
	}
}

// name is the key as a short name for files and Redis: 32 hexadecimal digits. Every part counts with its length, so
// that text cannot move from one to the next unnoticed.
func (k Key) name() string {
	var text []byte
	for _, part := range k.parts() {
		text = binary.AppendUvarint(text, uint64(len(*part)))
		text = append(text, *part...)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:nameLen/2])
}

// nameLen is the length of Key.name: half of a SHA-256.
const nameLen = 32

// Store is a backend. It is safe for concurrent use. Entries are shared: never change one that Get returned or that
// Put was given.
//
// A store never fails its caller's work: trouble is told once per kind to Options.Warn, and is a miss.
type Store interface {
	// Get returns the entry of k, fresh or stale; false is a miss.
	Get(ctx context.Context, k Key) (*Entry, bool)

	// Put keeps e as the entry of k in place of an earlier one.
	Put(ctx context.Context, k Key, e *Entry)

	// Lock makes concurrent identical work happen once, across processes where the backend allows. It waits until
	// nobody else holds k's lock, ctx ends, or Options.LockWait has passed, and returns what releases it, which must
	// be called, and may be more than once. The holder then looks again with Get.
	Lock(ctx context.Context, k Key) (release func())

	// Status describes what is kept. It fails where the place cannot be read.
	Status(ctx context.Context) (Status, error)

	// Clear removes every entry and says how many there were.
	Clear(ctx context.Context) (removed int, err error)

	// Close frees what the store holds. The store must not be used afterwards.
	Close() error
}

// Status is what a store keeps.
type Status struct {
	Backend   string
	Place     string // a folder, or a server's address without credentials; empty for memory
	Total     Share
	Providers []Share // in the order of their names
	Broken    int     // entries that cannot be read; they are misses until they are replaced
}

// Share is what a store keeps of one provider, or of all.
type Share struct {
	Provider       string
	Entries        int
	Bytes          int64     // as stored; -1 = not measured, as in memory
	Oldest, Newest time.Time // zero where there are no entries
}

// Options say where entries are kept, and how many for how long.
type Options struct {
	Backend  string           // Memory, File or Redis
	MaxSize  int              // most entries; the oldest make room, in memory the least used; 0 = no bound
	Dir      string           // the folder of File, made when it is first needed
	RedisURL string           // redis://, rediss:// (TLS) or unix://; may hold a password, which is never printed
	Keep     time.Duration    // how long entries stay after they were read, fresh or not; 0 = a day
	LockWait time.Duration    // the longest that Lock waits; 0 = 15 seconds
	Warn     func(string)     // is told of trouble, once per kind; nil = nobody
	Now      func() time.Time // nil = time.Now
}

// Open returns the store that o describes. It fails only on options that can never work: a folder that cannot be
// written or a server that does not answer is a warning when it is used.
func Open(o Options) (Store, error) {
	if o.Keep <= 0 {
		o.Keep = defaultKeep
	}
	if o.LockWait <= 0 {
		o.LockWait = defaultLockWait
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	switch o.Backend {
	case Memory:
		return openMemory(o)
	case File:
		if o.Dir == "" {
			return nil, errors.New("cache: the file backend needs a folder")
		}
		return openFile(o)
	case Redis:
		return openRedis(o)
	}
	return nil, fmt.Errorf("cache: unknown backend %q: expected %s, %s or %s", o.Backend, Memory, File, Redis)
}

// expired says whether an entry that was read at has been kept long enough, or comes from an impossible future.
func (o *Options) expired(at, now time.Time) bool {
	age := now.Sub(at)
	return age >= o.Keep || age <= -o.Keep
}
