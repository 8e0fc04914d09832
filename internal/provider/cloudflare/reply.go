package cloudflare

import (
	"encoding/json"
	"fmt"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/pkg/loose"
)

// reply is the answer to a query over one account. It is read as a stream: an answer may have 10,000 rows for each of
// twenty aliases, of which little is kept.
type reply struct {
	found    bool               // the answer has the account
	groups   map[string]*groups // by alias
	failed   map[string]error   // by alias
	settings settings
	errors   loose.List[apiError]

	newest map[string]bool // the aliases of which the newest rows alone are kept
}

func newReply(todo *plan) *reply {
	r := &reply{groups: map[string]*groups{}, failed: map[string]error{}, newest: map[string]bool{}}
	for i := range todo.nodes {
		r.newest[todo.nodes[i].alias] = todo.nodes[i].span == lastDay
	}
	return r
}

// read reads the whole answer: {"data":{"viewer":{"accounts":[{alias: [row, ...], ...}]}},"errors":[...]}.
func (r *reply) read(from *json.Decoder) error {
	return loose.Members(from, func(name string) error {
		switch name {
		case "data":
			return within(from, "viewer", func() error {
				return within(from, "accounts", func() error { return r.accounts(from) })
			})
		case "errors":
			return from.Decode(&r.errors)
		}
		return loose.Skip(from)
	})
}

// accounts reads the first account, which is the one that was asked for.
func (r *reply) accounts(from *json.Decoder) error {
	return loose.Elements(from, func() error {
		if r.found {
			return loose.Skip(from)
		}
		r.found = true
		return loose.Members(from, func(alias string) error {
			if alias == "settings" {
				return from.Decode(&r.settings)
			}
			return r.take(alias, from)
		})
	})
}

// take reads the rows of one alias. Null are none, and what is no list is the alias's own failure.
func (r *reply) take(alias string, from *json.Decoder) error {
	t, err := from.Token()
	switch t {
	case nil:
		return err
	case json.Delim('['):
	default:
		r.failed[alias] = response("query analytics", "%s: a list is expected, and the answer has something else", alias)
		return rest(from, t)
	}
	g := &groups{newestOnly: r.newest[alias]}
	r.groups[alias] = g
	for from.More() {
		if err := g.take(from); err != nil {
			return err
		}
	}
	_, err = from.Token()
	return err
}

// lost says how many rows of an alias could not be read, nil where all could.
func (g *groups) lost() error {
	if g.odd == 0 {
		return nil
	}
	return cloud.Partial(name+": query analytics", fmt.Sprintf("%d of %d elements of the answer cannot be read", g.odd, g.elements))
}
