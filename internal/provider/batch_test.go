package provider_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
)

func TestQueriesAreGroupedByServiceAccountAndRegion(t *testing.T) {
	t.Parallel()
	q := func(service, account, region, compartment string) cloud.Query {
		return cloud.Query{Service: service, Scope: cloud.Scope{Account: account, Region: region, Compartment: compartment}}
	}
	got := provider.Groups([]cloud.Query{
		q("vms", "a", "eu", "x"), q("vms", "a", "us", "x"), q("vms", "a", "eu", "y"), q("dbs", "a", "eu", "x"), q("vms", "b", "eu", "x"), q("vms", "a", "us", "y"),
	})
	want := [][]cloud.Query{
		{q("vms", "a", "eu", "x"), q("vms", "a", "eu", "y")}, {q("vms", "a", "us", "x"), q("vms", "a", "us", "y")},
		{q("dbs", "a", "eu", "x")}, {q("vms", "b", "eu", "x")},
	}
	if !slices.EqualFunc(got, want, slices.Equal[[]cloud.Query]) {
		t.Errorf("got %v, want %v", got, want)
	}
	if none := provider.Groups(nil); len(none) != 0 {
		t.Errorf("nothing is grouped as %v", none)
	}
}

func TestABatchIsFoundInItsContextAndSharesOneThing(t *testing.T) {
	t.Parallel()
	if b := provider.BatchFrom(t.Context()); b != nil {
		t.Errorf("a list that is asked for alone is part of %v", b)
	}
	queries := []cloud.Query{{Service: "vms"}, {Service: "dbs"}}
	for round := range 2 { // each has a batch, and a thing, of its own
		ctx := provider.NewBatch(queries).In(t.Context())
		var made int
		var running sync.WaitGroup
		got := make([]any, 8)
		for i := range got {
			running.Go(func() {
				got[i] = provider.BatchFrom(ctx).Shared(func() any {
					made++
					return fmt.Sprint("thing of round ", round)
				})
			})
		}
		running.Wait()
		if slices.ContainsFunc(got, func(v any) bool { return v != fmt.Sprint("thing of round ", round) }) || made != 1 {
			t.Errorf("round %d: got %v, made %d times", round, got, made)
		}
		if asked := provider.BatchFrom(ctx).Queries(); !slices.Equal(asked, queries) {
			t.Errorf("round %d: the queries are %v", round, asked)
		}
	}
}
