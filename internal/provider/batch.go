package provider

import (
	"context"
	"sync"

	"github.com/adsops/cloudtop/internal/cloud"
)

// Batch is what is asked of a driver in one go: queries of one service in one account and region, and what their lists
// need in common. A driver whose lists tell about each other finds it in their context. A new round makes new batches, so
// that nothing in one is older than its round.
type Batch struct {
	queries []cloud.Query
	once    sync.Once
	shared  any
}

// NewBatch returns the batch of these queries.
func NewBatch(queries []cloud.Query) *Batch { return &Batch{queries: queries} }

// Queries returns all that is asked. What a cache answers is not among it.
func (b *Batch) Queries() []cloud.Query { return b.queries }

// Shared returns what its first caller makes for all of the batch.
func (b *Batch) Shared(create func() any) any {
	b.once.Do(func() { b.shared = create() })
	return b.shared
}

type batchKey struct{}

// In returns a context for the lists of the batch.
func (b *Batch) In(ctx context.Context) context.Context { return context.WithValue(ctx, batchKey{}, b) }

// BatchFrom returns the batch that a list is part of, nil where it is asked for alone.
func BatchFrom(ctx context.Context) *Batch {
	b, _ := ctx.Value(batchKey{}).(*Batch)
	return b
}

// Groups returns the queries of each service in each account and region, in their order.
func Groups(queries []cloud.Query) [][]cloud.Query {
	type group struct{ service, account, region string }
	var out [][]cloud.Query
	at := map[group]int{}
	for _, q := range queries {
		g := group{q.Service, q.Scope.Account, q.Scope.Region}
		i, ok := at[g]
		if !ok {
			i = len(out)
			at[g], out = i, append(out, nil)
		}
		out[i] = append(out[i], q)
	}
	return out
}
