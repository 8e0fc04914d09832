package vastai

import (
	"context"
	"net/url"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/httpx"
	"github.com/adsops/cloudtop/pkg/loose"
)

// outcome begins every answer; some say with status 200 that they failed.
type outcome struct {
	Success flag `json:"success"`
	Msg     word `json:"msg"`
}

// complete returns an error where an answer says that it failed, or lacks what was asked for.
func (o *outcome) complete(op string, found bool) error {
	if found && (o.Success.Value || !o.Success.Known) {
		return nil
	}
	detail := string(o.Msg)
	if detail == "" {
		detail = "the answer lacks what was asked for"
	}
	return malformed(op, detail)
}

func malformed(op, detail string) error {
	return &cloud.Error{Kind: cloud.KindResponse, Op: name + ": " + op, Detail: detail}
}

// page is one answer of a list that is read by keyset: next_token is null on the last one.
type page[E any] struct {
	Next word `json:"next_token"`
	outcome
	Instances loose.List[E] `json:"instances"`
	Results   loose.List[E] `json:"results"`
}

// elements returns the list, which the API names by endpoint.
func (p *page[E]) elements() *loose.List[E] {
	if p.Instances.Told {
		return &p.Instances
	}
	return &p.Results
}

// eachPage reads page by page and gives each to use, until use has enough. A token that comes twice would never end
// and is an error.
func eachPage[E any](ctx context.Context, api *httpx.API, op, path string, q url.Values, use func(*loose.List[E]) bool) error {
	seen := map[word]bool{}
	for {
		var p page[E]
		if _, err := api.Get(ctx, op, path, q, &p); err != nil {
			return err
		}
		all := p.elements()
		if err := p.complete(op, all.Told); err != nil {
			return err
		}
		if !use(all) || p.Next == "" {
			return nil
		}
		if seen[p.Next] {
			return malformed(op, "the list does not end: a page came twice")
		}
		seen[p.Next] = true
		q.Set("after_token", string(p.Next))
	}
}
